"""recently-viewed: what the shopper looked at, newest first. It needs no model.

It shows views only, and fewer products if there are fewer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from projections.recommendations.artefact_format import Kind
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from projections.recommendations.history import History


class RecentlyViewed:
    """The score is the moment of the newest view, in microseconds: the newer, the greater."""

    type = "recently-viewed"
    kind: Kind | None = None
    scale = SECOND
    window_days = 0

    def train(self, history: History) -> Table | None:
        """Nothing: the shopper's own views are all it shows."""
        return None

    def occurrences(self, history: History) -> Table | None:
        """Nothing."""
        return None

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """Each product once, at its newest view, without those of the context."""
        newest: dict[str, int] = {}
        for sku, viewed_at in asked.viewed:
            if viewed_at > newest.get(sku, -1):
                newest[sku] = viewed_at
        context = frozenset(asked.skus)
        order = sorted((-viewed_at, sku) for sku, viewed_at in newest.items() if sku not in context)
        return [
            Candidate(sku, -at, self.scale, {"viewed_at": format_moment(-at)})
            for at, sku in order[: asked.count]
        ]
