"""What a product cost when: its prices as its events tell them, and the price before a reduction.

A pure fold over the product's own stream; prices are catalogue events, so nothing else is kept. The
prior price follows Directive 98/6/EC, article 6a (the "Omnibus" rule): the lowest price applied in
the 30 days before the price was reduced. What a product costs is its special price, else its price.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from itertools import takewhile
from typing import Any

from aggregates.kernel.clock import DAY
from aggregates.log import RecordedEvent

PRIOR_DAYS = 30
"""Not shorter than that, says the directive."""
_WINDOW = PRIOR_DAYS * DAY


@dataclass(frozen=True, slots=True)
class Price:
    """What a product cost from a moment on; `amount_minor` is None while it was not listed."""

    since: int
    position: int
    currency: str | None
    amount_minor: int | None
    list_minor: int | None

    @property
    def value(self) -> tuple[str | None, int | None, int | None]:
        """What makes one price another one."""
        return self.currency, self.amount_minor, self.list_minor

    @property
    def is_special(self) -> bool:
        """Whether the shop calls it reduced: a special price below the price."""
        amount, listed = self.amount_minor, self.list_minor
        return amount is not None and listed is not None and amount < listed


@dataclass(frozen=True, slots=True)
class Reduction:
    """A price that was reduced at `since`: the lowest of the 30 days before is `prior_minor`, None
    for a special price of a product that was not sold in those days.

    Where one reduction followed another without a rise, `first_since` and `first_prior_minor` say
    the same of the first of them, which the law of some countries goes by.
    """

    since: int
    prior_minor: int | None
    first_since: int
    first_prior_minor: int | None


def prices_of(events: Iterable[RecordedEvent], store_view: str | None = None) -> list[Price]:
    """The changes of a product's price in a store view, oldest first; one that has no price of its
    own has the product's."""
    found: list[Price] = []
    for event in events:
        listed = event.data["product"] if event.topic == "ProductListed" else None
        price = _price(event, listed, store_view)
        if not found or found[-1].value != price.value:
            found.append(price)
    return found


def reduction_of(prices: Sequence[Price]) -> Reduction | None:
    """The reduction that the last price stands for; None if it rose, or never was another.

    100.00 on the 1st, 90.00 on the 10th, 80.00 on the 20th: reduced on the 20th, the price before
    is 90.00; the first reduction was on the 10th, and 100.00 before it.
    """
    began = _reductions(prices)
    return _reduction(prices, began[0], began[-1]) if began else None


def lowest(prices: Sequence[Price], until: int, currency: str | None) -> int | None:
    """The lowest amount in a currency that was applied in the 30 days before `until`."""
    ends = [price.since for price in prices[1:]] + [until] * bool(prices)
    amounts = [
        price.amount_minor
        for price, end in zip(prices, ends, strict=True)
        if price.amount_minor is not None and price.currency == currency and end > until - _WINDOW
    ]
    return min(amounts) if amounts else None


def since_window(prices: Sequence[Price], moment: int) -> list[Price]:
    """The prices that were applied at some time from 30 days before a moment on."""
    ends = [price.since for price in prices[1:]]
    held = [p for p, end in zip(prices, ends, strict=False) if end > moment - _WINDOW]
    return [*held, *prices[-1:]]


def _reduction(prices: Sequence[Price], last: int, first: int) -> Reduction:
    prior, first_prior = (
        lowest(prices[:at], prices[at].since, prices[at].currency) for at in (last, first)
    )
    return Reduction(prices[last].since, prior, prices[first].since, first_prior)


def _reductions(prices: Sequence[Price]) -> list[int]:
    """Where the reductions that the last price stands for began, the last of them first.

    Times when the product was not listed, or sold in another currency, are walked over: to take it
    out for a day makes it no new product. What is called reduced without a fall began with its
    special price, and whatever was before it is not part of that.
    """
    if not prices or prices[-1].amount_minor is None:
        return []
    currency = prices[-1].currency
    sold = [at for at, p in enumerate(prices) if p.amount_minor is not None]
    sold = [at for at in sold if prices[at].currency == currency]
    amounts = [(amount, list(run)) for amount, run in groupby(sold, lambda at: _amount(prices[at]))]
    found: list[int] = []
    for index in reversed(range(len(amounts))):
        amount, run = amounts[index]
        if index == 0 or amount > amounts[index - 1][0]:
            special = list(takewhile(lambda at: prices[at].is_special, reversed(run)))
            return [*found, *special[-1:]]
        found.append(run[0])
    return found


def _amount(price: Price) -> int:
    assert price.amount_minor is not None
    return price.amount_minor


def _price(event: RecordedEvent, listed: dict[str, Any] | None, store_view: str | None) -> Price:
    if listed is None:
        return Price(event.recorded_at, event.position, None, None, None)
    own = next(
        (one for one in listed.get("store_view_prices", ()) if one["store_view"] == store_view),
        listed,
    )
    return Price(
        event.recorded_at,
        event.position,
        own.get("currency", listed["currency"]),
        own.get("special_price_minor", own["price_minor"]),
        own["price_minor"],
    )
