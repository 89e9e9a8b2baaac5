"""The rules in the order in which they took their turns: what each changed, who lost and to whom.

Nothing of it is recorded beyond the facts: the walk is gone once more with the record's own
semantics, and watched.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from aggregates.kernel.money import format_money
from decisions.again import BY_SEMANTICS
from decisions.explaining import Explaining
from rulesets.offers import Offer
from rulesets.question import CartQuestion
from rulesets.trace import APPLIED
from rulesets.trace import Step
from rulesets.watch import Turned
from rulesets.watch import Watch

Json = dict[str, Any]


def steps_explained(asked: Explaining, rules: Sequence[Json]) -> list[Json]:
    """One entry for each rule that fired, first to last. Amounts are decimal text; `rules` are the
    same rules explained, with a sentence for each that did not apply."""
    cart, made = asked.cart, asked.made
    if cart is None:
        return []
    record, watch = made.record, Watch()
    again = BY_SEMANTICS[record.semantics]
    facts = record.sources.facts
    decided = again(
        made.compiled, facts, made.question, record.decided_at, record.seed, watch=watch
    )
    telling = _Steps(asked, cart, watch)
    why_not = {rule["rule_id"]: rule["detail"] for rule in rules if "detail" in rule}
    return [
        telling.one(step, turned, why_not)
        for step, turned in zip(decided.trace.steps, watch.turns, strict=True)
    ]


class _Steps:
    """The cart as it is before the next step."""

    def __init__(self, asked: Explaining, cart: CartQuestion, watch: Watch) -> None:
        self._asked = asked
        self._cart = cart
        self._watch = watch
        self._taken: tuple[int, ...] = (0,) * len(cart.lines)
        self._shipping = cart.shipping_minor
        self._subtotal = cart.subtotal_minor
        self._number = 0

    def one(self, step: Step, turned: Turned, why_not: Mapping[str, str]) -> Json:
        """What became of one rule at its turn."""
        self._number += 1
        before = self._subtotal + self._shipping
        lane = self._asked.made.compiled.lanes.get(step.rule_id)
        told: Json = {
            "step": self._number,
            "rule_id": step.rule_id,
            "name": self._asked.telling.names[step.rule_id],
            "applied": step.code == APPLIED,
        }
        if lane is not None:
            told["group"] = {"name": lane.name, "mode": lane.mode, "per": lane.per}
        found = turned.found
        if isinstance(found, Offer):
            lines, shipping = self._lines(turned), self._shipping - turned.shipping_left
            told["amount"] = self._text(step.amount_minor)
            if lines:
                told["lines"] = lines
            if shipping:
                told["shipping"] = self._change(self._shipping, shipping)
            told |= self._beside(found)
        else:
            told["code"] = step.code
            if step.by is not None:
                told["by"] = step.by
            if found.best is not None and found.offered is not None:
                told["contest"] = {
                    "offered": self._text(found.offered),
                    "best": self._text(found.best),
                    "short_by": self._text(found.best - found.offered),
                }
        self._subtotal = step.subtotal_after_minor
        self._shipping, self._taken = turned.shipping_left, turned.discounts
        told["totals"] = {
            "before": self._text(before),
            "after": self._text(self._subtotal + self._shipping),
        }
        told["detail"] = self._sentence(told, why_not)
        return told

    def _sentence(self, told: Json, why_not: Mapping[str, str]) -> str:
        """The step in words: what was taken, or why nothing was and by how much it lost."""
        telling, texts = self._asked.telling, self._asked.telling.messages
        if told["applied"]:
            totals = {name: telling.amount(text) for name, text in told["totals"].items()}
            amount = telling.amount(told["amount"])
            return texts.text("steps.applied", rule=told["name"], amount=amount, **totals)
        contest = told.get("contest")
        if contest is None:
            return why_not[told["rule_id"]]
        lost = texts.text(
            "steps.lost",
            by=telling.named(told["by"]),
            offered=telling.amount(contest["offered"]),
            best=telling.amount(contest["best"]),
        )
        return f"{why_not[told['rule_id']]} {lost}"

    def _lines(self, turned: Turned) -> list[Json]:
        """The lines that cost another amount after the step."""
        steps = zip(self._cart.lines, self._taken, turned.discounts, strict=True)
        return [
            {
                "line_id": line.line_id,
                **self._change(line.subtotal_minor - before, after - before),
            }
            for line, before, after in steps
            if after != before
        ]

    def _beside(self, offer: Offer) -> Json:
        """What a rule does beside taking money off."""
        told: Json = {}
        if offer.free_lines:
            told["free_shipping_lines"] = self._ids(offer.free_lines)
        if offer.frees_shipment:
            told["frees_shipment"] = True
        if offer.gifts:
            told["gifts"] = [gift.sku for gift in offer.gifts]
        if offer.rule.stop_further:
            told["ends"] = {"lines": self._ids(offer.lines), "shipping": offer.ends_shipping}
        lost = self._lost_lines(offer)
        if lost:
            told["lost_lines"] = lost
        return told

    def _lost_lines(self, offer: Offer) -> list[Json]:
        """The lines that another rule of the group gave more."""
        wanted = self._watch.offered.get(offer.rule.id)
        if wanted is None:
            return []
        kept = frozenset(offer.lines)
        return [
            {"line_id": self._asked.line_id(line), "offered": self._text(part)}
            for line, part in zip(wanted.lines, wanted.parts, strict=True)
            if line not in kept and part
        ]

    def _change(self, before: int, taken: int) -> Json:
        return {
            "before": self._text(before),
            "discount": self._text(taken),
            "after": self._text(before - taken),
        }

    def _ids(self, lines: Any) -> list[str]:
        return [self._asked.line_id(line) for line in lines]

    def _text(self, minor: int) -> str:
        return format_money(minor, self._cart.currency)
