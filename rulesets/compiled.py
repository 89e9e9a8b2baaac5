"""A compiled revision: a site's live definitions, parsed, ordered and handed to the engine once.

Decisions of any number of threads share it; nothing in it changes after it is built, but for
memos of what follows from its definitions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from zoneinfo import ZoneInfo

from aggregates.kernel.errors import NotFound
from aggregates.site import SiteSettings
from rulesets.blocks import Block
from rulesets.blocks import Slot
from rulesets.blocks import compile_block
from rulesets.blocks import compile_slot
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import Shared
from rulesets.category_rankings import CategoryRanking
from rulesets.category_rankings import Rankings
from rulesets.category_rankings import compile_rankings
from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.lanes import Lane
from rulesets.lanes import lanes_of
from rulesets.literals import LiteralTable
from rulesets.nodes import Count
from rulesets.nodes import Needs
from rulesets.nodes import uncovered
from rulesets.recommendation_units import Units
from rulesets.recommendation_units import compile_units
from rulesets.schedules import next_hour
from rulesets.segments import Segment
from rulesets.steps import Rest
from rulesets.steps import in_steps
from rulesets.steps import unbroken
from rulesets.strata import Strata
from rulesets.strata import stratify
from rulesets.stratum import Stratum
from rulesets.taken_over import TakenOver

__all__ = ["CompiledRevision", "LiveDefinition", "SlotNeeds", "compile_revision"]

KINDS = (
    "segments",
    "cart-rules",
    "dynamic-blocks",
    "slots",
    "category-rankings",
    "recommendation-units",
)
_BLOCKED_MEMO_MAX = 256


@dataclass(frozen=True, slots=True)
class SlotNeeds:
    """What the blocks of a slot look at; only a slot that looks at nobody is for everybody."""

    shopper: bool
    cart: bool
    rotation: bool
    clock: bool

    @property
    def public(self) -> bool:
        """Whether one answer serves every visitor of the same store view and audiences."""
        return not (self.shopper or self.cart or self.rotation)


@dataclass(frozen=True, slots=True)
class CompiledRevision:
    """What a decision is made by. Everything is in the order of (priority, id)."""

    site: str
    revision: int
    digest: str
    settings: SiteSettings
    definitions: Mapping[tuple[str, str], LiveDefinition]
    segments: Mapping[str, Segment]
    segment_strata: tuple[Stratum, ...]
    rules: Mapping[str, CartRule]
    first_stratum: Stratum
    running_stratum: Stratum
    rules_by_coupon: Mapping[str, Sequence[CartRule]]
    lanes: Mapping[str, Lane]
    """The outermost stacking group of each rule that is in one."""
    near_rules: tuple[CartRule, ...]
    """Those that speak to a cart that is not far from them."""
    has_generated: bool
    """Whether any rule has generated codes."""
    limited: frozenset[str]
    """The ids of those with limits or a budget."""
    slots: Mapping[str, Slot]
    """By id and by key."""
    rankings: Rankings
    units: Units
    needs: Needs
    running_read: frozenset[str]
    """The running totals that a condition or a filter looks at."""
    late_leaves: frozenset[int]
    """The ids of the conditions that look at them."""
    edges: tuple[int, ...]
    reading: Reading
    common: Shared
    """What its rules share, for the rules of the next revision."""
    edits: int
    """Rules that changed or went since the literals were numbered."""
    _blocked: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict, compare=False)

    def slot(self, name: str) -> Slot:
        """A slot by key or id; NotFound if the revision has none of that name."""
        slot = self.slots.get(name)
        if slot is None:
            raise NotFound("unknown_slot", f"no slot {name[:64]!r} is live")
        return slot

    def slot_needs(self, name: str) -> SlotNeeds:
        """What an answer for this slot depends on, for the cache rules of GET."""
        slot = self.slot(name)
        segments = [
            self.segments[name]
            for block in slot.blocks
            for name in _with_named(block.target.segments, self.segments)
        ]
        return SlotNeeds(
            shopper=slot.asks_rules or any(segment.touches_shopper for segment in segments),
            cart=slot.asks_rules or any(segment.touches_cart for segment in segments),
            rotation=slot.rotation != "all",
            clock=any(segment.reads_clock for segment in segments),
        )

    def next_change(self, slot: str, at: int) -> int | None:
        """The next moment at which a slot's answer may change by itself: a schedule begins or
        ends, or an hour does that a condition reads. None if nothing is ahead."""
        index = bisect_right(self.edges, at)
        ahead = [*self.edges[index : index + 1]]
        if self.slot_needs(slot).clock:
            ahead.append(next_hour(at, ZoneInfo(self.settings.time_zone)))
        return min(ahead, default=None)

    def blocked_segments(self, at: int, currency: str) -> dict[str, str]:
        """Segments that count for nobody at that moment, with the code for whoever names them.

        Paused or out of its time: `segment_paused`. A condition on money that has no amount in
        this currency: `currency_not_covered`. A segment that names such a one is such a one.
        """
        memo = (bisect_right(self.edges, at), currency)
        known = self._blocked.get(memo)
        if known is None:
            if len(self._blocked) >= _BLOCKED_MEMO_MAX:
                self._blocked.clear()
            known = self._blocked[memo] = _blocked(self.segments, at, currency)
        return known


def compile_revision(
    site: str,
    revision: int,
    digest: str,
    definitions: Iterable[LiveDefinition],
    settings: SiteSettings,
    *,
    previous: CompiledRevision | None = None,
    rest: Rest = unbroken,
) -> CompiledRevision:
    """Compiles all; `previous` lends what did not change (rulesets/taken_over.py)."""
    live = sorted(definitions, key=_place)
    reading = Reading.of(live, settings)
    of: dict[str, list[LiveDefinition]] = {kind: [] for kind in KINDS}
    for one in in_steps(live, rest):
        of[one.kind].append(one)
    taken = TakenOver.of(previous, reading)
    segments = taken.segments(of["segments"], rest)
    rules = taken.rules(of["cart-rules"], rest)
    naming = _naming(rules.values())
    blocks = {
        one.id: compile_block(one, reading, order, frozenset(naming.get(one.id, ())))
        for order, one in enumerate(in_steps(of["dynamic-blocks"], rest))
    }
    slots = [compile_slot(one, reading, blocks) for one in in_steps(of["slots"], rest)]
    rankings = compile_rankings(in_steps(of["category-rankings"], rest), reading)
    strata = stratify(segments.values(), ())
    before = (previous.first_stratum, previous.running_stratum) if previous else (None, None)
    first = [rule for rule in rules.values() if not rule.running]
    second = [rule for rule in rules.values() if rule.running]
    all_live = [*segments.values(), *rules.values(), *blocks.values(), *rankings]
    compiled = CompiledRevision(
        site=site,
        revision=revision,
        digest=digest,
        settings=settings,
        definitions={(one.kind, one.id): one for one in live},
        segments=segments,
        segment_strata=_segment_strata(strata, segments, previous, rest),
        rules=rules,
        first_stratum=_rule_stratum(first, taken.table, before[0], rest),
        running_stratum=_rule_stratum(second, taken.table, before[1], rest),
        rules_by_coupon=_by_coupon(rules.values()),
        lanes=lanes_of((rule.id, rule.lanes) for rule in rules.values()),
        near_rules=tuple(rule for rule in rules.values() if rule.nearly and not rule.paused),
        has_generated=any(rule.is_generated for rule in rules.values()),
        limited=frozenset(rule.id for rule in rules.values() if rule.limits),
        slots={name: slot for slot in slots for name in (slot.id, slot.key)},
        rankings=rankings,
        units=compile_units(in_steps(of["recommendation-units"], rest), reading),
        needs=_needs(in_steps(all_live, rest)),
        running_read=frozenset().union(*(rule.running_read for rule in rules.values())),
        late_leaves=taken.late_leaves,
        edges=_edges(in_steps([*all_live, *slots], rest)),
        reading=reading,
        common=taken.common,
        edits=taken.edits,
    )
    _prepare(compiled, previous, rest)
    return compiled


def _prepare(compiled: CompiledRevision, previous: CompiledRevision | None, rest: Rest) -> None:
    """Makes the indexes that will be asked for, so that no decision has to."""
    currencies = {compiled.settings.base_currency}
    if previous is not None:
        currencies.update(previous.first_stratum.table.currencies)
    compiled.first_stratum.table.prepare(currencies, rest)
    for stratum in compiled.segment_strata:
        stratum.table.prepare(currencies, rest)


def _segment_strata(
    strata: Strata,
    segments: Mapping[str, Segment],
    previous: CompiledRevision | None,
    rest: Rest,
) -> tuple[Stratum, ...]:
    """One for each level; every level has its own table, as it knows more facts."""
    before = previous.segment_strata if previous else ()
    return tuple(
        Stratum.of(
            [(name, segments[name].node) for name in level if not segments[name].paused],
            LiteralTable(),
            before[depth] if depth < len(before) else None,
            rest,
        )
        for depth, level in enumerate(strata.segment_levels)
    )


def _rule_stratum(
    rules: Iterable[CartRule], table: LiteralTable, previous: Stratum | None, rest: Rest
) -> Stratum:
    """Both strata of rules share a table: what is no running total is evaluated once."""
    live = [(rule.id, rule.node) for rule in rules if not rule.paused]
    return Stratum.of(live, table, previous, rest)


def _place(definition: LiveDefinition) -> tuple[int, str]:
    return definition.body.get("priority") or 0, definition.id


def _naming(rules: Iterable[CartRule]) -> dict[str, list[str]]:
    """The rules that name a block from their side, by the block."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        for block in rule.blocks:
            found.setdefault(block, []).append(rule.id)
    return found


def _by_coupon(rules: Iterable[CartRule]) -> dict[str, list[CartRule]]:
    found: dict[str, list[CartRule]] = {}
    for rule in rules:
        if rule.coupon_key is not None and not rule.paused:
            found.setdefault(rule.coupon_key, []).append(rule)
    return found


def _needs(live: Iterable[Segment | CartRule | Block | CategoryRanking]) -> Needs:
    values: set[str] = set()
    lines: set[str] = set()
    counts: dict[str, Count] = {}
    for one in live:
        needs = one.needs
        values |= needs.values
        lines |= needs.lines
        for count in needs.counts:
            counts.setdefault(count.key, count)
    return Needs(frozenset(values), frozenset(lines), tuple(counts.values()))


def _edges(
    scheduled: Iterable[Segment | CartRule | Block | Slot | CategoryRanking],
) -> tuple[int, ...]:
    return tuple(sorted({edge for one in scheduled for edge in one.window.edges}))


def _with_named(names: Iterable[str], segments: Mapping[str, Segment]) -> set[str]:
    """The segments named, and those that their conditions name in turn."""
    found: set[str] = set()
    waiting = [name for name in names if name in segments]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [inner for inner in segments[name].names if inner in segments]
    return found


def _blocked(segments: Mapping[str, Segment], at: int, currency: str) -> dict[str, str]:
    blocked = {}
    for segment in segments.values():
        if segment.paused or not segment.window.holds(at):
            blocked[segment.id] = "segment_paused"
        elif uncovered(segment.node, currency):
            blocked[segment.id] = "currency_not_covered"
    if not blocked:
        return blocked
    for segment in segments.values():
        behind = _with_named(segment.names, segments) & blocked.keys()
        if behind and segment.id not in blocked:
            blocked[segment.id] = blocked[min(behind)]
    return blocked
