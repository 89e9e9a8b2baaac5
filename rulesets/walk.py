"""The walk: rules take their turns by (priority, id), each over all lines, on running totals."""

from __future__ import annotations

from collections.abc import Sequence

from rulesets.benefits.benefit import Benefit
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import ItemFilter
from rulesets.compiled import CompiledRevision
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.judge import Judge
from rulesets.outcome import Applied
from rulesets.question import CartQuestion
from rulesets.running import RunningCart
from rulesets.settled import SettledTruths
from rulesets.trace import APPLIED
from rulesets.trace import Step

AFTER_DISCOUNT = "cart.subtotal_after_discount"
APPLIED_RULES = "cart.applied_rules"
LINE_AFTER_DISCOUNT = "line.subtotal_after_discount"


class CartWalk:
    """One cart on its way through the rules. `facts` belong to the walk, which keeps the running
    totals in them when it is told to, or a filter reads them."""

    def __init__(
        self,
        compiled: CompiledRevision,
        question: CartQuestion,
        facts: Facts,
        header: Header,
        judge: Judge,
    ) -> None:
        self.cart = RunningCart(question)
        self.applied: list[Applied] = []
        self.steps: list[Step] = []
        self._facts = facts
        self._header = header
        self._judge = judge
        self._read = compiled.running_read
        self.truths = SettledTruths(facts, compiled.late_leaves)
        self._stale = True
        self._has_stopped = False
        self._open_lines = [i for i, takes in enumerate(self.cart.takes_discount) if takes]
        self._filtered: dict[int, list[int]] = {}

    def turn(self, rule: CartRule) -> bool:
        """A rule that fired takes its turn; whether it applied."""
        refusal = self._header.refusal(rule)
        if refusal is not None:
            return self._note(rule, refusal[0], by=refusal[1])
        if not self._confirmed(rule):
            return self._note(rule, "engine_disagreed")
        return self._apply(rule)

    def _confirmed(self, rule: CartRule) -> bool:
        return rule.always or self._judge.confirms(rule.id, rule.node, self.truths)

    def _apply(self, rule: CartRule) -> bool:
        cart = self.cart
        benefit = rule.benefit(self._header.currency)
        assert benefit is not None, "the header refuses a rule without one"
        matching, units = self._matching(rule)
        lines, units = self._not_stopped(matching, units)
        shipping_open = cart.shipping_stopped_by is None
        discounts_shipping = rule.apply_to_shipping and shipping_open
        frees_shipment = rule.free_shipping == "shipment" and shipping_open and bool(lines)
        if not lines and not (discounts_shipping and cart.shipping_left):
            return self._refuse(rule, matching)
        parts, shipping = benefit.take(
            cart, lines, units, cart.shipping_left if discounts_shipping else None
        )
        amount = cart.take(lines, parts)
        if frees_shipment:
            shipping = cart.shipping_left
        cart.shipping_left -= shipping
        free_lines = tuple(lines) if rule.free_shipping == "items" else ()
        if rule.stop_further:
            self._stop(rule, lines, discounts_shipping or frees_shipment)
        if amount or shipping or free_lines or frees_shipment or _asks_for_none(rule, benefit):
            self.applied.append(
                Applied(rule.id, self._dense(lines, parts), shipping, free_lines, frees_shipment)
            )
            self._stale = True
            return self._note(rule, APPLIED, amount + shipping)
        if rule.free_shipping == "shipment" and not shipping_open:
            return self._note(rule, "stopped", by=cart.shipping_stopped_by)
        return self._note(rule, "zero_amount")

    def _matching(self, rule: CartRule) -> tuple[list[int], list[int] | None]:
        """Lines that pass the filter and the gate, with the units that count on each."""
        lines = self._open_lines if rule.items is None else self._passing(rule.items)
        if rule.gate is None:
            return lines, None
        counted = [(i, rule.gate.units(self.cart.units[i])) for i in lines]
        kept = [(i, units) for i, units in counted if units is not None]
        return [i for i, _ in kept], [units for _, units in kept]

    def _passing(self, items: ItemFilter) -> list[int]:
        facts, scopes = self._facts, self._facts.lines
        if items.running:
            self.keep_totals()
            return [i for i in self._open_lines if evaluate(items.node, facts, scopes[i])]
        known = self._filtered.get(items.number)
        if known is None:
            known = [i for i in self._open_lines if evaluate(items.node, facts, scopes[i])]
            self._filtered[items.number] = known
        return known

    def _not_stopped(
        self, lines: list[int], units: list[int] | None
    ) -> tuple[list[int], list[int] | None]:
        if not self._has_stopped:
            return lines, units
        stopped_by = self.cart.stopped_by
        kept = [at for at, i in enumerate(lines) if stopped_by[i] is None]
        return [lines[at] for at in kept], units and [units[at] for at in kept]

    def _refuse(self, rule: CartRule, matching: Sequence[int]) -> bool:
        if matching:
            return self._note(rule, "stopped", by=self.cart.stopped_by[matching[0]])
        if rule.apply_to_shipping and self.cart.shipping_stopped_by is not None:
            return self._note(rule, "stopped", by=self.cart.shipping_stopped_by)
        return self._note(rule, "no_eligible_line")

    def _stop(self, rule: CartRule, lines: Sequence[int], takes_part_in_shipping: bool) -> None:
        self._has_stopped = True
        for i in lines:
            self.cart.stopped_by[i] = rule.id
        if takes_part_in_shipping:
            self.cart.shipping_stopped_by = rule.id

    def _dense(self, lines: Sequence[int], parts: Sequence[int]) -> tuple[int, ...]:
        """A part for every line of the cart."""
        if len(lines) == len(self.cart.left):
            return tuple(parts)
        dense = [0] * len(self.cart.left)
        for i, part in zip(lines, parts, strict=True):
            dense[i] = part
        return tuple(dense)

    def keep_totals(self) -> None:
        """Brings the running totals that rules look at up to date, before somebody does."""
        if not self._stale:
            return
        self._stale = False
        facts, cart, read = self._facts, self.cart, self._read
        facts.values[AFTER_DISCOUNT] = cart.subtotal_after_discount
        if self.applied and APPLIED_RULES in read:
            facts.values[APPLIED_RULES] = frozenset([rule.rule_id for rule in self.applied])
        if LINE_AFTER_DISCOUNT in read:
            for scope, price, taken in zip(facts.lines, cart.subtotals, cart.discount, strict=True):
                scope[LINE_AFTER_DISCOUNT] = price - taken

    def _note(self, rule: CartRule, code: str, amount: int = 0, by: str | None = None) -> bool:
        self.steps.append(Step(rule.id, code, amount, self.cart.subtotal_after_discount, by))
        return code == APPLIED


def _asks_for_none(rule: CartRule, benefit: Benefit) -> bool:
    """A rule of 0 % without free shipping is there for what else depends on it: it applies."""
    return benefit.gives_nothing and rule.free_shipping == "no"
