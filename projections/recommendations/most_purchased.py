"""most-purchased: the products in the most orders of the last 7 days.

Orders are counted, not units: a restaurant that orders 500 cups once says less about what others
will buy than 50 orders of one cup each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from projections.recommendations.artefact import Entry
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Kind
from projections.recommendations.history import WEEK_DAYS
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate
from projections.recommendations.recommender import ranked

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from projections.recommendations.history import History


class MostPurchased:
    """The score is the number of orders."""

    type = "most-purchased"
    kind: Kind | None = RANKED
    scale = 1
    window_days = WEEK_DAYS

    def train(self, history: History) -> Table | None:
        """(sku, orders)."""
        bought = history.purchases_within(self.window_days)
        counted = bought.group_by("sku").agg(score=bought.order.nunique())
        return counted.order_by(counted.score.desc(), counted.sku)

    def occurrences(self, history: History) -> Table | None:
        """Nothing: a ranking tells its readiness by itself."""
        return None

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """What most orders of the week held."""
        return ranked(model, self.type, asked, _because)


def _because(entry: Entry) -> dict[str, Any]:
    return {"purchases": entry[1], "within_days": WEEK_DAYS}
