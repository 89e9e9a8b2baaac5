"""Prices with and without tax: the discount is computed on one, and told of both (FEATURES Q5).

What a rule takes is exact on the site's basis. On the other side a line's discounts so far are
worth `round_half_up(D x O / S)`: D those discounts, S and O what the line costs on the basis and on
the other side. A rule's amount is the difference it makes, so amounts sum to the line's, lines sum
to the cart's, and whoever pays nothing on one side pays nothing on the other.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

from aggregates.kernel.money import format_money
from rulesets.allocation import spread
from rulesets.question import CartQuestion
from rulesets.question import rounded

if TYPE_CHECKING:
    from rulesets.outcome import CartOutcome

Basis = Literal["excl_tax", "incl_tax"]
OTHER: Mapping[Basis, Basis] = {"excl_tax": "incl_tax", "incl_tax": "excl_tax"}
SHIPPING = -1
_Both = Callable[..., dict[str, Any]]


@dataclass(slots=True)
class OtherSide:
    """An outcome on the side that discounts were not computed on. Lines without a price there have
    no amounts there, and then the cart has no totals there."""

    subtotals: list[int | None]
    shipping: int | None
    complete: bool
    discounts: dict[int, int] = field(default_factory=dict)
    """Of each line by place, and of SHIPPING."""
    of_rule: dict[tuple[str, int], int] = field(default_factory=dict)
    """(rule, place) -> its amount."""


def other_side(question: CartQuestion, outcome: CartOutcome, basis: Basis) -> OtherSide:
    """What the same discounts are on the other side of tax."""
    lines, at = question.lines, {line.line_id: i for i, line in enumerate(question.lines)}
    prices = question.tax.on(OTHER[basis]) if question.tax is not None else ()
    subtotals = [
        None if price is None else line.worth(price)
        for line, price in zip(lines, prices, strict=True)
    ]
    shipping = question.tax.shipping_on(OTHER[basis]) if question.tax is not None else None
    wholes = [at.get(line.parent_line_id or "", i) for i, line in enumerate(lines)]
    complete = all(subtotals[i] is not None for i in wholes) and (
        shipping is not None or not question.shipping_minor
    )
    side = OtherSide(subtotals, shipping, complete)
    so_far: dict[int, tuple[int, int]] = {}
    """Whole -> discounts so far on the basis, and on the other side."""
    for rule in outcome.applied:
        families: dict[int, list[int]] = {}
        for i, part in enumerate(rule.parts):
            if part:
                families.setdefault(wholes[i], []).append(i)
        for whole, members in families.items():
            other, costs = subtotals[whole], lines[whole].subtotal_minor
            if other is None or not costs:
                continue
            parts = [rule.parts[i] for i in members]
            more = _more(so_far, whole, sum(parts), other, costs)
            shares = spread([more * part for part in parts], sum(parts), [more] * len(parts))
            _add(side, rule.rule_id, members, shares)
        if rule.shipping_minor and shipping is not None:
            costs = question.shipping_minor
            more = _more(so_far, SHIPPING, rule.shipping_minor, shipping, costs)
            _add(side, rule.rule_id, [SHIPPING], [more])
    return side


def with_both(
    answer: dict[str, Any], question: CartQuestion, outcome: CartOutcome, basis: Basis
) -> dict[str, Any]:
    """The answer with `tax` at every amount that is known on both sides."""
    side, currency = other_side(question, outcome, basis), question.currency

    def both(mine: Mapping[str, str], **other: int) -> dict[str, Any]:
        told = {name: format_money(minor, currency) for name, minor in other.items()}
        return {"tax": {basis: {name: mine[name] for name in other}, OTHER[basis]: told}}

    for place, line in enumerate(answer["lines"]):
        other = side.subtotals[place]
        _tell_discounts(line["discounts"], side, place, both)
        if other is not None:
            taken = side.discounts.get(place, 0)
            line |= both(line, subtotal=other, discount=taken, total=other - taken)
    if side.shipping is not None:
        taken = side.discounts.get(SHIPPING, 0)
        _tell_discounts(answer["shipping"]["discounts"], side, SHIPPING, both)
        answer["shipping"] |= both(
            answer["shipping"], amount=side.shipping, discount=taken, total=side.shipping - taken
        )
    if side.complete:
        answer["totals"] |= both(answer["totals"], **_totals(question, side))
        for rule in answer["applied_rules"]:
            amount = sum(one for (id_, _), one in side.of_rule.items() if id_ == rule["rule_id"])
            rule |= both(rule, amount=amount)
    return answer


def _tell_discounts(
    discounts: Sequence[dict[str, Any]], side: OtherSide, place: int, both: _Both
) -> None:
    for discount in discounts:
        amount = side.of_rule.get((discount["rule_id"], place))
        if amount is not None:
            discount |= both(discount, amount=amount)


def _totals(question: CartQuestion, side: OtherSide) -> dict[str, int]:
    subtotal = sum(
        other or 0
        for line, other in zip(question.lines, side.subtotals, strict=True)
        if line.parent_line_id is None
    )
    shipping, of_shipping = side.shipping or 0, side.discounts.get(SHIPPING, 0)
    of_lines = sum(side.discounts.values()) - of_shipping
    return {
        "subtotal": subtotal,
        "shipping": shipping,
        "line_discount": of_lines,
        "shipping_discount": of_shipping,
        "discount": of_lines + of_shipping,
        "total": subtotal + shipping - of_lines - of_shipping,
    }


def _more(so_far: dict[int, tuple[int, int]], whole: int, part: int, other: int, costs: int) -> int:
    """How much more the other side's discounts are worth with this part."""
    before, worth = so_far.get(whole, (0, 0))
    after = rounded((before + part) * other, costs)
    so_far[whole] = (before + part, after)
    return after - worth


def _add(side: OtherSide, rule_id: str, places: Sequence[int], amounts: Sequence[int]) -> None:
    for place, amount in zip(places, amounts, strict=True):
        side.discounts[place] = side.discounts.get(place, 0) + amount
        side.of_rule[rule_id, place] = amount
