"""Claims: what redeeming a decision uses, and whether that may still be."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import Problem
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Counter
from aggregates.redemption import Use
from decisions.acts import attempts
from decisions.counting import COUNTED
from decisions.counting import COUNTED_WITH_COUPON
from decisions.counting import Spender
from decisions.counting import Tally
from decisions.counting import of_code
from decisions.counting import of_rule
from decisions.means import Means
from decisions.record import Record
from decisions.replay import find
from projections.coupons import Coupon
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import coupon_key
from rulesets.compiled import CompiledRevision
from rulesets.outcome import Applied
from rulesets.outcome import CartOutcome
from rulesets.usage import MONEY


class Buyer(NamedTuple):
    """Who an order is by, and the generated codes of its decision as they are now."""

    customer: Pseudonym | None
    codes: Mapping[str, Coupon]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one decision uses. `of` says for each counter whose use it is and which limit."""

    record: Record
    customer: Pseudonym | None
    uses: tuple[Use, ...]
    counters: tuple[Counter, ...]
    of: dict[str, tuple[Use, str]]
    currency: str
    outcome: CartOutcome
    budgeted: frozenset[str]
    """The rules of which a budget tells somebody at a threshold."""

    @property
    def moves(self) -> dict[str, int]:
        """What it moves the counters by."""
        return {counter.key: counter.by for counter in self.counters}

    @property
    def spent(self) -> dict[str, int]:
        """The money among them, which refunds give back in part."""
        return {key: self.moves[key] for key, (_, name) in self.of.items() if name in MONEY}

    @property
    def amounts(self) -> dict[str, int]:
        """What the order costs by its decision, shipping included."""
        outcome = self.outcome
        return {
            "subtotal_minor": outcome.subtotal_minor + outcome.shipping_minor,
            "discount_minor": outcome.line_discount_minor + outcome.shipping_discount_minor,
            "total_minor": outcome.total_minor,
        }

    def refusal(self, reached: LimitReached) -> Conflict:
        """Which limit it was, in the words of the rule; never who used it."""
        use, name = self.of[reached.data["counter"]]
        detail = "a limit of this rule is used up"
        named = {"rule_id": use.rule_id, "coupon": use.coupon, "limit": name}
        return Conflict("limit_reached", detail, **named)

    @property
    def replaces_order(self) -> str | None:
        """The order whose uses the decision left out."""
        named: str | None = self.record.sources.request.get("replaces_order")
        return named

    @property
    def owner(self) -> Pseudonym | None:
        """Whose key seals what the order says."""
        return self.customer or self.record.key


def claim(
    means: Means, site: SiteId, decision_id: str, shopper: dict[str, Any] | None = None
) -> Claim:
    """The claim of a cart decision that still holds; `shopper` may name who the order is by.

    NotFound, Erased; InvalidInput `not_a_cart_decision`; Conflict `decision_too_old`,
    `rule_not_live`, `coupon_not_valid`.
    """
    record = find(means, site, decision_id)
    if record.kind != "cart":
        detail = "only a priced cart can be redeemed"
        raise InvalidInput([Problem("/decision_id", "not_a_cart_decision", detail)])
    compiled = deciding(means, site)
    now = means.clock.now()
    age = (now - record.decided_at) // SECOND
    most = compiled.settings.decision_max_age_s
    if age > most:
        detail = f"it was made {age} s ago, and holds for {most} s"
        raise Conflict("decision_too_old", detail, age_s=age)
    named = (shopper or record.sources.request.get("shopper") or {}).get("customer_id")
    customer = means.pseudonyms.of(site, "customer", named) if named is not None else None
    codes = {coupon_key(code) for code in record.outcome.get("codes", {}).values()}
    found = means.reads.coupons(site, sorted(codes)) if codes else {}
    return _claimed(record, compiled, Buyer(customer, found), now)


def deciding(means: Means, site: SiteId) -> CompiledRevision:
    """The revision that decides now."""
    for _ in attempts():
        found = means.revisions.deciding(site, means.reads.present(site).state)
        if found is not None:
            return found.compiled
    raise Unavailable("not_caught_up", "the site changes faster than it can be read")


def _claimed(record: Record, compiled: CompiledRevision, buyer: Buyer, now: int) -> Claim:
    outcome = CartOutcome.from_json(record.outcome)
    currency: str = record.sources.request["currency"]
    spender = Spender(buyer.customer, currency)
    uses: list[Use] = []
    tally = Tally()
    rules = [_live(compiled, applied, now) for applied in outcome.applied]
    _same_codes(rules, outcome)
    for applied, rule in zip(outcome.applied, rules, strict=True):
        code = outcome.codes.get(rule.id)
        if rule.limits is None and rule.coupon is None and code is None:
            continue
        use = Use(rule.id, code or rule.coupon, applied.amount_minor)
        uses.append(use)
        if code is not None:
            coupon = _valid(buyer.codes, rule, code, now)
            tally.add(use, of_code(coupon, rule.code_limits, buyer.customer))
        names = COUNTED if rule.coupon is None else COUNTED_WITH_COUPON
        tally.add(use, of_rule(rule.id, rule.limits, names, spender, use.amount_minor))
    counters = tuple(tally.counters.values())
    return Claim(
        record,
        buyer.customer,
        tuple(uses),
        counters,
        tally.of,
        currency,
        outcome,
        frozenset(use.rule_id for use in uses if _tells(compiled.rules[use.rule_id])),
    )


def _tells(rule: CartRule) -> bool:
    budgets = rule.limits.budgets.values() if rule.limits else ()
    return any(budget.get("thresholds") for budget in budgets)


def _same_codes(rules: Sequence[CartRule], outcome: CartOutcome) -> None:
    """Conflict `coupon_not_valid` if a rule asks for another code since, or an applied code belongs
    to none of them any more. The code that a rule asks for now is told to nobody."""
    detail = "a rule of this decision takes other codes now"
    generated = {coupon_key(code) for code in outcome.codes.values()}
    typed = {coupon_key(one.code): one.code for one in outcome.coupons if one.reason is None}
    own = {rule.coupon_key for rule in rules}
    for key, written in typed.items():
        if key not in own | generated:
            raise Conflict("coupon_not_valid", detail, coupon=written)
    for rule in rules:
        code = outcome.codes.get(rule.id)
        needs_another = rule.coupon_key is not None and rule.coupon_key not in typed
        if needs_another or rule.is_generated is not (code is not None):
            raise Conflict("coupon_not_valid", detail, rule_id=rule.id, coupon=code)


def _valid(codes: Mapping[str, Coupon], rule: CartRule, code: str, now: int) -> Coupon:
    found = codes.get(coupon_key(code))
    if found is None or found.rule_id != rule.id or found.expired(now):
        detail = "a code of this decision is not valid any more"
        raise Conflict("coupon_not_valid", detail, rule_id=rule.id, coupon=code)
    return found


def _live(compiled: CompiledRevision, applied: Applied, now: int) -> CartRule:
    rule = compiled.rules.get(applied.rule_id)
    if rule is None or rule.paused or not rule.window.holds(now):
        detail = "a rule of this decision is not live any more"
        raise Conflict("rule_not_live", detail, rule_id=applied.rule_id)
    return rule
