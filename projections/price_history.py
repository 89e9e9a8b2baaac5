"""What a product cost when: its prices as its events tell them, and the price before a reduction.

A pure fold over the product's own stream; prices are catalogue events, so nothing else is kept. The
prior price follows Directive 98/6/EC, article 6a (the "Omnibus" rule): the lowest price applied in
the 30 days before the price was reduced. What a product costs is its special price, else its price.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
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
    end = len(prices) - 1
    last = _fell_at(prices, end)
    if last is None:
        return _reduction(prices, end, end) if prices and prices[-1].is_special else None
    first = last
    while (earlier := _fell_at(prices, first - 1)) is not None:
        first = earlier
    return _reduction(prices, last, first)


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


def _fell_at(prices: Sequence[Price], index: int) -> int | None:
    """Where the amount at an index was reached by a fall. Equal amounts are walked over, and so are
    times when the product was not listed: to take it out for a day makes it no new product."""
    while index > 0:
        now, before = prices[index], index - 1
        while before > 0 and prices[before].amount_minor is None:
            before -= 1
        amount, former = now.amount_minor, prices[before].amount_minor
        if amount is None or former is None or now.currency != prices[before].currency:
            return None
        if amount != former:
            return index if amount < former else None
        index = before
    return None


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
