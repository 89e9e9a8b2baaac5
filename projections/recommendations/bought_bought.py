"""bought-bought: products that are bought in the same orders, over the last six months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.recommendations import together
from projections.recommendations.artefact_format import NEIGHBOURS
from projections.recommendations.artefact_format import Kind
from projections.recommendations.history import HALF_YEAR_DAYS
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from projections.recommendations.history import History

ORDER_PRODUCTS_MAX = 200
"""An order of more products restocks a shop: 1 in 100 of Online Retail's wholesale orders."""


class BoughtBought:
    """Neighbours by what orders have in common."""

    type = "bought-bought"
    kind: Kind | None = NEIGHBOURS
    scale = together.SCALE
    window_days = HALF_YEAR_DAYS

    def train(self, history: History) -> Table | None:
        """(sku, other, score, orders of both)."""
        return together.together(_items(history), ORDER_PRODUCTS_MAX)

    def occurrences(self, history: History) -> Table | None:
        """(sku, orders)."""
        return together.occurrences(_items(history))

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """What is bought with the products of the context."""
        return together.added_up(model, self.type, asked, "bought_with", "orders")


def _items(history: History) -> Table:
    lines = history.purchases_within(HALF_YEAR_DAYS)
    return lines.select("sku", group="order").distinct()
