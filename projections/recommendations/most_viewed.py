"""most-viewed: the products that were looked at in the most sessions of the last 7 days.

Sessions are counted, not views: who comes back to a product ten times in one visit is one visit.
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


class MostViewed:
    """The score is the number of sessions."""

    type = "most-viewed"
    kind: Kind | None = RANKED
    scale = 1
    window_days = WEEK_DAYS

    def train(self, history: History) -> Table | None:
        """(sku, sessions)."""
        viewed = history.views_within(self.window_days)
        counted = viewed.group_by("sku").agg(score=viewed.session.nunique())
        return counted.order_by(counted.score.desc(), counted.sku)

    def occurrences(self, history: History) -> Table | None:
        """Nothing: a ranking tells its readiness by itself."""
        return None

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """What most sessions of the week looked at."""
        return ranked(model, self.type, asked, _because)


def _because(entry: Entry) -> dict[str, Any]:
    return {"sessions": entry[1], "within_days": WEEK_DAYS}
