"""Prices before reductions, found in the log up to a position: the same then and years later."""

from __future__ import annotations

from typing import Any

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.kernel.money import format_money
from aggregates.log import EventLog
from projections.price_history import PRIOR_DAYS
from projections.price_history import Price
from projections.price_history import prices_of
from projections.price_history import reduction_of
from rulesets.question import CartQuestion

Reduced = dict[str, Any]
"""`{currency, price_minor, list_price_minor, prior_price_minor, since}`, as recorded."""


def prices_upto(
    log: EventLog, site: SiteId, sku: str, store_view: str | None, position: int
) -> list[Price]:
    """All prices of a product in a store view that were known at a position, oldest first."""
    stream = stream_id(site, "product", sku)
    return prices_of(log.read_stream(site, stream, upto=position), store_view)


def reductions_of(
    log: EventLog, site: SiteId, cart: CartQuestion, store_view: str | None, position: int
) -> dict[str, Reduced]:
    """By line id: the products of a cart that are sold at a reduced price, in its currency."""
    by_sku: dict[str, Reduced | None] = {}
    for line in cart.lines:
        if line.sku not in by_sku:
            prices = prices_upto(log, site, line.sku, store_view, position)
            by_sku[line.sku] = _reduced(prices, cart.currency)
    found = {line.line_id: by_sku[line.sku] for line in cart.lines}
    return {line_id: reduced for line_id, reduced in found.items() if reduced is not None}


def told(reduced: Reduced | None) -> dict[str, Any] | None:
    """A reduction in the words of the API; None where there is none."""
    if reduced is None:
        return None
    currency, prior = reduced["currency"], reduced["prior_price_minor"]
    return {
        "price": format_money(reduced["price_minor"], currency),
        "list_price": format_money(reduced["list_price_minor"], currency),
        "prior_price": None if prior is None else format_money(prior, currency),
        "since": format_moment(reduced["since"]),
        "days": PRIOR_DAYS,
    }


def _reduced(prices: list[Price], currency: str) -> Reduced | None:
    if not prices or prices[-1].currency != currency or prices[-1].amount_minor is None:
        return None
    reduction = reduction_of(prices)
    if reduction is None:
        return None
    return {
        "currency": currency,
        "price_minor": prices[-1].amount_minor,
        "list_price_minor": prices[-1].list_minor,
        "prior_price_minor": reduction.prior_minor,
        "since": reduction.since,
    }
