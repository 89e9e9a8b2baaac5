"""viewed-viewed: products that are looked at in the same sessions, over the last six months."""

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

SESSION_PRODUCTS_MAX = 100
"""A session of more products is a robot's: 3 in 10,000 of RetailRocket's are that long."""


class ViewedViewed:
    """Neighbours by what sessions have in common."""

    type = "viewed-viewed"
    kind: Kind | None = NEIGHBOURS
    scale = together.SCALE
    window_days = HALF_YEAR_DAYS

    def train(self, history: History) -> Table | None:
        """(sku, other, score, sessions of both)."""
        return together.together(_items(history), SESSION_PRODUCTS_MAX)

    def occurrences(self, history: History) -> Table | None:
        """(sku, sessions)."""
        return together.occurrences(_items(history))

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """What is viewed with the products of the context."""
        return together.added_up(model, self.type, asked, "viewed_with", "sessions")


def _items(history: History) -> Table:
    views = history.views_within(HALF_YEAR_DAYS)
    return views.select("sku", group="session").distinct()
