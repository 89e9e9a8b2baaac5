"""trending: products looked at far more in the last 24 hours than in the 72 hours before them.

A product is expected in as many sessions of the last day as its share of the three days before
gives it, so a shop that is busier as a whole makes nothing trend. With f sessions of the last day,
b of the baseline, and F and B the sums of both over all products:

    expected e = b * F / B          score = (f - e) / sqrt(e + 1)

Only what has at least 3 sessions and half as many again as expected trends: what is always popular
does not. Example: F = B / 3, b = 9, f = 12: e = 3, score = 9 / 2 = 4.5. There must be views of at
least three days ago, else nothing trends: all would be new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from aggregates.kernel.clock import DAY
from projections.recommendations.artefact import Entry
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Kind
from projections.recommendations.history import WEEK_DAYS
from projections.recommendations.history import within
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate
from projections.recommendations.recommender import ranked

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from projections.recommendations.history import History

FOREGROUND_HOURS = 24
SESSIONS_MIN = 3
_FOREGROUND = DAY
_BASELINE = 3 * DAY


class Trending:
    """The score is the momentum, in thousandths."""

    type = "trending"
    kind: Kind | None = RANKED
    scale = 1_000
    window_days = WEEK_DAYS

    def train(self, history: History) -> Table | None:
        """(sku, momentum, sessions of the last day, sessions of the baseline)."""
        views, now = history.views_within(self.window_days), history.now
        long_enough = views.occurred_at.min().as_scalar() <= now - _BASELINE
        last_day = _sessions(within(views, now - _FOREGROUND, now))
        baseline = _sessions(within(views, now - _FOREGROUND - _BASELINE, now - _FOREGROUND))
        all_now = last_day.sessions.sum().as_scalar()
        all_before = baseline.sessions.sum().as_scalar()
        both = last_day.left_join(baseline, "sku").select(
            last_day.sku, now=last_day.sessions, before=baseline.sessions.fill_null(0)
        )
        counted = both.mutate(gained=both.now * all_before - both.before * all_now)
        momentum = (
            counted.gained.cast("float64")
            / (all_before * (counted.before * all_now + all_before)).cast("float64").sqrt()
        )
        scored = counted.mutate(score=(momentum * self.scale).floor().cast("int64"))
        trends = scored.filter(
            long_enough,
            scored.now >= SESSIONS_MIN,
            2 * scored.now * all_before > 3 * scored.before * all_now,
        )
        rows = trends.select("sku", "score", "now", "before")
        return rows.order_by(rows.score.desc(), rows.sku)

    def occurrences(self, history: History) -> Table | None:
        """Nothing: a ranking tells its readiness by itself."""
        return None

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """What the last day looked at more than usual."""
        return ranked(model, self.type, asked, _because)


def _sessions(views: Table) -> Table:
    return views.group_by("sku").agg(sessions=views.session.nunique())


def _because(entry: Entry) -> dict[str, Any]:
    return {"sessions": entry[2], "before": entry[3], "hours": FOREGROUND_HOURS}
