"""The running cart: what each line and shipping have left while rules take their turns."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add
from operator import sub

from rulesets.families import Families
from rulesets.question import SCALE
from rulesets.question import CartLine
from rulesets.question import CartQuestion


class RunningCart:
    """Totals in minor units. A line's `left` is what rules may still take: down to its minimum
    price, and nothing when it takes no discount. What a child gives is taken off its parent too;
    sums count parents only. Without `composite` children take no discount, as once it was."""

    __slots__ = (
        "discount",
        "families",
        "gross",
        "has_stopped",
        "is_plain",
        "items_quantity",
        "left",
        "line_discount",
        "price",
        "scale",
        "shipping_left",
        "shipping_stopped_by",
        "skus",
        "stopped_by",
        "subtotal",
        "subtotals",
        "takes_discount",
        "units",
    )

    def __init__(self, question: CartQuestion, *, composite: bool = True) -> None:
        lines = question.lines
        whole = all(line.quantity.__class__ is int for line in lines)
        self.scale = 1 if whole else SCALE
        self.skus = [line.sku for line in lines]
        self.price = [line.unit_price_minor for line in lines]
        self.units = [line.quantity_scaled for line in lines]
        self.gross = [
            line.subtotal_minor if whole else line.quantity_scaled * line.unit_price_minor
            for line in lines
        ]
        self.families = _families(lines) if composite else None
        self.takes_discount = [
            line.parent_line_id is None and not line.no_discount for line in lines
        ]
        self.left = [_room(line) for line in lines]
        self.is_plain = (
            whole
            and self.families is None
            and all(
                room == line.subtotal_minor
                for line, room, takes in zip(lines, self.left, self.takes_discount, strict=True)
                if takes
            )
        )
        """Whether every line that takes discounts has left just what it costs now."""
        self.discount = [0] * len(lines)
        self.stopped_by: list[str | None] = [None] * len(lines)
        self.subtotals = [line.subtotal_minor for line in lines]
        self.subtotal = question.subtotal_minor
        self.items_quantity = sum(
            line.quantity_scaled for line in lines if line.parent_line_id is None
        )
        self.line_discount = 0
        self.has_stopped = False
        self.shipping_left = question.shipping_minor
        self.shipping_stopped_by: str | None = None

    @property
    def subtotal_after_discount(self) -> int:
        """What the lines cost now."""
        return self.subtotal - self.line_discount

    def copy(self) -> RunningCart:
        """The same cart, to try something on."""
        other = RunningCart.__new__(RunningCart)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.left = self.left.copy()
        other.discount = self.discount.copy()
        other.stopped_by = self.stopped_by.copy()
        return other

    def take(self, lines: Sequence[int], parts: Sequence[int]) -> int:
        """Takes the parts off the lines; gives their sum."""
        left, discount = self.left, self.discount
        taken = sum(parts)
        if len(lines) == len(left) and self.families is None:  # all of them, in their order
            left[:] = map(sub, left, parts)
            discount[:] = map(add, discount, parts)
        else:
            for line, part in zip(lines, parts, strict=True):
                left[line] -= part
                discount[line] += part
        if self.families is not None:
            for line, part in zip(lines, parts, strict=True):
                parent = self.families.parent.get(line)
                if parent is not None:
                    left[parent] -= part
                    discount[parent] += part
        self.line_discount += taken
        return taken


def _families(lines: Sequence[CartLine]) -> Families | None:
    """None for a cart without composite products, as most are."""
    if all(line.parent_line_id is None for line in lines):
        return None
    at = {line.line_id: place for place, line in enumerate(lines)}
    parents = {
        place: at[line.parent_line_id]
        for place, line in enumerate(lines)
        if line.parent_line_id in at
    }
    return Families(parents)


def _room(line: CartLine) -> int:
    """What may be taken off: 3 at 10.00 with a minimum price of 8.00 have room for 6.00."""
    if line.no_discount:
        return 0
    if not line.minimum_price_minor:
        return line.subtotal_minor
    least = -(-line.quantity_scaled * line.minimum_price_minor // SCALE)
    return max(0, line.subtotal_minor - least)
