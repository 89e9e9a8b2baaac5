"""How much of their limits is used, for the rules and the generated codes of a cart."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.redemption import Moves
from decisions.means import Means
from decisions.order import held_at
from projections.coupons import Coupon
from projections.coupons import customer_counter
from projections.coupons import uses_counter
from rulesets.cart_rules import coupon_key
from rulesets.compiled import CompiledRevision
from rulesets.question import CartQuestion
from rulesets.usage import COUPON_CUSTOMER_USES
from rulesets.usage import COUPON_USES
from rulesets.usage import Used

Codes = dict[str, dict[str, Any]]
_Wanted = dict[str, list[tuple[str, str]]]
"""Counter -> the rules that it limits, each with its name there: rules of a campaign share one."""


class Usage(NamedTuple):
    """By rule, without what was never used; the codes that were found with their own uses.
    `position`: where all that stood, None if nothing had to be read."""

    used: dict[str, Used]
    coupons: Codes
    position: int | None


class Who(NamedTuple):
    """Whose use is asked for, in which currency; `customer` None without a customer_id. What the
    order holds that the cart replaces, if it names one, is not used by anybody else: it is left
    out."""

    site: SiteId
    currency: str
    customer: Pseudonym | None
    replaces_order: str | None = None


NONE = Usage({}, {}, None)


def codes_asked(compiled: CompiledRevision, cart: CartQuestion) -> list[str]:
    """The keys of the codes of a cart that only a table can know: those become facts."""
    if not compiled.has_generated:
        return []
    keys = {coupon_key(code) for code in cart.coupons}
    return sorted(keys - compiled.rules_by_coupon.keys())


def usage_of(
    means: Means, compiled: CompiledRevision, who: Who, cart: CartQuestion, now: int
) -> Usage:
    """What the counters say now; each customer's are found by the pseudonym of customer_id.

    All codes of the cart are looked up, with the counters that they have or would have: how long
    that takes does not tell which of them exist, nor which stand in rules.
    """
    codes = sorted(set(map(coupon_key, cart.coupons))) if compiled.has_generated else []
    if not codes and not compiled.limited:
        return NONE
    limited = _limited(compiled, who)
    keys = sorted({*limited, *_of_codes(codes, who)})
    moved = means.reads.usage(who.site, codes, keys, now)
    all_used = by_others(means, who, moved.used, moved.position)
    used = {key: all_used[key] for key in limited.keys() & all_used.keys()}
    found = {key: moved.coupons[key] for key in codes_asked(compiled, cart) if key in moved.coupons}
    coupons = coupon_facts(found, who, all_used)
    return Usage(_by_rule(limited, used), coupons, moved.position)


def by_others(means: Means, who: Who, moved: Moves, position: int) -> Moves:
    """Counters as they were at a position, less what the order held then that is replaced."""
    if who.replaces_order is None:
        return moved
    held = held_at(means, who.site, who.replaces_order, position)
    less = {key: by - held.get(key, 0) for key, by in moved.items()}
    return {key: by for key, by in less.items() if by}


def usage_as_of(
    compiled: CompiledRevision,
    who: Who,
    coupons: Mapping[str, Coupon],
    moved: Callable[[Sequence[str]], Mapping[str, int]],
) -> tuple[dict[str, Used], Codes]:
    """The same from codes that are known already, and from whoever knows these counters."""
    limited = _limited(compiled, who)
    known = moved(sorted({*limited, *_of_codes(sorted(coupons), who)}))
    used = {key: known[key] for key in limited.keys() & known.keys()}
    return _by_rule(limited, used), coupon_facts(coupons, who, known)


def coupon_facts(found: Mapping[str, Coupon], who: Who, moved: Mapping[str, int]) -> Codes:
    """Codes as facts: what is missing is left out."""
    facts: Codes = {}
    for key in sorted(found):
        coupon = found[key]
        told = {
            "rule_id": coupon.rule_id,
            "code": coupon.code,
            "expires_at": coupon.expires_at,
            f"{COUPON_USES}_max": coupon.uses_max,
            f"{COUPON_CUSTOMER_USES}_max": coupon.customer_uses_max,
            COUPON_USES: moved.get(uses_counter(key)),
        }
        if who.customer is not None:
            told[COUPON_CUSTOMER_USES] = moved.get(customer_counter(key, who.customer))
        facts[key] = {name: value for name, value in told.items() if value is not None}
    return facts


def _of_codes(codes: Sequence[str], who: Who) -> list[str]:
    keys = [uses_counter(key) for key in codes]
    if who.customer is not None:
        keys += [customer_counter(key, who.customer) for key in codes]
    return keys


def _limited(compiled: CompiledRevision, who: Who) -> _Wanted:
    """The counters of every limit."""
    wanted: _Wanted = {}
    for rule_id in compiled.limited:
        limits = compiled.rules[rule_id].limits
        assert limits is not None
        for name in limits.names:
            key = limits.key(rule_id, name, who.currency, who.customer)
            if key is not None:
                wanted.setdefault(key, []).append((rule_id, name))
    return wanted


def _by_rule(wanted: _Wanted, moved: Mapping[str, int]) -> dict[str, Used]:
    used: dict[str, dict[str, int]] = {}
    for key in sorted(moved):
        for rule_id, name in wanted[key]:
            used.setdefault(rule_id, {})[name] = moved[key]
    return {**used}
