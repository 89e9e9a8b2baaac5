"""How much of their limits is used, for the rules of a cart that have any."""

from __future__ import annotations

from typing import NamedTuple

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from projections.snapshot import Snapshots
from rulesets.compiled import CompiledRevision
from rulesets.usage import Used


class Usage(NamedTuple):
    """By rule, without what was never used; `position`: where the counters stood, None if no rule
    has limits and nothing was read."""

    used: dict[str, Used]
    position: int | None


NONE = Usage({}, None)


def usage_of(
    reads: Snapshots,
    site: SiteId,
    compiled: CompiledRevision,
    currency: str,
    customer: Pseudonym | None,
) -> Usage:
    """What the counters say now; each customer's are found by the pseudonym of customer_id."""
    wanted: dict[str, tuple[str, str]] = {}
    for rule_id in compiled.limited:
        limits = compiled.rules[rule_id].limits
        assert limits is not None
        for name, key in limits.counters(rule_id, currency, customer).items():
            wanted[key] = (rule_id, name)
    if not wanted:
        return NONE
    moved, position = reads.counters(site, sorted(wanted))
    used: dict[str, dict[str, int]] = {}
    for key in sorted(moved):
        rule_id, name = wanted[key]
        used.setdefault(rule_id, {})[name] = moved[key]
    return Usage({**used}, position)
