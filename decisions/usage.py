"""How much of their limits is used, for the rules of a cart that have any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from projections.snapshot import Snapshots
from rulesets.compiled import CompiledRevision
from rulesets.usage import Used
from rulesets.usage import counter_key


class Usage(NamedTuple):
    """By rule, without what was never used; `position`: where the counters stood, None if no rule
    has limits and nothing was read."""

    used: dict[str, Used]
    position: int | None


class Who(NamedTuple):
    """Whose use is asked for, in which currency; `customer` None without a customer_id."""

    site: SiteId
    currency: str
    customer: Pseudonym | None


NONE = Usage({}, None)


def usage_of(reads: Snapshots, compiled: CompiledRevision, who: Who, now: int) -> Usage:
    """What the counters say now; each customer's are found by the pseudonym of customer_id."""
    wanted = _wanted(compiled, who)
    if not wanted:
        return NONE
    moved, position = reads.counters(who.site, sorted(wanted), now)
    return Usage(_by_rule(wanted, moved), position)


def used_by_rule(compiled: CompiledRevision, who: Who, moved: Mapping[str, int]) -> dict[str, Used]:
    """The same from counters that are known already."""
    wanted = _wanted(compiled, who)
    return _by_rule(wanted, {key: moved[key] for key in wanted.keys() & moved.keys()})


def _wanted(compiled: CompiledRevision, who: Who) -> dict[str, tuple[str, str]]:
    """Counter -> (rule, its name), of every limit."""
    wanted: dict[str, tuple[str, str]] = {}
    for rule_id in compiled.limited:
        limits = compiled.rules[rule_id].limits
        assert limits is not None
        for name in limits.names:
            key = counter_key(rule_id, name, who.currency, who.customer)
            if key is not None:
                wanted[key] = (rule_id, name)
    return wanted


def _by_rule(wanted: Mapping[str, tuple[str, str]], moved: Mapping[str, int]) -> dict[str, Used]:
    used: dict[str, dict[str, int]] = {}
    for key in sorted(moved):
        rule_id, name = wanted[key]
        used.setdefault(rule_id, {})[name] = moved[key]
    return {**used}
