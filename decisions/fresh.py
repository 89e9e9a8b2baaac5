"""A decision that cannot be redeemed any more is answered with a fresh one of the same cart."""

from __future__ import annotations

from aggregates.kernel.errors import Conflict
from aggregates.kernel.ids import SiteId
from decisions.answer import answer
from decisions.cart import decide_cart
from decisions.means import Means
from decisions.replay import find

_NOT_AGAIN = frozenset({"min_position", "min_revision", "dry_run", "explain"})


def refusal(means: Means, site: SiteId, decision_id: str, conflict: Conflict) -> Conflict:
    """The same conflict, with what the cart gets now beside its code."""
    record = find(means, site, decision_id)
    asked = {
        name: value for name, value in record.sources.request.items() if name not in _NOT_AGAIN
    }
    made = decide_cart(means, site, asked, lambda _: None)
    now = {**answer(made, audit=False), "log_position": made.log_position}
    return Conflict(conflict.code, conflict.detail, **conflict.data, decision=now)
