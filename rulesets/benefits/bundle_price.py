"""One price for a bundle: a camera, a lens and two batteries for 899.00.

As many bundles count as the cart holds and as cost less for it; a unit is in one bundle only.
Parts take the dearest units first, the part with the fewest candidates before the others. What the
bundles save is shared by their lines in proportion to what the bundled units cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import money_of
from rulesets.question import SCALE
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class BundlePrice:
    """`quantities`: whole units of each part; `candidates`: the lines of this cart that may be the
    part, told by `picking`."""

    price_minor: int
    quantities: tuple[int, ...]
    candidates: tuple[Sequence[int], ...] = ()

    @property
    def gives_nothing(self) -> bool:
        return False

    def picking(self, candidates: Sequence[Sequence[int]]) -> BundlePrice:
        """The same for a cart in which these lines may be its parts."""
        return replace(self, candidates=tuple(candidates))

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        free = {i: cart.units[i] // SCALE for i in lines}
        bundled = dict.fromkeys(lines, 0)
        saved = 0
        while (one := self._bundle(cart, free)) is not None:
            gain = sum(count * cart.price[i] for i, count in one.items()) - self.price_minor
            if gain <= 0:
                break
            # The same bundle again, as long as each of its lines has enough: no loop a unit.
            times = min(free[i] // count for i, count in one.items())
            saved += times * gain
            for i, count in one.items():
                free[i] -= times * count
                bundled[i] += times * count
        worth = [bundled[i] * cart.price[i] for i in lines]
        total = sum(worth)
        if not total:
            return [0] * len(lines), 0
        return spread([saved * own for own in worth], total, [cart.left[i] for i in lines]), 0

    def _bundle(self, cart: RunningCart, free: dict[int, int]) -> dict[int, int] | None:
        """The dearest bundle that the free units make, as units of each line; None if none."""
        candidates = [[i for i in part if i in free] for part in self.candidates]
        rooms = [sum(free[i] for i in part) for part in candidates]
        chosen: dict[int, int] = {}
        for number in sorted(range(len(candidates)), key=lambda part: (rooms[part], part)):
            wanted = self.quantities[number]
            for i in sorted(candidates[number], key=lambda line: (-cart.price[line], line)):
                count = min(wanted, free[i] - chosen.get(i, 0))
                if count > 0:
                    chosen[i] = chosen.get(i, 0) + count
                    wanted -= count
            if wanted:
                return None
        return chosen or None


def read(action: Action, currency: str, base_currency: str) -> BundlePrice | None:
    """None if the author gave no price in the cart's currency."""
    price = money_of(action, currency, base_currency)
    quantities = tuple(int(part["quantity"]) for part in action["bundle"])
    return None if price is None else BundlePrice(price, quantities)
