"""What an order holds of limits now, for whoever asks."""

from __future__ import annotations

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.kernel.money import format_money
from aggregates.redemption import REDEEMED
from decisions.acts import Json
from decisions.acts import told_uses
from decisions.means import Means
from decisions.order import order_of


def redeemed(means: Means, site: SiteId, order_id: str) -> Json:
    """The redemption of an order, or its settlement; NotFound if there never was one."""
    uses = order_of(means, site, order_id).uses
    held = uses.redemption
    if held is None:
        if uses.given_back is None:
            raise NotFound("redemption_unknown", "nothing was redeemed for this order")
        back = uses.given_back
        told = {"redemption_id": back["redemption_id"], "order_id": order_id}
        return {**told, "status": "given_back", "reason": back["reason"], "uses": []}
    currency = held["currency"]
    return {
        "redemption_id": held["redemption_id"],
        "order_id": order_id,
        "status": "held",
        "source": "settled" if uses.is_settled else "redeemed",
        "decision_id": held.get("decision_id"),
        "currency": currency,
        "total": format_money(held["total_minor"], currency),
        "refunded": format_money(uses.refunded_minor, currency),
        "uses": told_uses(held),
        "unknown_codes": held.get("unknown", []),
        "over_limit": held.get("over_limit", []),
        "redeemed_at": format_moment(uses.redeemed_at),
    }


def decisions_of(means: Means, site: SiteId, order_id: str) -> frozenset[str]:
    """The decisions that an order was ever redeemed by. An order that was settled from its own
    events names none; nor does one that nobody knows."""
    order = means.pseudonyms.digest(site, "order", order_id)
    events = means.log.read_stream(site, stream_id(site, "redemption", order))
    return frozenset(event.data["decision_id"] for event in events if event.topic == REDEEMED)
