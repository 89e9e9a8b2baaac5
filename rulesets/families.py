"""Composite products: a bundle or a configurable product is a line, its parts are lines under it.

The cart's total counts the parent. What a rule takes off a parent is spread over its priced
children by what they have left, so that each can be refunded on its own (FEATURES A10). What the
parent costs beyond its children, such as the case of a kit, is one more share, the parent's own. A
rule that matches only a child takes off that child.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rulesets.allocation import spread

if TYPE_CHECKING:
    from rulesets.running import RunningCart


class Families:
    """Which lines belong to which, by place in the cart."""

    __slots__ = ("children", "parent")

    def __init__(self, parent: dict[int, int]) -> None:
        self.parent = parent
        self.children: dict[int, list[int]] = {}
        for child, above in parent.items():
            self.children.setdefault(above, []).append(child)

    def settled(
        self, cart: RunningCart, lines: Sequence[int], parts: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """The same parts where they stand in the end: on children, and within their family."""
        taken: dict[int, int] = {}
        families: dict[int, list[int]] = {}
        for line, part in zip(lines, parts, strict=True):
            above = self.parent.get(line)
            if above is None:
                self._off_parent(cart, line, part, taken)
            else:
                families.setdefault(above, []).append(line)
                taken[line] = part
        for above, members in families.items():
            _within(cart.left[above], members, taken)
        return list(taken), list(taken.values())

    def _off_parent(self, cart: RunningCart, line: int, part: int, taken: dict[int, int]) -> None:
        children = self.children.get(line, ())
        left = [self._own(cart, line, children)]
        left += [0 if cart.stopped_by[child] else cart.left[child] for child in children]
        room = sum(left)
        shares = spread([part * one for one in left], room, left) if room else [0] * len(left)
        taken.update(zip((line, *children), shares, strict=True))

    @staticmethod
    def _own(cart: RunningCart, line: int, children: Sequence[int]) -> int:
        """What the parent costs beyond its children now. What a child may not give, or an earlier
        rule ended, is its price, not the parent's: nobody could refund it otherwise."""
        now = [cart.subtotals[i] - cart.discount[i] for i in (line, *children)]
        return min(max(0, now[0] - sum(now[1:])), cart.left[line])


def _within(most: int, members: Sequence[int], taken: dict[int, int]) -> None:
    """Children of one product never take more than the product has left."""
    parts = [taken[member] for member in members]
    total = sum(parts)
    if total > most:
        shares = spread([part * most for part in parts], total, parts)
        taken.update(zip(members, shares, strict=True))
