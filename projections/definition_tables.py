"""The tables of definitions and revisions (docs/adr/0007): written with the events."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from projections.schema import log_store

definitions = Table(
    "definitions",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("key", String(64)),
    Column("stream_version", Integer, nullable=False),
    Column("saved", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("live_version", Integer),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("paused", Boolean, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", String(64), nullable=False),
    Index(None, "site", "kind", "key", unique=True),
)
"""Every definition as it is now; deleted ones keep their row, so that no id is given twice."""

definition_versions = Table(
    "definition_versions",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("saved_at", BigInteger, nullable=False),
    Column("saved_by", String(64), nullable=False),
)

definition_bodies = Table(
    "definition_bodies",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)
"""Bodies by their digest, each once."""

revisions = Table(
    "revisions",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("note", Text),
    Column("actor", String(64), nullable=False),
)

revision_entries = Table(
    "revision_entries",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("from_revision", Integer, primary_key=True),
    Column("to_revision", Integer),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("key", String(64)),
    Column("paused", Boolean, nullable=False),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Index(None, "site", "to_revision", "from_revision"),
)
"""Each entry with the revisions for which it holds: r is from <= r < to; no `to` is until now."""
