"""The decision index: finds a recorded decision again by what it was about.

A decision's event names no `shopper_id` (it would lengthen the tail that the next answer reads), so
its pseudonyms are found here, like the rules that applied, the coupons and the blocks it named.
The decision itself stays in the log, at `position`. What follows a decision without a shopper of
its own, the turn of a slot, a reservation, a redemption, is mentioned by customer, decision, order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import literal_column
from sqlalchemy import select

from aggregates import redemption
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.forgetting import rows_of
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_keep
from projections.upserts import insert_or_replace

SHOPPER = "shopper"
RULE = "rule"
TURN = "turn"  # by shopper, apart from the few uses that name one
DECISION = "decision"
ORDER = "order"
COUPON = "coupon"  # casefolded: a code is the same in capitals
_OF_PERSONS: list[ColumnElement[str]] = [literal_column(f"'{what}'") for what in (SHOPPER, TURN)]
NAME_LENGTH_MAX = 256  # of what was asked; PostgreSQL refuses index entries over 2,704 bytes

_DECIDED = "DecisionRecorded"
_TURNED = "SlotTurned"

decisions = Table(
    "decisions",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("decision_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("engine", String(16), nullable=False),
    Index(None, "site", "decision_id"),
    sqlite_with_rowid=False,
)
decision_mentions = Table(
    "decision_mentions",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("name", String(NAME_LENGTH_MAX), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class IndexedDecision:
    """Where a decision stands, and its outer facts. The fields are the columns."""

    position: int
    decision_id: str
    kind: str
    revision: int
    decided_at: int
    engine: str


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """What to find: all that is given must hold. A person is a set of pseudonyms."""

    kind: str | None = None
    rule_id: str | None = None
    coupon: str | None = None
    person: frozenset[str] | None = None
    decision_ids: frozenset[str] | None = None
    from_at: int | None = None
    to_at: int | None = None


def find(connection: Connection, site: SiteId, decision_id: str) -> IndexedDecision | None:
    """One decision by its id, if it is indexed already."""
    row = connection.execute(
        select(*_COLUMNS).where(decisions.c.site == site, decisions.c.decision_id == decision_id)
    ).first()
    return None if row is None else IndexedDecision(*row)


def listed(
    connection: Connection,
    site: SiteId,
    wanted: DecisionFilter,
    limit: int,
    before: int | None = None,
) -> list[IndexedDecision]:
    """The newest decisions that fit, or those before a position."""
    c = decisions.c
    query = select(*_COLUMNS).where(c.site == site)
    if wanted.kind is not None:
        query = query.where(c.kind == wanted.kind)
    if wanted.decision_ids is not None:
        query = query.where(c.decision_id.in_(sorted(wanted.decision_ids)))
    if wanted.from_at is not None:
        query = query.where(c.decided_at >= wanted.from_at)
    if wanted.to_at is not None:
        query = query.where(c.decided_at < wanted.to_at)
    if before is not None:
        query = query.where(c.position < before)
    for what, names in _named(wanted):
        m = decision_mentions.c
        mentioning = select(m.position).where(m.site == site, m.what == what, m.name.in_(names))
        query = query.where(c.position.in_(mentioning))
    rows = connection.execute(query.order_by(c.position.desc()).limit(limit))
    return [IndexedDecision(*row) for row in rows]


class DecisionsIndex:
    """The followed projection."""

    name = "decisions_index"
    version = 2
    topics = frozenset({_DECIDED, _TURNED}) | redemption.TOPICS
    unseals: frozenset[str] = frozenset()
    tables = (decisions, decision_mentions)
    forgets = (rows_of(decision_mentions.c.name, decision_mentions.c.what.in_(_OF_PERSONS)),)
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """A row for each decision, and for each thing that an event mentions."""
        dialect = connection.dialect.name
        mentions = [
            {"site": site, "what": what, "name": name, "position": event.position}
            for event in events
            for what, name in sorted(_mentions(event))
        ]
        rows = [_row(site, event) for event in events if event.topic == _DECIDED]
        writes = [Write(insert_or_replace(dialect, decisions), rows)] if rows else []
        if mentions:
            writes.append(Write(insert_or_keep(dialect, decision_mentions), mentions))
        return writes


_COLUMNS = (
    decisions.c.position,
    decisions.c.decision_id,
    decisions.c.kind,
    decisions.c.revision,
    decisions.c.decided_at,
    decisions.c.engine,
)


def _named(wanted: DecisionFilter) -> list[tuple[str, list[str]]]:
    named = [(RULE, [wanted.rule_id])] if wanted.rule_id is not None else []
    if wanted.coupon is not None:
        named.append((COUPON, [_code(wanted.coupon)]))
    if wanted.person is not None:
        named.append((SHOPPER, sorted(wanted.person)))
    return named


def _mentions(event: RecordedEvent) -> set[tuple[str, str]]:
    data = event.data
    if event.topic == _DECIDED:
        return _of_decision(data)
    if event.topic == _TURNED:
        return {(TURN, data["shopper"])}
    named = {SHOPPER: "customer", DECISION: "decision_id", ORDER: "order"}
    return {(what, data[field]) for what, field in named.items() if data.get(field)}


def _of_decision(data: dict[str, Any]) -> set[tuple[str, str]]:
    """Shoppers, applied rules, rankings and units, all codes asked for that exist. Rules of a cart
    are `[id, parts, ..]`, those of other kinds are ids (rulesets/outcome.py)."""
    shoppers = {(SHOPPER, name) for name in data.get("shoppers") or ()}
    outcome = data["outcome"]
    rules = {(RULE, r if isinstance(r, str) else r[0]) for r in outcome.get("rules") or ()}
    coupons = {(COUPON, _code(code)) for code, _ in outcome.get("coupons") or () if code}
    rankings = {(RULE, outcome[name]) for name in ("ranking", "manual") if outcome.get(name)}
    units = {(RULE, unit[0]) for unit in outcome.get("units") or ()}
    return shoppers | rules | coupons | rankings | units


def _code(coupon: str) -> str:
    return coupon.casefold()[:NAME_LENGTH_MAX]


def _row(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    data = event.data
    return {
        "site": site,
        "position": event.position,
        "decision_id": data["decision_id"],
        "kind": data["kind"],
        "revision": data["revision"],
        "decided_at": data["decided_at"],
        "engine": data["engine"],
    }
