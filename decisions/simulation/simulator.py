"""Decides recorded carts again under a candidate, and adds up what differs.

What was recorded is what is compared with. For a share of the decisions the recorded revision
decides again as well: where that does not give what was recorded, this version of the program
decides otherwise than the one that recorded it, and the result says so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aggregates.kernel.errors import Erased
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from decisions.again import decided_again
from decisions.means import Means
from decisions.past import settings_at
from decisions.questions import cart_question
from decisions.questions import with_floors
from decisions.record import Record
from decisions.record import from_event
from decisions.record import plain
from decisions.simulation.effects import effect_of
from decisions.simulation.effects import is_same
from decisions.simulation.plans import Plan
from decisions.simulation.plans import plan_of
from decisions.simulation.sampling import place_of
from decisions.simulation.sources import Finder
from decisions.simulation.spec import KIND
from decisions.simulation.spec import SegmentsMode
from decisions.simulation.tally import NAMED_MAX
from decisions.simulation.tally import Shift
from decisions.simulation.tally import Tally
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.membership import ToldMembers
from rulesets.pipeline import decide
from rulesets.question import CartQuestion

CHECK_EVERY = 64
"""One of so many decisions is checked, chosen by its id."""
_PLANS_MAX = 64
Ordered = Callable[[str], bool]
"""Whether an order came of a decision."""


@dataclass(slots=True)
class Simulator:
    """For one site and one candidate; takes decisions in log order, however many."""

    means: Means
    site: SiteId
    candidate: CompiledRevision
    segments: SegmentsMode
    ordered: Ordered
    _finder: Finder = field(init=False)
    _plans: OrderedDict[tuple[int, int], Plan] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._finder = Finder(self.means, self.site, self.candidate)

    def add(self, events: Iterable[RecordedEvent], tally: Tally) -> None:
        """The sampled decisions of these unsealed events; those of other kinds are passed by."""
        for event in events:
            if event.data["kind"] != KIND:
                continue
            tally.counts.sampled += 1
            try:
                record = from_event(event)
            except Erased:
                tally.counts.erased += 1
            else:
                self._add(record, tally)

    def decided(self, record: Record, tally: Tally) -> dict[str, Any] | None:
        """The outcome under the candidate as JSON; None if its facts are not known any more."""
        plan = self._plan(record)
        cart = with_floors(cart_question(record.sources.request), record.sources.floors)
        found = self._finder.find(record, cart, plan)
        if found.unknown:
            tally.unknown.update(found.unknown)
            return None
        tally.counts.rebuilt += found.rebuilt
        return plain(self._outcome(record, cart, found.facts, plan))  # type: ignore[no-any-return]

    def _outcome(
        self, record: Record, cart: CartQuestion, facts: Facts, plan: Plan
    ) -> dict[str, Any]:
        told = ToldMembers(plan.told, frozenset(record.outcome["segments"]) & plan.told)
        at, seed = record.decided_at, record.seed
        made = decide(self.candidate, facts, cart, at, seed, shadow_percent=0, told=told)
        return made.outcome.to_json()

    def _add(self, record: Record, tally: Tally) -> None:
        if place_of(record.decision_id, 0) % CHECK_EVERY == 0:
            self._check(record, tally)
        after = self.decided(record, tally)
        if after is None:
            tally.counts.unknown += 1
            return
        tally.revisions[record.revision] += 1
        before, currency = record.outcome, record.sources.facts.currency
        was, subtotal = effect_of(before), before["totals"][0]
        order = self.ordered(record.decision_id)
        if is_same(before, after):
            discount = was.discount_minor
            shift = Shift(0, record.decision_id, discount, discount, order)
            tally.unchanged(currency, subtotal, was, shift)
            return
        now = effect_of(after)
        shift = Shift(
            now.discount_minor - was.discount_minor,
            record.decision_id,
            was.discount_minor,
            now.discount_minor,
            order,
        )
        tally.changed(currency, subtotal, (was, now), shift)

    def _check(self, record: Record, tally: Tally) -> None:
        tally.counts.checked += 1
        again = decided_again(self.means, self.site, record, record.sources)
        if plain(again.decided.outcome.to_json()) != record.outcome:
            tally.counts.check_failed += 1
            tally.check_failed = sorted([*tally.check_failed, record.decision_id])[:NAMED_MAX]

    def _plan(self, record: Record) -> Plan:
        key = (record.revision, record.positions["settings"])
        plan = self._plans.get(key)
        if plan is None:
            settings = settings_at(self.means.log, self.site, key[1])
            recorded = self.means.revisions.get(self.site, key[0], settings)
            plan = self._plans[key] = plan_of(self.candidate, recorded, self.segments)
            while len(self._plans) > _PLANS_MAX:
                self._plans.popitem(last=False)
        return plan
