"""What is asked: a cart to price, a slot to fill, a category to rank. Money in minor units, nothing
about rules.

A question is recorded with its decision, so it holds all that pricing reads beside the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any
from typing import Literal

from aggregates.kernel.limits import QUANTITY_PLACES_MAX
from rulesets.retrieved import Retrieved
from rulesets.unit_results import UnitResults

Quantity = int | Decimal
SCALE: int = 10**QUANTITY_PLACES_MAX
"""Quantities are counted in parts of a unit, so that all arithmetic is on integers."""


def scaled(quantity: Quantity) -> int:
    """A quantity in parts of `SCALE`: 2 is 20000, 0.5 is 5000. At most four places, so exact."""
    return int(quantity * SCALE)


def unscaled(parts: int) -> Decimal:
    """The reverse: 5000 is 0.5."""
    return Decimal(parts) / SCALE


def rounded(numerator: int, denominator: int) -> int:
    """Half up, for what is not negative: 5/2 is 3, 12/5 is 2."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line. `minimum_price_minor` is the line's own, else the catalogue's, else None."""

    line_id: str
    sku: str
    quantity: Quantity
    unit_price_minor: int
    name: str | None = None
    minimum_price_minor: int | None = None
    no_discount: bool = False
    parent_line_id: str | None = None
    quantity_scaled: int = field(init=False, compare=False, repr=False)
    subtotal_minor: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        quantity = self.quantity
        if quantity.__class__ is int:
            parts, subtotal = quantity * SCALE, quantity * self.unit_price_minor
        else:
            parts = scaled(quantity)
            subtotal = rounded(parts * self.unit_price_minor, SCALE)
        object.__setattr__(self, "quantity_scaled", parts)
        object.__setattr__(self, "subtotal_minor", subtotal)

    def worth(self, price_minor: int) -> int:
        """What the line costs at a price of a unit."""
        return rounded(self.quantity_scaled * price_minor, SCALE)

    def to_json(self) -> dict[str, Any]:
        """As recorded; what is absent is left out."""
        data: dict[str, Any] = {
            "line_id": self.line_id,
            "sku": self.sku,
            "quantity": self.quantity,
            "unit_price_minor": self.unit_price_minor,
        }
        for name in ("name", "minimum_price_minor", "parent_line_id"):
            value = getattr(self, name)
            if value is not None:
                data[name] = value
        if self.no_discount:
            data["no_discount"] = True
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CartLine:
        """From revived canonical JSON."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Shipping:
    """What shipping costs before discounts."""

    amount_minor: int
    method: str | None = None


@dataclass(frozen=True, slots=True)
class TaxPrices:
    """Prices of a unit of each line, and of shipping, that a cart tells beside `unit_price`: with
    tax and without. None where it does not."""

    incl_tax: tuple[int | None, ...]
    excl_tax: tuple[int | None, ...]
    shipping_incl_tax: int | None = None
    shipping_excl_tax: int | None = None

    def on(self, side: Literal["excl_tax", "incl_tax"]) -> tuple[int | None, ...]:
        """Those with tax, or those without."""
        return self.incl_tax if side == "incl_tax" else self.excl_tax

    def shipping_on(self, side: Literal["excl_tax", "incl_tax"]) -> int | None:
        """Shipping with tax, or without."""
        return self.shipping_incl_tax if side == "incl_tax" else self.shipping_excl_tax


@dataclass(frozen=True, slots=True)
class CartQuestion:
    """A cart to price. `coupons` as the customer wrote them, in the order given; `tax` if lines
    tell their price on both sides of tax."""

    cart_id: str
    currency: str
    lines: tuple[CartLine, ...]
    shipping: Shipping | None = None
    coupons: tuple[str, ...] = ()
    tax: TaxPrices | None = None

    @property
    def top_level(self) -> tuple[CartLine, ...]:
        """The lines that are priced: parts of a bundle are priced by their parent."""
        return tuple(line for line in self.lines if line.parent_line_id is None)

    @property
    def subtotal_minor(self) -> int:
        """Sum of the top-level lines before any discount."""
        return sum(line.subtotal_minor for line in self.lines if line.parent_line_id is None)

    @property
    def shipping_minor(self) -> int:
        """What shipping costs, 0 while none is chosen."""
        return self.shipping.amount_minor if self.shipping else 0

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        data: dict[str, Any] = {
            "cart_id": self.cart_id,
            "currency": self.currency,
            "lines": [line.to_json() for line in self.lines],
            "coupons": list(self.coupons),
        }
        if self.shipping is not None:
            data["shipping"] = {
                "amount_minor": self.shipping.amount_minor,
                "method": self.shipping.method,
            }
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CartQuestion:
        """From revived canonical JSON."""
        shipping = data.get("shipping")
        return cls(
            data["cart_id"],
            data["currency"],
            tuple(CartLine.from_json(line) for line in data["lines"]),
            Shipping(**shipping) if shipping else None,
            tuple(data["coupons"]),
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """How many answers a slot gave before to the shopper `of`, by whose name orders are drawn."""

    of: str
    number: int

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return {"of": self.of, "number": self.number}


@dataclass(frozen=True, slots=True)
class ContentQuestion:
    """A slot to fill. `slot` is its key or id; by `turn` the rotations `series` and `shuffle` go
    on. Without one, as for a request that names nobody, they are random."""

    slot: str
    cart: CartQuestion | None = None
    product_sku: str | None = None
    turn: Turn | None = None

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return {
            "slot": self.slot,
            "cart": self.cart.to_json() if self.cart else None,
            "product_sku": self.product_sku,
            "turn": self.turn.to_json() if self.turn else None,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ContentQuestion:
        """From revived canonical JSON."""
        cart, turn = data["cart"], data["turn"]
        return cls(
            data["slot"],
            CartQuestion.from_json(cart) if cart else None,
            data["product_sku"],
            Turn(**turn) if turn else None,
        )


@dataclass(frozen=True, slots=True)
class CategoryQuestion:
    """A page of a category to rank, with the results it is made of. `by_position`: the shopper did
    not ask for an order of their own, such as by price, which ends all ranking (FEATURES M10)."""

    category: str
    page: int
    page_size: int
    by_position: bool
    retrieved: Retrieved
    cart: CartQuestion | None = None

    @property
    def start(self) -> int:
        """The first place of the page, from 0 on."""
        return (self.page - 1) * self.page_size


@dataclass(frozen=True, slots=True)
class RecommendationsQuestion:
    """The units of a page to fill, with their candidates. `named`: ids, None for all of the page;
    `looked_at` and `in_cart` are what the shopper sees or has anyway."""

    page_type: str
    named: tuple[str, ...] | None
    looked_at: str | None
    in_cart: tuple[str, ...]
    results: UnitResults


Question = CartQuestion | ContentQuestion | CategoryQuestion | RecommendationsQuestion
