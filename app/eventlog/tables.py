"""The tables of the log itself. Alembic owns them; the other tables of `log_store` are projections.

`events` holds what happened, `event_keys` that it happened once (apart, so that `events` can be
partitioned later), `log_heads` the end of each site's log and its lock, and the position of its
last erasure: whoever holds the lock knows whether somebody was forgotten since.
"""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import SmallInteger
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from projections.schema import log_store

events = Table(
    "events",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream_id", LargeBinary(16), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("shopper_id", String(32)),
    Column("occurred_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
Index(
    None,
    events.c.site,
    events.c.shopper_id,
    events.c.position,
    sqlite_where=events.c.shopper_id.is_not(None),
    postgresql_where=events.c.shopper_id.is_not(None),
)

event_keys = Table(
    "event_keys",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("stream_id", LargeBinary(16), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

log_heads = Table(
    "log_heads",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("erased_position", BigInteger, nullable=False, server_default="0"),
)

counters = Table(
    "counters",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("used", BigInteger, nullable=False),
    Column("most", BigInteger),
    CheckConstraint("most IS NULL OR used <= most", name="within_limit"),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("scope", String(64), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("log_position", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("about", Text, nullable=False, server_default=""),
    Index(None, "site", "expires_at"),
)
