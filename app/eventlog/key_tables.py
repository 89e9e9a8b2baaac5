"""The tables of the key store: names for client ids, and the keys behind the names.

They are the only way from a person to their events, so they have backups of their own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table

from projections.schema import NAMES

key_store = MetaData(naming_convention=NAMES)

pseudonyms = Table(
    "pseudonyms",
    key_store,
    Column("site", String(64), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("pseudonym", String(32), nullable=False),
    Index(None, "site", "pseudonym"),
    sqlite_with_rowid=False,
)

shopper_keys = Table(
    "shopper_keys",
    key_store,
    Column("site", String(64), primary_key=True),
    Column("pseudonym", String(32), primary_key=True),
    Column("key", LargeBinary(32)),
    Column("destroyed_at", BigInteger),
    sqlite_with_rowid=False,
)

destructions = Table(
    "destructions",
    key_store,
    Column("site", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""How often keys of a site were destroyed: a process that sees it moved forgets what it knows."""
