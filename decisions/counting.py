"""Which counters a use moves: those of its rule, and those of the code that it came with."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import NamedTuple

from aggregates.kernel.ids import Pseudonym
from aggregates.log import Counter
from aggregates.redemption import Moves
from aggregates.redemption import Use
from projections.coupons import Coupon
from projections.coupons import customer_counter
from projections.coupons import uses_counter
from rulesets.usage import COUPON_CUSTOMER_USES
from rulesets.usage import COUPON_USES
from rulesets.usage import CUSTOMER_USES
from rulesets.usage import MONEY
from rulesets.usage import SPENT
from rulesets.usage import USES
from rulesets.usage import Limits
from rulesets.usage import counter_key

COUNTED = (USES, CUSTOMER_USES, SPENT)
"""Counted for every rule that has any limit or a coupon, so that a limit set later knows it all."""
COUNTED_WITH_COUPON = (*COUNTED, COUPON_USES, COUPON_CUSTOMER_USES)


class Spender(NamedTuple):
    """Whose use it is, in which currency; `customer` None without a customer_id."""

    customer: Pseudonym | None
    currency: str


@dataclass(slots=True)
class Tally:
    """Counters by key: rules of one campaign, or two codes of one rule, move the same one. `of`
    says whose use each is, and which limit."""

    counters: dict[str, Counter] = field(default_factory=dict)
    of: dict[str, tuple[Use, str]] = field(default_factory=dict)

    def add(self, use: Use, counters: Iterable[tuple[str, Counter]]) -> None:
        """The counters of a use, by the names of their limits."""
        for name, counter in counters:
            before = self.counters.get(counter.key)
            more = 0 if before is None else before.by
            self.counters[counter.key] = replace(counter, by=counter.by + more)
            self.of.setdefault(counter.key, (use, name))


def of_rule(
    rule_id: str, limits: Limits | None, names: tuple[str, ...], spender: Spender, amount_minor: int
) -> Iterator[tuple[str, Counter]]:
    """The counters of a rule by their names, and what else it limits, each with its most; one use
    for so much."""
    currency, customer = spender.currency, spender.customer
    for name in (*names, *sorted((limits.names if limits else frozenset()) - {*names})):
        key = limits.key(rule_id, name, currency, customer) if limits else None
        if limits is None:
            key = counter_key(rule_id, name, currency, customer)
        if key is not None:
            most = limits.most_of(name, currency) if limits else None
            yield name, Counter(key, amount_minor if name in MONEY else 1, most)


def of_code(
    coupon: Coupon, code_limits: Mapping[str, int], customer: Pseudonym | None
) -> Iterator[tuple[str, Counter]]:
    """The counters of a generated code. Its own limits go before those of its rule."""
    own = {COUPON_USES: coupon.uses_max, COUPON_CUSTOMER_USES: coupon.customer_uses_max}
    most = {name: code_limits.get(name) if one is None else one for name, one in own.items()}
    yield COUPON_USES, Counter(uses_counter(coupon.code_key), 1, most[COUPON_USES])
    if customer is not None:
        key = customer_counter(coupon.code_key, customer)
        yield COUPON_CUSTOMER_USES, Counter(key, 1, most[COUPON_CUSTOMER_USES])


def in_place_of(held: Moves, wanted: tuple[Counter, ...]) -> tuple[Counter, ...]:
    """Takes what is wanted in place of what is held: what stays held asks for no room."""
    left = dict(held)
    moved = []
    for counter in wanted:
        by = counter.by - left.pop(counter.key, 0)
        if by:
            moved.append(Counter(counter.key, by, counter.limit if by > 0 else None))
    return (*moved, *(Counter(key, -by) for key, by in sorted(left.items()) if by))
