"""All that is held on a person, as JSON objects: who they are here and what is known of them now,
every row that names them, every event that is of, for or about them with its sealed part opened,
every decision with its answer, every id that they came by.

Rows come from the registry of places, so a new table is exported as soon as it is registered, which
a test asks for. Events are looked for in the whole log, not by an index: nothing that names one of
the pseudonyms is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

import orjson
from sqlalchemy import or_
from sqlalchemy import select

from aggregates import redemption
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import RecordedEvent
from app.erasure.erase import everybody
from app.erasure.places import TABLES
from app.erasure.places import Place
from decisions.answer import answer
from decisions.as_of import as_of
from decisions.explain import readable
from decisions.known import known
from decisions.persons import Person
from decisions.persons import person_at
from decisions.record import TOPIC as DECIDED
from decisions.record import from_event
from decisions.replay import remade
from migrations.tables import metadata

if TYPE_CHECKING:
    from app.wiring import Services

Json = dict[str, Any]
_PAGE = 1_000
_IDS = {"user_id": "customer", "anonymous_id": "anonymous"}
_ASKED = {"customer_id": "customer", "anonymous_id": "anonymous"}


@dataclass(slots=True)
class _Found:
    """What the log told so far: ids of the person, their orders, their decisions."""

    ids: set[tuple[str, str]] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)

    def is_about(self, event: RecordedEvent) -> bool:
        """Whether an event that names nobody is about an order or a decision of the person."""
        data = event.data
        return data.get("order") in self.orders or data.get("decision_id") in self.decisions

    def note(self, event: RecordedEvent) -> None:
        """Learns from an opened event of the person."""
        data = event.data
        self.ids |= {(kind, data[name]) for name, kind in _IDS.items() if name in data}
        asked = (data.get("request") or {}).get("shopper") or {}
        self.ids |= {(kind, asked[name]) for name, kind in _ASKED.items() if name in asked}
        if "order" in data:
            self.orders.add(data["order"])
        if "decision_id" in data:
            self.decisions.add(data["decision_id"])


def export(services: Services, site: SiteId, name: str) -> Iterator[bytes]:
    """The objects as NDJSON, the person first; memory holds a page of the log. NotFound
    `person_unknown`; Erased `person_erased`: both before the first line."""
    head = services.log.head(site).position
    whose = person_at(services.means, site, name, head)
    with services.stores.log.connect() as connection:
        names = everybody(connection, site, whose.id)
    objects = _exported(services, site, whose, names)
    return (orjson.dumps(readable(one), option=orjson.OPT_APPEND_NEWLINE) for one in objects)


def _exported(
    services: Services, site: SiteId, whose: Person, names: frozenset[Pseudonym]
) -> Iterator[Json]:
    then = as_of(services.log, services.clock, site, None)
    yield {"kind": "person", "site": site, **known(services.means, site, whose, then)}
    for place in TABLES:
        if place.person and place.shown:
            yield from _rows(services, site, place, names)
    found = _Found()
    for event in _events(services, site, names, then.position, found):
        yield _told(services, site, event)
    yield {"kind": "ids", "ids": [{"kind": kind, "id": value} for kind, value in sorted(found.ids)]}


def _rows(
    services: Services, site: SiteId, place: Place, names: frozenset[Pseudonym]
) -> Iterator[Json]:
    table = metadata(place.store).tables[place.table]
    shown = [column for column in table.columns if column.name not in place.sealed]
    about = or_(*(table.c[name].in_(sorted(names)) for name in place.person))
    query = select(*shown).where(table.c.site == site, about)
    with services.stores.engines()[place.store].connect() as connection:
        for row in connection.execute(query.order_by(*table.primary_key)):
            columns = {str(name): value for name, value in row._mapping.items()}
            yield {"kind": "row", "table": place.table, "row": columns}


def _events(
    services: Services, site: SiteId, names: frozenset[Pseudonym], head: int, found: _Found
) -> Iterator[RecordedEvent]:
    """In the order of the log; a cart of nobody before the redemption that tells whose it was."""
    log, after = services.log, 0
    naming = re.compile("|".join(sorted(names)).encode())
    while page := log.reads.page(site, after, head, _PAGE):
        after = page[-1][1]
        rows = [
            row
            for row in page
            if row[5] in names or naming.search(row[8]) or row[4] in redemption.TOPICS
        ]
        for event in log.codec.decode(rows, unseal=True):
            told = orjson.dumps(event.data, default=str)
            named = event.shopper_id in names or event.key in names or naming.search(told)
            if not (named or found.is_about(event)):
                continue
            if event.topic == redemption.REDEEMED:
                decision = event.data["decision_id"]
                if decision not in found.decisions:
                    stream = stream_id(site, "decision", decision)
                    yield from log.read_stream(site, stream, unseal=True)
            found.note(event)
            yield event


def _told(services: Services, site: SiteId, event: RecordedEvent) -> Json:
    told: Json = {
        "kind": "event",
        "log_position": event.position,
        "topic": event.topic,
        "occurred_at": format_moment(event.occurred_at),
        "recorded_at": format_moment(event.recorded_at),
        "erased": event.erased,
        "data": event.data,
    }
    if event.topic == DECIDED and not event.erased:
        made = remade(services.means, site, from_event(event), event.position)
        told["answer"] = answer(made, audit=True)
    return told
