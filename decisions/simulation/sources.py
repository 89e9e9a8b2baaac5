"""The facts that a candidate needs of a recorded decision.

Recorded facts stay as they are. What the record lacks is taken from its request where that tells
it, else found in the log as it was at the recorded positions; what the log cannot tell any more is
named, and nobody guesses at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from aggregates.kernel.ids import SiteId
from aggregates.redemption import Moves
from decisions.asked import cart_values
from decisions.asked import context_values
from decisions.asked import time_values
from decisions.from_log import gather_as_of
from decisions.means import Means
from decisions.past import Past
from decisions.record import Record
from decisions.shopper import shopper_values
from decisions.simulation.plans import Plan
from decisions.usage import Who
from decisions.usage import codes_asked
from decisions.usage import usage_as_of
from projections.days import zone_named
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.facts import Scope
from rulesets.nodes import Needs
from rulesets.question import CartQuestion


@dataclass(frozen=True, slots=True)
class Found:
    """`rebuilt`: whether the log was asked. `unknown`: what nobody knows any more."""

    facts: Facts
    rebuilt: bool = False
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class Finder:
    """Finds facts for the decisions of one site in log order, under one candidate."""

    means: Means
    site: SiteId
    candidate: CompiledRevision
    _past: Past | None = field(default=None)

    def find(self, record: Record, cart: CartQuestion, plan: Plan) -> Found:
        """All that the candidate reads for this cart."""
        facts = record.sources.facts
        codes = self._codes(cart, plan)
        if plan.is_enough and not codes:
            return Found(facts)
        facts = facts.copied(lines=bool(plan.lacking.lines))
        unknown: tuple[str, ...] = ()
        if plan.asked:
            facts.values.update(_asked(record, cart, plan))
        else:
            unknown = self._add(facts, record, plan)
        if codes or plan.uncounted:
            self._add_usage(facts, record, cart, plan, codes)
        return Found(facts, not plan.asked or bool(codes or plan.uncounted), unknown)

    def _codes(self, cart: CartQuestion, plan: Plan) -> list[str]:
        """Codes that the recorded revision did not look up."""
        if not cart.coupons or not self.candidate.has_generated:
            return []
        asked = codes_asked(plan.recorded, cart)
        return [code for code in codes_asked(self.candidate, cart) if code not in asked]

    def _add(self, facts: Facts, record: Record, plan: Plan) -> tuple[str, ...]:
        """Adds what the log tells; the names of what it does not."""
        only = replace(plan.recorded, needs=plan.lacking, limited=frozenset(), has_generated=False)
        rebuilt = gather_as_of(self.means, record, only, self._known())
        found = rebuilt.sources.facts
        facts.values.update(found.values)
        facts.counts = {**facts.counts, **found.counts}
        for line, more in zip(facts.lines, found.lines, strict=True):
            line.update(more)
        return _named(plan.lacking) if rebuilt.not_rebuilt else ()

    def _add_usage(
        self, facts: Facts, record: Record, cart: CartQuestion, plan: Plan, codes: list[str]
    ) -> None:
        """How much of limits was used that the recorded revision did not ask for."""
        position, past = record.positions.get("usage", record.positions["head"]), self._known()
        named = (record.sources.request.get("shopper") or {}).get("customer_id")
        customer = self.means.pseudonyms.find(self.site, "customer", named) if named else None
        who = Who(self.site, cart.currency, customer)
        only = replace(self.candidate, limited=plan.uncounted)
        found = past.codes.at(position, codes, self.means.reads.coupons(self.site, codes))

        def moved(keys: Sequence[str]) -> Moves:
            return past.uses.of(keys, position, record.decided_at)

        usage, coupons = usage_as_of(only, who, found, moved)
        facts.usage = {
            **{name: used for name, used in facts.usage.items() if name not in plan.uncounted},
            **usage,
        }
        facts.coupons = {**facts.coupons, **coupons}

    def _known(self) -> Past:
        if self._past is None:
            self._past = Past.of(self.means.log, self.site)
        return self._past


def _asked(record: Record, cart: CartQuestion, plan: Plan) -> Scope:
    names, request, settings = plan.lacking.values, record.sources.request, plan.recorded.settings
    of_shopper = frozenset(name for name in names if name.startswith("shopper."))
    return {
        **context_values(names, request.get("context") or {}),
        **time_values(names, record.decided_at, zone_named(settings.time_zone)),
        **shopper_values(of_shopper, request, None),
        **cart_values(names, cart, request, settings.tax_basis),
    }


def _named(needs: Needs) -> tuple[str, ...]:
    """As a reader knows them: attributes, and what is counted."""
    counted = {f"{count.kind} {count.event}".strip() for count in needs.counts}
    return tuple(sorted({*needs.values, *needs.lines, *counted}))
