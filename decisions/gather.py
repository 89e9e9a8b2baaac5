"""From a question to facts: exactly what the revision needs, from one position of the log.

The place where request, profile, catalogue, history and orders become `rulesets.facts.Facts`.
`gather` reads the projections and the tail after them; decisions/from_log.py finds the same facts
in the log alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.site import SiteSettings
from decisions.asked import add_with_tax
from decisions.asked import cart_values
from decisions.asked import context_values
from decisions.asked import line_values
from decisions.asked import time_values
from decisions.asked import with_tax
from decisions.means import Means
from decisions.prior_prices import reductions_of
from decisions.questions import check_basis
from decisions.questions import floors_of
from decisions.questions import skus_of
from decisions.questions import store_view_of
from decisions.questions import with_floors
from decisions.record import Sources
from decisions.shopper import TOPICS
from decisions.shopper import History
from decisions.shopper import ProductsOf
from decisions.shopper import Window
from decisions.shopper import count_values
from decisions.shopper import history
from decisions.shopper import shopper_values
from decisions.shopper import wanted_rows
from decisions.usage import NONE
from decisions.usage import Who
from decisions.usage import usage_of
from projections.days import local_day
from projections.days import zone_named
from projections.profiles import UNSEALS
from projections.snapshot import Present
from projections.snapshot import Wanted
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.language import Needs
from rulesets.question import CartQuestion

Json = Mapping[str, Any]
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what: the request, the part of it that is a cart, and the shopper's names."""

    site: SiteId
    request: dict[str, Any]
    cart: CartQuestion | None
    customer: Pseudonym | None
    anonymous: Pseudonym | None

    @property
    def owner(self) -> Pseudonym | None:
        """Whose key seals the answer."""
        return self.customer or self.anonymous


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a decision is made of, and the positions it was found at."""

    compiled: CompiledRevision
    at: int
    positions: dict[str, int]
    shoppers: tuple[Pseudonym, ...]
    cart: CartQuestion | None
    sources: Sources
    history: History


@dataclass(frozen=True, slots=True)
class Known:
    """All that facts are taken from. `products_of` finds further products of the catalogue."""

    request: Json
    cart: CartQuestion | None
    products: Mapping[str, Json]
    history: History
    at: int
    products_of: ProductsOf


def asked(means: Means, site: SiteId, request: dict[str, Any], cart: CartQuestion | None) -> Asked:
    """The question with the shopper's ids as pseudonyms. What is recorded is sealed under them, so
    new ids get theirs now; a dry run makes none."""
    keep = not request.get("dry_run")
    find = means.pseudonyms.of if keep else means.pseudonyms.find
    shopper = request.get("shopper") or {}
    names = {
        kind: find(site, kind, shopper[f"{kind}_id"]) if f"{kind}_id" in shopper else None
        for kind in ("customer", "anonymous")
    }
    return Asked(site, request, cart, names["customer"], names["anonymous"])


def gather(means: Means, question: Asked, *, units: bool = False) -> Gathered:
    """The facts of now. The head is read again if the followed projections passed it meanwhile.

    `units`: for recommendation units, which need little of what the other kinds need, and views.
    """
    skus = skus_of(question.cart)
    for _ in range(_ATTEMPTS):
        present = means.reads.present(question.site, question.owner, question.anonymous, skus)
        deciding = means.revisions.deciding(question.site, present.state)
        if deciding is None:
            continue
        compiled = deciding.compiled
        at = max(means.clock.now(), present.recorded_at)
        today = local_day(at, zone_named(compiled.settings.time_zone))
        needs = needs_of(compiled, units=units)
        wanted = wanted_rows(needs, today, units=units)
        known = _known(means, question.site, compiled.settings, wanted, present)
        if known is not None:
            break
    else:
        raise Unavailable("not_caught_up", "the site changes faster than it can be read")
    known_history, position = known
    floors = floors_of(question.cart, present.products)
    cart = with_floors(question.cart, floors) if question.cart is not None else None
    if cart is not None:
        pointer = "/cart" if "cart" in question.request else ""
        check_basis(cart, compiled.settings.tax_basis, pointer)
    facts = facts_of(
        needs,
        compiled.settings,
        Known(
            question.request,
            cart,
            present.products,
            known_history,
            at,
            lambda wanted: means.reads.products(question.site, wanted),
        ),
    )
    usage = NONE
    if cart is not None:
        replaced = question.request.get("replaces_order")
        who = Who(question.site, cart.currency, question.customer, replaced)
        usage = usage_of(means, compiled, who, cart, at)
        facts.usage, facts.coupons = usage.used, usage.coupons
    positions = {
        "head": present.head,
        "profile": position,
        "catalogue": present.head,
        "settings": deciding.state[1],
    }
    if usage.position is not None:
        positions["usage"] = usage.position
    person = tuple(sorted(present.person))
    sources = Sources(question.request, facts, floors)
    if cart is not None and question.request.get("prior_prices"):
        view = store_view_of(question.request)
        found = reductions_of(means.log, question.site, cart, view, present.head)
        sources = replace(sources, reductions=found)
    return Gathered(compiled, at, positions, person, cart, sources, known_history)


def needs_of(compiled: CompiledRevision, *, units: bool) -> Needs:
    """What a decision has to know: of units, or of everything else."""
    return compiled.units.needs if units else compiled.needs


def facts_of(needs: Needs, settings: SiteSettings, known: Known) -> Facts:
    """Exactly what the revision needs, of what is known."""
    request, cart, history = known.request, known.cart, known.history
    currency = cart.currency if cart is not None else settings.base_currency
    values = context_values(needs.values, request.get("context") or {})
    values |= time_values(needs.values, known.at, history.zone)
    values |= shopper_values(needs.values, request, history.profile)
    lines = []
    if cart is not None:
        written = request.get("cart") or request
        values |= cart_values(needs.values, cart, written, settings.tax_basis)
        lines = line_values(needs.lines, cart, written, known.products)
        if "line.subtotal_incl_tax" in needs.lines:
            add_with_tax(lines, with_tax(cart, settings.tax_basis))
    window = Window(currency, local_day(known.at, history.zone))
    counts = count_values(needs.counts, history, window, known.products_of)
    return Facts(currency, values, lines, counts)


def _known(
    means: Means, site: SiteId, settings: SiteSettings, wanted: Wanted, present: Present
) -> tuple[History, int] | None:
    """The person's history up to the head, and where its rows stood; None if beyond the head."""
    zone = zone_named(settings.time_zone)
    head, person = present.head, sorted(present.person)
    if not person or not wanted.anything:
        return History(zone), head
    remembered = means.reads.remembered(site, person, wanted, settings.time_zone)
    positions = [
        position
        for is_wanted, position in (
            (wanted.profile, remembered.profiles_position),
            (wanted.orders, remembered.orders_position),
            (bool(wanted.events), remembered.activity_position),
            (wanted.views, remembered.views_position),
        )
        if is_wanted
    ]
    after = min(positions)
    if max(positions) > head:
        return None
    if after == head:
        return history(remembered, (), wanted, zone), after
    tail = means.log.read_shopper(
        site,
        person,
        after,
        upto=head,
        topics=TOPICS,
        unseal=UNSEALS if wanted.profile else False,
    )
    return history(remembered, tail, wanted, zone), after
