"""The facts of a past decision, found again in the log alone, up to the positions it recorded.

No projection is asked: links, settings, products and the person's history come from their events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from aggregates.site import SiteSettings
from decisions.catalogue_as_of import CatalogueAsOf
from decisions.codes_of_log import codes_as_of
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
from decisions.results_from_log import model_of
from decisions.results_from_log import results_as_of
from decisions.shopper import TOPICS
from decisions.shopper import History
from decisions.shopper import history
from decisions.shopper import wanted_rows
from decisions.usage import Who
from decisions.usage import by_others
from decisions.usage import codes_asked
from decisions.usage import coupon_facts
from decisions.usage import used_by_rule
from projections.days import local_day
from projections.days import zone_named
from projections.profiles import UNSEALS
from projections.sites import settings_after
from projections.snapshot import Remembered
from rulesets.compiled import CompiledRevision


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The sources of a decision as the log tells them, and what it cannot tell any more."""

    sources: Sources
    not_rebuilt: tuple[str, ...]


def settings_at(log: EventLog, site: SiteId, position: int) -> SiteSettings:
    """A site's settings as the event at a position left them."""
    event = log.read_position(site, position)
    return settings_after(event) if event is not None else SiteSettings()


def gather_as_of(
    means: Means, site: SiteId, record: Record, compiled: CompiledRevision, past: Past
) -> Rebuilt:
    """The same closed set of facts, from the log up to the recorded head."""
    log, head = means.log, record.positions["head"]
    settings = settings_at(log, site, record.positions["settings"])
    zone = zone_named(settings.time_zone)
    request = record.sources.request
    cart = cart_of(record.kind, request)
    units = record.kind == UNITS
    needs = needs_of(compiled, units=units)
    wanted = wanted_rows(needs, local_day(record.decided_at, zone), units=units)
    known = History(zone)
    erased: list[RecordedEvent] = []
    if record.shoppers and wanted.anything:
        person = person_as_of(means, site, request, past.links, head)
        events = log.read_shopper(
            site,
            person,
            0,
            upto=head,
            topics=TOPICS,
            unseal=UNSEALS if wanted.profile else False,
        )
        erased = [event for event in events if event.erased]
        known = history(Remembered(), events, wanted, zone)
    catalogue = CatalogueAsOf(log, site, record.positions["catalogue"])
    products = catalogue.products(skus_of(cart))
    floors = floors_of(cart, products)
    question = with_floors(cart, floors) if cart is not None else None
    facts = facts_of(
        needs,
        settings,
        Known(request, question, products, known, record.decided_at, catalogue.products),
    )
    lost = ["shopper.traits"] if erased else []
    if "usage" in record.positions and cart is not None:
        named = (request.get("shopper") or {}).get("customer_id")
        customer = means.pseudonyms.find(site, "customer", named) if named else None
        who = Who(site, cart.currency, customer, request.get("replaces_order"))
        at = record.positions["usage"]
        moved = by_others(means, who, past.uses.at(at, record.decided_at), at)
        facts.usage = used_by_rule(compiled, who, moved)
        codes = codes_asked(compiled, cart)
        today = means.reads.coupons(site, codes)
        coupons = codes_as_of(log, site, codes, at, today)
        facts.coupons = coupon_facts(coupons, who, moved)
    then = Then(facts, known, past.products, model_of(means, site, record))
    found = results_as_of(record, compiled, then)
    reductions = None
    if cart is not None and request.get("prior_prices"):
        position = record.positions["catalogue"]
        reductions = reductions_of(log, site, cart, store_view_of(request), position)
    return Rebuilt(Sources(request, facts, floors, found, reductions), tuple(lost))


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
