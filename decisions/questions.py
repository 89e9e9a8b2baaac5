"""From checked JSON to the question that the pipeline prices.

A schema has checked shapes; here is what needs the currency or the other lines: amounts in minor
units, line ids that name one line each, parents that are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
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
from rulesets.question import ContentQuestion
from rulesets.question import Shipping
from rulesets.question import TaxPrices
from rulesets.question import Turn
from rulesets.tax import Basis

Json = Mapping[str, Any]
_LINE_TAX = ("unit_price_incl_tax", "unit_price_excl_tax")
_SHIPPING_TAX = ("amount_incl_tax", "amount_excl_tax")


def cart_of(kind: str, request: Json) -> CartQuestion | None:
    """The cart of a request: all of it, or the part of a question for content."""
    if kind == "cart":
        return cart_question(request)
    cart = request.get("cart")
    return cart_question(cart, "/cart") if cart is not None else None


def content_question(
    request: Json, cart: CartQuestion | None, turn: Turn | None
) -> ContentQuestion:
    """The slot of a request, at the shopper's turn."""
    product = request.get("product") or {}
    return ContentQuestion(request["slot"], cart, product.get("sku"), turn)


def store_view_of(request: Json) -> str | None:
    """Where it is asked."""
    view: str | None = (request.get("context") or {}).get("store_view")
    return view


def skus_of(cart: CartQuestion | None) -> list[str]:
    """The SKUs of a cart, each once."""
    return list(dict.fromkeys(line.sku for line in cart.lines)) if cart is not None else []


def floors_of(cart: CartQuestion | None, products: Mapping[str, Json]) -> dict[str, int]:
    """The catalogue's minimum price of each line that brings none, in the cart's currency."""
    floors: dict[str, int] = {}
    if cart is None or not products:
        return floors
    for line in cart.lines:
        product = products.get(line.sku)
        if product is not None and line.minimum_price_minor is None:
            floor = product.get("minimum_price_minor")
            if floor is not None and product.get("currency") == cart.currency:
                floors[line.line_id] = floor
    return floors


def with_floors(question: CartQuestion, floors: Mapping[str, int]) -> CartQuestion:
    """The cart with the catalogue's minimum prices in the lines that brought none."""
    if not floors:
        return question
    lines = tuple(
        replace(line, minimum_price_minor=floors[line.line_id]) if line.line_id in floors else line
        for line in question.lines
    )
    return replace(question, lines=lines)


def cart_question(cart: Json, pointer: str = "") -> CartQuestion:
    """The cart as the pipeline takes it; InvalidInput with a pointer for each problem."""
    reader = _Reader(cart["currency"], pointer)
    lines = tuple(reader.line(index, line) for index, line in enumerate(cart["lines"]))
    shipping = reader.shipping(cart.get("shipping"))
    reader.check_family(cart["lines"])
    tax = reader.tax(cart)
    if reader.problems:
        raise InvalidInput(reader.problems)
    return CartQuestion(
        cart_id=cart["cart_id"],
        currency=cart["currency"],
        lines=lines,
        shipping=shipping,
        coupons=tuple(cart.get("coupons", ())),
        tax=tax,
    )


def check_basis(question: CartQuestion, basis: Basis, pointer: str = "") -> None:
    """InvalidInput where a price on the site's own side of tax is another than `unit_price`."""
    if question.tax is None:
        return
    detail = f"prices of this site are {basis}, and this is not what the other one says"
    problems = [
        Problem(f"{pointer}/lines/{place}/unit_price_{basis}", "price_contradicts", detail)
        for place, price in enumerate(question.tax.on(basis))
        if price is not None and price != question.lines[place].unit_price_minor
    ]
    problems += [
        Problem(f"{pointer}/lines/{place}", "tax_below_zero", "with tax it costs less than without")
        for place, (incl, excl) in enumerate(_sides(question, basis))
        if incl is not None and excl is not None and incl < excl
    ]
    shipping = question.tax.shipping_on(basis)
    if shipping is not None and shipping != question.shipping_minor:
        where = f"{pointer}/shipping/amount_{basis}"
        problems.append(Problem(where, "price_contradicts", detail))
    if problems:
        raise InvalidInput(problems)


def _sides(question: CartQuestion, basis: Basis) -> Iterator[tuple[int | None, int | None]]:
    """The price of each line with tax and without, as far as they are told."""
    assert question.tax is not None
    own = [line.unit_price_minor for line in question.lines]
    if basis == "incl_tax":
        return zip(own, question.tax.excl_tax, strict=True)
    return zip(question.tax.incl_tax, own, strict=True)


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
        usual = self._digits == 2 and len(text) < 15 and text[-3:-2] == "." and text[0] != "-"
        if usual and (text[0] != "0" or len(text) == 4):  # zeros before digits are no amount
            return int(text[:-3] + text[-2:])
        if self._digits is not None:
            try:
                return parse_money(text, self.currency)
            except InvalidValue as error:
                self.problems.append(error.at(f"{self.pointer}{pointer}"))
        return 0

    def line(self, index: int, line: Json) -> CartLine:
        """One line, without what the catalogue knows of it."""
        place = f"/lines/{index}"
        floor = None
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

    def tax(self, cart: Json) -> TaxPrices | None:
        """The prices on both sides of tax, if the cart tells any."""
        lines, shipping = cart["lines"], cart.get("shipping") or {}
        if not any(name in line for line in lines for name in _LINE_TAX) and not any(
            name in shipping for name in _SHIPPING_TAX
        ):
            return None
        incl, excl = (
            tuple(
                self.amount(line[name], f"/lines/{place}/{name}") if name in line else None
                for place, line in enumerate(lines)
            )
            for name in _LINE_TAX
        )
        of_shipping = (
            self.amount(shipping[name], f"/shipping/{name}") if name in shipping else None
            for name in _SHIPPING_TAX
        )
        return TaxPrices(incl, excl, *of_shipping)

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
