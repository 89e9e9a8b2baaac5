"""UCI Online Retail as a shop would have sent it: a catalogue and order messages, in time order.

The dates are moved forward by whole days so that the history ends within the last two days:
windows such as "in the last 7 days" then mean what they say, whatever the day of the week.
What is no sale of a product is left out and counted; a purchase without a customer is a guest's.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
LAST_DAY = datetime(2011, 12, 9, 23, 59, tzinfo=UTC)
CURRENCY = "GBP"
_PRODUCT = re.compile(r"[0-9]{5}[0-9A-Za-z]*\Z")
_CATEGORIES = (
    ("seasonal/christmas", ("CHRISTMAS", "XMAS", "ADVENT", "SANTA", "REINDEER")),
    ("kitchen/tea", ("TEA", "MUG", "CUP", "TEAPOT", "SAUCER")),
    ("kitchen/baking", ("CAKE", "BAKING", "BOWL", "PLATE", "TIN", "JAR", "CUTLERY")),
    ("home/lighting", ("LIGHT", "CANDLE", "LANTERN", "LAMP", "T-LIGHT", "LIGHTS", "CANDLES")),
    ("home/decoration", ("FRAME", "CLOCK", "SIGN", "HANGING", "CUSHION", "MIRROR", "HEART")),
    ("bags", ("BAG", "BAGS", "PURSE", "SHOPPER")),
    ("stationery", ("CARD", "CARDS", "WRAP", "RIBBON", "RIBBONS", "NOTEBOOK", "PENCILS", "TAPE")),
    ("toys", ("TOY", "GAME", "DOLL", "PUZZLE", "PLAYHOUSE", "SKITTLES", "CHILDRENS")),
)


@dataclass(slots=True)
class Sale:
    """One invoice row: a sale, or (number begins with C) a cancellation."""

    number: str
    at: datetime
    customer: str
    country: str
    lines: list[tuple[str, int, Decimal]]


@dataclass(slots=True)
class Retail:
    """The data set, with what was left out and why in `counts` once the messages were read."""

    now: datetime
    counts: Counter[str] = field(default_factory=Counter)

    def products(self) -> Iterator[dict[str, Any]]:
        """The catalogue: each product that was ever sold, at the price it sold at most often."""
        prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
        for sale in self._sales():
            for sku, _, price in sale.lines:
                prices[sku][price] += 1
        for row in _rows("products.csv.gz"):
            sold = prices.get(row["sku"])
            if sold:
                price = min(sold, key=lambda amount: (-sold[amount], amount))
                yield {
                    "sku": row["sku"],
                    "name": row["name"] or row["sku"],
                    "categories": _categories(row["name"]),
                    "price": str(price),
                    "currency": CURRENCY,
                    "stock": {"status": "in_stock"},
                }

    def messages(self) -> Iterator[dict[str, Any]]:
        """`Order Completed` and `Order Refunded` as a shop's server sends them, in time order."""
        self.counts.clear()
        bought: dict[tuple[str, str], list[_Bought]] = defaultdict(list)
        for sale in sorted(self._sales(count=True), key=lambda sale: (sale.at, sale.number)):
            if sale.number.startswith("C"):
                yield from self._refunds(sale, bought)
            else:
                self.counts["orders" if sale.customer else "guest orders"] += 1
                for sku, quantity, price in sale.lines:
                    bought[sale.customer, sku].append(_Bought(sale.number, quantity, price))
                yield _order(sale)

    def _refunds(
        self, sale: Sale, bought: dict[tuple[str, str], list[_Bought]]
    ) -> Iterator[dict[str, Any]]:
        """A cancellation names no order: its lines are taken from the customer's latest ones."""
        by_order: dict[str, list[tuple[str, int, Decimal]]] = defaultdict(list)
        for sku, quantity, _ in sale.lines:
            left = quantity
            for purchase in reversed(bought[sale.customer, sku] if sale.customer else []):
                taken = min(left, purchase.left)
                if taken:
                    purchase.left -= taken
                    left -= taken
                    by_order[purchase.order].append((sku, taken, purchase.price))
            if left:
                self.counts["cancelled lines whose order is not in the data"] += 1
        for order, lines in by_order.items():
            self.counts["refunds"] += 1
            yield _message("Order Refunded", sale, f"{sale.number}-{order}", order, lines)

    def _sales(self, *, count: bool = False) -> Iterator[Sale]:
        shift = timedelta(days=(self.now - LAST_DAY).days)
        for row in _rows("orders.csv.gz"):
            cancelled = row["invoice"].startswith("C")
            lines: Counter[tuple[str, Decimal]] = Counter()
            for text in row["lines"].split(";"):
                line, reason = _line(text, cancelled)
                if line is not None:
                    lines[line[0], line[2]] += line[1]
                elif count:
                    self.counts[reason] += 1
            if lines:
                at = datetime.fromisoformat(row["at"]).replace(tzinfo=LONDON)
                sold = [(sku, units, price) for (sku, price), units in lines.items()]
                yield Sale(row["invoice"], at + shift, row["customer"], row["country"], sold)


@dataclass(slots=True)
class _Bought:
    order: str
    left: int
    price: Decimal


def _line(text: str, cancelled: bool) -> tuple[tuple[str, int, Decimal] | None, str]:
    sku, rest = text.split("*", 1)
    quantity, price = rest.split("@", 1)
    units = -int(quantity) if cancelled else int(quantity)
    amount = Decimal(price).normalize()
    if not _PRODUCT.match(sku):
        return None, "lines that are no product (postage, fees, vouchers)"
    if units <= 0:
        return None, "stock corrections"
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        return None, "lines without a price"
    return (sku, units, amount.quantize(Decimal("0.01"))), ""


def _order(sale: Sale) -> dict[str, Any]:
    message = _message("Order Completed", sale, sale.number, sale.number, sale.lines)
    message["context"] = {"location": {"country": sale.country}}
    return message


def _message(
    event: str,
    sale: Sale,
    message_id: str,
    order: str,
    lines: list[tuple[str, int, Decimal]],
) -> dict[str, Any]:
    shopper = (
        {"userId": sale.customer} if sale.customer else {"anonymousId": f"guest-{sale.number}"}
    )
    return {
        "type": "track",
        "event": event,
        "messageId": f"retail-{message_id}",
        **shopper,
        "timestamp": sale.at.astimezone(UTC).isoformat(),
        "properties": {
            "order_id": order,
            "currency": CURRENCY,
            "total": str(sum(quantity * price for _, quantity, price in lines)),
            "products": [
                {"sku": sku, "quantity": quantity, "price": str(price)}
                for sku, quantity, price in lines
            ],
        },
    }


def _categories(name: str) -> list[str]:
    """From words of the name: the data set has no categories."""
    words = set(name.upper().replace(",", " ").split())
    found = [category for category, keywords in _CATEGORIES if words.intersection(keywords)]
    return found or ["gifts"]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (
        files("demo").joinpath(name).open("rb") as raw,
        gzip.open(raw, "rb") as unpacked,
        io.TextIOWrapper(unpacked, "utf-8", newline="") as text,
    ):
        yield from csv.DictReader(text)
