"""One price for a bundle: a camera, a lens and two batteries for 899.00.

As many bundles count as the cart holds and as cost less for it; a unit is in one bundle only. The
dearest units that make so many bundles are in them (rulesets/benefits/packing.py). What the bundles
save is shared by their lines in proportion to what the bundled units cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import money_of
from rulesets.benefits.packing import packed
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
        parts = list(zip(self.candidates, self.quantities, strict=True))
        times, bundled = packed(parts, free, cart.price, self.price_minor)
        if not times:
            return [0] * len(lines), 0
        worth = [bundled[i] * cart.price[i] for i in lines]
        total = sum(worth)
        saved = total - times * self.price_minor
        return spread([saved * own for own in worth], total, [cart.left[i] for i in lines]), 0


def read(action: Action, currency: str, base_currency: str) -> BundlePrice | None:
    """None if the author gave no price in the cart's currency."""
    price = money_of(action, currency, base_currency)
    quantities = tuple(int(part["quantity"]) for part in action["bundle"])
    return None if price is None else BundlePrice(price, quantities)
