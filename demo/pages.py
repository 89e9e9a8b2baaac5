"""The pages a customer walks through: categories as they were ranked, each with its reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from demo.customers import Customer
from demo.report import print_category
from demo.report import print_sentences
from demo.site import PAGES

PAGE_SIZE = 5
CONTEXT = {"store_view": "en", "channel": "web"}
_SKU = re.compile(r"(?<=[Pp]roduct )\S+")


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
            self._reasons(answer, told)

    def _reasons(self, answer: dict[str, Any], told: dict[str, None]) -> None:
        found = self.explain(answer["decision_id"])
        print_sentences(self.console, [self._named(one) for one in found if one not in told])
        told.update(dict.fromkeys(found))

    def _named(self, sentence: str) -> str:
        """The sentence with the product's name in the place of its SKU."""
        return _SKU.sub(lambda found: self.names.get(found[0], found[0]), sentence)


def _asker(customer: Customer) -> dict[str, Any]:
    return {"shopper": {"customer_id": customer.customer_id}, "context": CONTEXT}
