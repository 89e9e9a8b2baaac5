"""The pages a customer walks through: categories as they were ranked, a product with its
recommendations, each with its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from demo.customers import Customer
from demo.report import print_category
from demo.report import print_sentences
from demo.report import print_unit
from demo.site import PAGES

PAGE_SIZE = 5
CONTEXT = {"store_view": "en", "channel": "web"}
LEFT_OUT_TOLD = 2
_SKU = re.compile(r"\b[0-9]{5}[0-9A-Za-z]*\b(?!\.[0-9])")


@dataclass(frozen=True, slots=True)
class Pages:
    """Asks and prints. `decide` is one POST that is remembered for the replay, `explain` the
    summary of a decision, `names` the products' names."""

    decide: Callable[[str, dict[str, Any]], dict[str, Any]]
    explain: Callable[[str], list[str]]
    console: Console
    names: dict[str, str]

    def show(self, customer: Customer, told: dict[str, None]) -> None:
        """Every page of the example site for this customer; what was `told` is not said again."""
        for category in PAGES:
            body = {"category": category, "page_size": PAGE_SIZE, **_asker(customer)}
            answer = self.decide("/v1/decisions/category", body)
            print_category(self.console, category, answer, self.names)
            self._reasons(self.explain(answer["decision_id"]), told)
        self._recommendations(customer, told)

    def _recommendations(self, customer: Customer, told: dict[str, None]) -> None:
        """The page of the first product of the cart, the rest of which is in the cart."""
        looked_at, *rest = dict.fromkeys(line["sku"] for line in customer.cart)
        body = {"page_type": "product", "sku": looked_at, "cart_skus": rest, **_asker(customer)}
        answer = self.decide("/v1/decisions/recommendations", body)
        self.console.print(f"  page of {self.names[looked_at]}")
        for unit in answer["units"]:
            print_unit(self.console, unit, self.names, looked_at)
        # What a unit shows stands in its lines already.
        lines = tuple(f"“{unit['name']}” shows " for unit in answer["units"] if unit["items"])
        found = [one for one in self.explain(answer["decision_id"]) if not one.startswith(lines)]
        left_out = [one for one in found if " leaves out " in one]
        self._reasons([one for one in found if one not in left_out[LEFT_OUT_TOLD:]], told)
        if len(left_out) > LEFT_OUT_TOLD:
            more = len(left_out) - LEFT_OUT_TOLD
            print_sentences(self.console, [f"{more} more are left out, each with its reason."])

    def _reasons(self, found: list[str], told: dict[str, None]) -> None:
        print_sentences(self.console, [self._named(one) for one in found if one not in told])
        told.update(dict.fromkeys(found))

    def _named(self, sentence: str) -> str:
        """The sentence with the product's name in the place of its SKU."""
        return _SKU.sub(lambda found: self.names.get(found[0], found[0]), sentence)


def _asker(customer: Customer) -> dict[str, Any]:
    return {"shopper": {"customer_id": customer.customer_id}, "context": CONTEXT}
