"""From checked JSON to the question that the pipeline prices.

A schema has checked shapes; here is what needs the currency or the other lines: amounts in minor
units, line ids that name one line each, parents that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import AMOUNT_MINOR_MAX
from aggregates.kernel.money import digits_of
from aggregates.kernel.money import parse_money
from rulesets.question import CartLine
from rulesets.question import CartQuestion
from rulesets.question import Shipping

Json = Mapping[str, Any]


def floors_of(cart: Json | None, products: Mapping[str, Json]) -> dict[str, int]:
    """The catalogue's minimum price of each line that brings none, in the cart's currency."""
    floors: dict[str, int] = {}
    if cart is None or not products:
        return floors
    for line in cart["lines"]:
        product = products.get(line["sku"])
        if product is not None and "minimum_price" not in line:
            floor = product.get("minimum_price_minor")
            if floor is not None and product.get("currency") == cart["currency"]:
                floors[line["line_id"]] = floor
    return floors


def cart_question(cart: Json, floors: Mapping[str, int], pointer: str = "") -> CartQuestion:
    """The cart as the pipeline takes it; InvalidInput with a pointer for each problem."""
    reader = _Reader(cart["currency"], pointer)
    lines = tuple(
        reader.line(index, line, floors.get(line["line_id"]))
        for index, line in enumerate(cart["lines"])
    )
    shipping = reader.shipping(cart.get("shipping"))
    reader.check_family(cart["lines"])
    if reader.problems:
        raise InvalidInput(reader.problems)
    return CartQuestion(
        cart_id=cart["cart_id"],
        currency=cart["currency"],
        lines=lines,
        shipping=shipping,
        coupons=tuple(cart.get("coupons", ())),
    )


class _Reader:
    """Reads amounts of one currency and collects what is wrong."""

    def __init__(self, currency: str, pointer: str) -> None:
        self.currency = currency
        self.pointer = pointer
        self.problems: list[Problem] = []
        try:
            self._digits: int | None = digits_of(currency)
        except InvalidValue as error:
            self._digits = None
            self.problems.append(error.at(f"{pointer}/currency"))

    def amount(self, text: str, pointer: str) -> int:
        """Minor units of a decimal text; 0 once a problem is noted."""
        if self._digits == 2 and len(text) < 15 and text[-3:-2] == "." and text[0] != "-":
            return int(text[:-3] + text[-2:])
        if self._digits is not None:
            try:
                return parse_money(text, self.currency)
            except InvalidValue as error:
                self.problems.append(error.at(f"{self.pointer}{pointer}"))
        return 0

    def line(self, index: int, line: Json, floor: int | None) -> CartLine:
        """One line; `floor` is what the catalogue says where the line says nothing."""
        place = f"/lines/{index}"
        if "minimum_price" in line:
            floor = self.amount(line["minimum_price"], f"{place}/minimum_price")
        price = self.amount(line["unit_price"], f"{place}/unit_price")
        quantity: int | Decimal = line["quantity"]
        if price * quantity > AMOUNT_MINOR_MAX:
            detail = f"a line is worth at most {AMOUNT_MINOR_MAX} minor units"
            self.problems.append(Problem(f"{self.pointer}{place}", "amount_too_large", detail))
        return CartLine(
            line_id=line["line_id"],
            sku=line["sku"],
            quantity=quantity,
            unit_price_minor=price,
            name=line.get("name"),
            minimum_price_minor=floor,
            parent_line_id=line.get("parent_line_id"),
            no_discount=line.get("no_discount", False),
        )

    def shipping(self, shipping: Json | None) -> Shipping | None:
        """How it is shipped, if it is."""
        if shipping is None:
            return None
        return Shipping(self.amount(shipping["amount"], "/shipping/amount"), shipping["method"])

    def check_family(self, lines: list[dict[str, Any]]) -> None:
        """A line id names one line; a parent is another line of the cart, at the top."""
        parents: dict[str, str | None] = {}
        for index, line in enumerate(lines):
            if line["line_id"] in parents:
                self._wrong(index, "line_id", "duplicate_line_id", "a line id names one line")
            parents[line["line_id"]] = line.get("parent_line_id")
        for index, line in enumerate(lines):
            parent = line.get("parent_line_id")
            if parent is None:
                continue
            if parent not in parents or parent == line["line_id"]:
                self._wrong(index, "parent_line_id", "parent_unknown", "no other line by that id")
            elif parents[parent] is not None:
                self._wrong(index, "parent_line_id", "parent_not_top_level", "one level only")

    def _wrong(self, index: int, name: str, code: str, detail: str) -> None:
        self.problems.append(Problem(f"{self.pointer}/lines/{index}/{name}", code, detail))
