"""The running cart: what each line and shipping have left while rules take their turns."""

from __future__ import annotations

from collections.abc import Sequence

from rulesets.question import SCALE
from rulesets.question import CartLine
from rulesets.question import CartQuestion


class RunningCart:
    """Totals in minor units. A line's `left` is what rules may still take: down to its minimum
    price, and nothing when it takes no discount or belongs to another line."""

    __slots__ = (
        "discount",
        "gross",
        "left",
        "line_discount",
        "price",
        "scale",
        "shipping_left",
        "shipping_stopped_by",
        "stopped_by",
        "subtotal",
        "subtotals",
        "takes_discount",
        "units",
    )

    def __init__(self, question: CartQuestion) -> None:
        lines = question.lines
        whole = all(line.quantity.__class__ is int for line in lines)
        self.scale = 1 if whole else SCALE
        self.price = [line.unit_price_minor for line in lines]
        self.units = [line.quantity_scaled for line in lines]
        self.gross = [
            line.subtotal_minor if whole else line.quantity_scaled * line.unit_price_minor
            for line in lines
        ]
        self.takes_discount = [
            line.parent_line_id is None and not line.no_discount for line in lines
        ]
        self.left = [_room(line) for line in lines]
        self.discount = [0] * len(lines)
        self.stopped_by: list[str | None] = [None] * len(lines)
        self.subtotals = [line.subtotal_minor for line in lines]
        self.subtotal = question.subtotal_minor
        self.line_discount = 0
        self.shipping_left = question.shipping_minor
        self.shipping_stopped_by: str | None = None

    @property
    def subtotal_after_discount(self) -> int:
        """What the lines cost now."""
        return self.subtotal - self.line_discount

    def take(self, lines: Sequence[int], parts: Sequence[int]) -> int:
        """Takes the parts off the lines; gives their sum."""
        left, discount = self.left, self.discount
        taken = 0
        for line, part in zip(lines, parts, strict=True):
            left[line] -= part
            discount[line] += part
            taken += part
        self.line_discount += taken
        return taken


def _room(line: CartLine) -> int:
    """What may be taken off: 3 at 10.00 with a minimum price of 8.00 have room for 6.00."""
    if line.parent_line_id is not None or line.no_discount:
        return 0
    if not line.minimum_price_minor:
        return line.subtotal_minor
    least = -(-line.quantity_scaled * line.minimum_price_minor // SCALE)
    return max(0, line.subtotal_minor - least)
