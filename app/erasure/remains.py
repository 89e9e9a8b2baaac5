"""What is left of a person when the log says they are forgotten, and how it goes.

Everything here may be done again, and in any order.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Erased as ErasedError
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.redemption import REDEEMED
from app.edge.problems import MEDIA_TYPE
from app.edge.problems import body_of
from app.eventlog.sealing import keys_of
from app.eventlog.tables import idempotency_keys
from app.eventlog.tables import log_heads
from projections import orders
from projections.erased_shoppers import Erased
from projections.followed import followed
from projections.forgetting import forgotten
from projections.rebuilds import beside

if TYPE_CHECKING:
    from app.wiring import Services

_PAGE = 500


def clear(services: Services, site: SiteId, begun: Erased, *, everywhere: bool = False) -> None:
    """Keys, rows and kept answers. `everywhere`: also what only the whole log tells of: carts that
    were asked without a shopper and redeemed for this one, whose order nobody told."""
    names = begun.pseudonyms
    told = _orders(services, site, names)
    redeemed = _redeemed_for(services, site, names) if everywhere else []
    carts = [*_decisions_of_orders(services, site, told), *redeemed]
    nobodies = _nobodies(services, site, carts)
    services.keys.destroy(site, names | nobodies, begun.erased_at)
    _rows(services, site, names)
    _answers(services, site, {*names, *told}, begun.erased_at)


def _rows(services: Services, site: SiteId, names: Collection[Pseudonym]) -> None:
    """Followed rows, also those of a rebuild that waits for a follower."""
    writing = services.stores.read.execution_options(writing=True)
    with writing.begin() as connection:
        for projection in followed():
            for of in (site, beside(site)):
                for write in forgotten(projection.forgets, of, names):
                    connection.execute(write.statement, write.rows)


def _orders(services: Services, site: SiteId, names: Collection[Pseudonym]) -> set[str]:
    """The orders that are told of the person, by what stands for their numbers."""
    events = services.log.read_shopper(site, sorted(names), 0, topics=orders.TOPICS)
    return {event.data["order"] for event in events if event.data.get("trust") == "server"}


def _decisions_of_orders(services: Services, site: SiteId, told: Iterable[str]) -> list[str]:
    return [
        event.data["decision_id"]
        for order in sorted(told)
        for event in services.log.read_stream(site, stream_id(site, "redemption", order))
        if event.topic == REDEEMED
    ]


def _redeemed_for(services: Services, site: SiteId, names: Collection[Pseudonym]) -> list[str]:
    """The decisions that were redeemed for one of these customers, in all of the log."""
    found: list[str] = []
    after = 0
    while page := services.log.read(site, after, _PAGE, topics={REDEEMED}):
        found += [e.data["decision_id"] for e in page if e.data["customer"] in names]
        after = page[-1].position
    return found


def _nobodies(services: Services, site: SiteId, decisions: Iterable[str]) -> set[Pseudonym]:
    """The keys of those of these decisions that were asked without a shopper."""
    found = set()
    for decision in decisions:
        for event in services.log.read_stream(site, stream_id(site, "decision", decision)):
            if event.key is not None and not event.data["shoppers"]:
                found.add(event.key)
    return found


def _answers(services: Services, site: SiteId, about: Collection[str], erased_at: int) -> None:
    """Answers that are kept for a repeat say from now on that their person was forgotten."""
    moment = format_moment(erased_at)
    error = ErasedError("answer_erased", "who this answered about was forgotten", erased_at=moment)
    kept = {
        "text": orjson.dumps(body_of(410, error.code, error.detail, data=error.data)).decode(),
        "headers": {},
        "mimetype": MEDIA_TYPE,
        "spliced": False,
    }
    values = {"status": 410, "body": orjson.dumps(kept), "about": ""}
    writing = services.stores.log.execution_options(writing=True)
    with writing.begin() as connection:
        found = _about(connection, site, about)
        for scope, _, _ in found:
            c = idempotency_keys.c
            of = (c.site == site, c.scope == scope)
            connection.execute(update(idempotency_keys).where(*of).values(values))
    own = {key for _, names, body in found for key in keys_of(body) - names}
    if own:
        services.keys.destroy(site, own, erased_at)


def _about(
    connection: Connection, site: SiteId, about: Collection[str]
) -> list[tuple[str, set[str], bytes]]:
    """Answers about any of these, each (scope, whom it is about, body), under the site's lock: its
    writer deletes some."""
    heads, c = log_heads.c, idempotency_keys.c
    connection.execute(select(heads.position).where(heads.site == site).with_for_update())
    rows = connection.execute(select(c.scope, c.about, c.body).where(c.site == site, c.about != ""))
    wanted = set(about)
    told = ((scope, set(names.split(" ")), bytes(body)) for scope, names, body in rows)
    return [answer for answer in told if not wanted.isdisjoint(answer[1])]
