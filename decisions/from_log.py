"""The facts of a past decision, found again in the log alone, up to the positions it recorded.

No projection is asked: links, settings, products and the person's history come from their events.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.redemption import Moves
from decisions.findings import EVENT_SHAPE_UNKNOWN
from decisions.findings import KEY_DESTROYED
from decisions.findings import Finding
from decisions.findings import NotRebuilt
from decisions.gather import Known
from decisions.gather import facts_of
from decisions.gather import needs_of
from decisions.links import LinksOfLog
from decisions.means import Means
from decisions.past import Past
from decisions.prior_prices import reductions_of
from decisions.questions import cart_of
from decisions.questions import floors_of
from decisions.questions import skus_of
from decisions.questions import store_view_of
from decisions.questions import with_floors
from decisions.recommend import KIND as UNITS
from decisions.record import Record
from decisions.record import Sources
from decisions.results_from_log import Then
from decisions.results_from_log import results_as_of
from decisions.shopper import History
from decisions.shopper import history
from decisions.shopper import wanted_rows
from decisions.usage import Codes
from decisions.usage import Who
from decisions.usage import by_others
from decisions.usage import codes_asked
from decisions.usage import usage_as_of
from projections.days import local_day
from projections.days import zone_named
from projections.recommendations.models import NO_MODEL
from projections.snapshot import Remembered
from rulesets.compiled import CompiledRevision
from rulesets.language import Needs
from rulesets.question import CartQuestion
from rulesets.usage import Used


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The sources of a decision as the log tells them, what it cannot tell any more, and what it
    tells in a shape that this version does not know."""

    sources: Sources
    not_rebuilt: tuple[NotRebuilt, ...]
    findings: tuple[Finding, ...]


def gather_as_of(means: Means, record: Record, compiled: CompiledRevision, past: Past) -> Rebuilt:
    """The same closed set of facts, from the log up to the recorded head."""
    settings = past.settings(record.positions["settings"])
    request = record.sources.request
    cart = cart_of(record.kind, request)
    needs = needs_of(compiled, units=record.kind == UNITS)
    events, known = _history(means, record, needs, past)
    at = record.positions["catalogue"]
    products = past.catalogue.at(at, skus_of(cart))
    floors = floors_of(cart, products)
    question = with_floors(cart, floors) if cart is not None else None
    facts = facts_of(
        needs,
        settings,
        Known(
            request,
            question,
            products,
            known,
            record.decided_at,
            lambda skus: past.catalogue.at(at, skus),
        ),
    )
    if "usage" in record.positions and cart is not None:
        facts.usage, facts.coupons = _usage(means, record, compiled, cart, past)
    model = NO_MODEL
    if record.models:
        model = past.model(means.models, record.models[0].id, record.models[0].digest)
    found = results_as_of(record, compiled, Then(facts, known, past.products, model))
    reductions = None
    if cart is not None and request.get("prior_prices"):
        view = store_view_of(request)
        reductions = reductions_of(means.log, past.site, cart, view, at)
    lost = any(event.erased for event in events)
    strange = [event for event in events if not event.shape_known]
    return Rebuilt(
        Sources(request, facts, floors, found, reductions),
        (NotRebuilt("shopper.traits", KEY_DESTROYED),) if lost else (),
        tuple(
            Finding(EVENT_SHAPE_UNKNOWN, f"{event.topic} at position {event.position}")
            for event in strange
        ),
    )


def _history(
    means: Means, record: Record, needs: Needs, past: Past
) -> tuple[Sequence[RecordedEvent], History]:
    """The events of the person up to the head, and what follows from them."""
    units = record.kind == UNITS
    zone = zone_named(past.settings(record.positions["settings"]).time_zone)
    wanted = wanted_rows(needs, local_day(record.decided_at, zone), units=units)
    if not (record.shoppers and wanted.anything):
        return (), History(zone)
    head = record.positions["head"]
    person = person_as_of(means, past.site, record.sources.request, past.links, head)
    events = past.persons.events(person, head, unseal=wanted.profile)
    return events, history(Remembered(), events, wanted, zone)


def _usage(
    means: Means, record: Record, compiled: CompiledRevision, cart: CartQuestion, past: Past
) -> tuple[dict[str, Used], Codes]:
    """What was used of limits, and the generated codes of the cart, as they were."""
    position, site = record.positions["usage"], past.site
    named = (record.sources.request.get("shopper") or {}).get("customer_id")
    customer = means.pseudonyms.find(site, "customer", named) if named else None
    who = Who(site, cart.currency, customer, record.sources.request.get("replaces_order"))
    codes = codes_asked(compiled, cart)
    coupons = past.codes.at(position, codes, means.reads.coupons(site, codes))

    def moved(keys: Sequence[str]) -> Moves:
        return by_others(means, who, past.uses.of(keys, position, record.decided_at), position)

    return usage_as_of(compiled, who, coupons, moved)


def person_as_of(
    means: Means, site: SiteId, request: Mapping[str, Any], links: LinksOfLog, head: int
) -> list[Pseudonym]:
    """The person of the request by the links that were open at the head.

    An anonymous id named beside a customer belongs to it for this answer only.
    """
    shopper = request.get("shopper") or {}
    given = [
        means.pseudonyms.find(site, kind, shopper[f"{kind}_id"])
        for kind in ("customer", "anonymous")
        if f"{kind}_id" in shopper
    ]
    known = [name for name in given if name is not None]
    joined = links.person(known[0], head) if known else frozenset()
    return sorted({*joined, *known})
