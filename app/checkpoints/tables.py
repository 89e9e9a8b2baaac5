"""The tables of checkpoints: only ever inserted into.

`merkle_nodes` holds a hash for each 256 events (level 1), for each 256 of those (level 2), and so
on: 33 MB at a thousand million events. Lower nodes are made from the events' own hashes.
`checkpoints` holds the signed texts; everything else about one is read from its text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import LargeBinary
from sqlalchemy import SmallInteger
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from projections.schema import log_store

WIDTH = 256

merkle_nodes = Table(
    "merkle_nodes",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "checkpoints",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    sqlite_with_rowid=False,
)
