"""A decision that cannot be redeemed any more is answered with a fresh one of the same cart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Conflict
from aggregates.kernel.ids import SiteId
from decisions.answer import answer
from decisions.cart import decide_cart
from decisions.means import Means
from decisions.replay import find
from decisions.reservations import release_one
from decisions.reservations import reservation

_NOT_AGAIN = frozenset({"min_position", "min_revision", "dry_run", "explain"})


def refusal(
    means: Means,
    site: SiteId,
    decision_id: str,
    conflict: Conflict,
    now: Mapping[str, Any] | None = None,
) -> Conflict:
    """The same conflict, with what the cart gets now beside its code; `now` is what its request
    says anew. What is held for the refused decision is let go first: it would stand in the way of
    the fresh one."""
    record = find(means, site, decision_id)
    held = reservation(means, site, decision_id)
    if held.state.held is not None:
        release_one(means, held, "refused")
    asked = {
        name: value for name, value in record.sources.request.items() if name not in _NOT_AGAIN
    }
    made = decide_cart(means, site, {**asked, **(now or {})}, lambda _: None)
    fresh = {**answer(made, audit=False), "log_position": made.log_position}
    return Conflict(conflict.code, conflict.detail, **conflict.data, decision=fresh)
