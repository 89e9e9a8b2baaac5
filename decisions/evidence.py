"""The events behind the values of one decision, found in the log up to what it recorded.

Everything is read when it is first asked for and once: an explanation without conditions on the
shopper reads nothing of the shopper.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import RecordedEvent
from decisions.made import Made
from decisions.means import Means
from decisions.shopper import TOPICS
from decisions.shopper import History
from decisions.shopper import Window
from decisions.shopper import count_values
from decisions.shopper import history
from decisions.shopper import traits_behind
from projections import activity
from projections import orders
from projections import profiles
from projections.days import local_day
from projections.days import zone_named
from projections.product_views import VIEWED
from projections.profiles import Profile
from projections.recommendations.models import NO_MODEL
from projections.recommendations.models import Model
from projections.snapshot import Remembered
from projections.snapshot import Wanted
from rulesets.nodes import Count

Product = Mapping[str, Any]


class Evidence:
    """What the log says about one recorded decision. Positions are in the order of the log."""

    def __init__(self, means: Means, site: SiteId, made: Made) -> None:
        self._means = means
        self._site = site
        self._made = made
        self._record = made.record
        self._zone = zone_named(made.compiled.settings.time_zone)
        self._listings: dict[tuple[str, int], RecordedEvent | None] = {}

    @property
    def has_model(self) -> bool:
        """Whether the decision asked a model that can still be read."""
        return self.model is not NO_MODEL

    @cached_property
    def model(self) -> Model:
        """The model that the decision asked; NO_MODEL if it asked none, or it is there no more."""
        if not self._record.models:
            return NO_MODEL
        asked = self._record.models[0]
        try:
            return self._means.models.named(self._site, asked.id, asked.digest)
        except (NotFound, Unavailable):
            return NO_MODEL

    def product(self, sku: str, position: int) -> Product | None:
        """A product as it was listed at a position."""
        event = self._listing(sku, position)
        listed = event is not None and event.topic == "ProductListed"
        return event.data["product"] if event is not None and listed else None

    def products(self, skus: Sequence[str]) -> dict[str, Product]:
        """Those that were listed when the facts were gathered."""
        position = self._record.positions["catalogue"]
        found = ((sku, self.product(sku, position)) for sku in skus)
        return {sku: product for sku, product in found if product is not None}

    def listing(self, sku: str) -> list[int]:
        """The event that made a product what it was for the facts; none if it never was there."""
        event = self._listing(sku, self._record.positions["catalogue"])
        return [] if event is None else [event.position]

    def traits(self, attribute: str) -> dict[str, int]:
        """The traits that an attribute of the shopper was read from, each with its event."""
        known = self._profile.traits if self._profile is not None else {}
        return {
            name: known[name].position
            for name in traits_behind(attribute)
            if name in known and known[name].value is not None
        }

    def profile(self, attribute: str) -> list[int]:
        """The events that an attribute of the shopper follows from."""
        if attribute == "shopper.first_seen_at":
            return [min(self._events, key=_when).position] if self._events else []
        return sorted(self.traits(attribute).values())

    def counted(self, count: Count) -> list[int]:
        """The events that a condition on history or orders counted."""
        currency = self._record.sources.facts.currency
        window = Window(currency, local_day(self._record.decided_at, self._zone))
        one = replace(count, measure="count")

        def counts(known: History) -> bool:
            return bool(count_values((one,), known, window, self.products)[one.key])

        if count.kind == "history":
            rows = ((event.position, _rows(event, self._zone)) for event in self._events)
            return [at for at, of in rows if of and counts(History(self._zone, activity=of))]
        return sorted(
            position
            for key, order in self._orders.items()
            if count.measure not in {"sum", "average"} or order.currency == currency
            if counts(History(self._zone, orders=(order,)))
            for position in self._order_events[key]
        )

    def viewed(self, sku: str, since: int = 0, upto: int | None = None) -> list[int]:
        """The shopper's views of a product from a moment on, up to a position."""
        return [
            event.position
            for event in self._events
            if event.topic == "InteractionRecorded" and event.data.get("event") == VIEWED
            if event.occurred_at >= since and (upto is None or event.position <= upto)
            if sku in _skus(event)
        ]

    def bought(self, sku: str, since: int = 0, upto: int | None = None) -> list[int]:
        """The events that tell what the shopper's orders hold, of those with a product."""
        return [
            event.position
            for event in self._events
            if event.topic in {"OrderCompleted", "OrderUpdated"}
            if event.data.get("trust") == "server" and event.occurred_at >= since
            if (upto is None or event.position <= upto) and sku in _skus(event)
        ]

    @cached_property
    def views(self) -> Mapping[str, int]:
        """What the shopper had viewed, newest first, as the units of a page are told."""
        return history(Remembered(), self._events, Wanted(views=True), self._zone).views

    @cached_property
    def _events(self) -> list[RecordedEvent]:
        """All that the shopper's pseudonyms did up to the head that was recorded."""
        if not self._record.shoppers:
            return []
        return self._means.log.read_shopper(
            self._site,
            self._record.shoppers,
            0,
            upto=self._record.positions["head"],
            topics=TOPICS,
            unseal=profiles.UNSEALS,
        )

    @cached_property
    def _profile(self) -> Profile | None:
        return history(Remembered(), self._events, Wanted(profile=True), self._zone).profile

    @cached_property
    def _order_events(self) -> dict[str, list[int]]:
        """The trusted events of each order."""
        found: dict[str, list[int]] = {}
        for event in self._events:
            if event.topic in orders.TOPICS and event.data.get("trust") == "server":
                found.setdefault(event.data["order"], []).append(event.position)
        return found

    @cached_property
    def _orders(self) -> dict[str, orders.Order]:
        known = history(Remembered(), self._events, Wanted(orders=True), self._zone).orders
        return {order.order: order for order in known}

    def _listing(self, sku: str, position: int) -> RecordedEvent | None:
        if (sku, position) not in self._listings:
            stream = stream_id(self._site, "product", sku)
            found = self._means.log.read_stream(self._site, stream, upto=position, last=True)
            self._listings[sku, position] = found[0] if found else None
        return self._listings[sku, position]


def _when(event: RecordedEvent) -> tuple[int, int]:
    return event.occurred_at, event.position


def _rows(event: RecordedEvent, zone: Any) -> list[activity.ActivityRow]:
    """What one event counts as; nothing for one that a follower would set aside."""
    if event.topic not in activity.TOPICS:
        return []
    try:
        return activity.rows(event, zone)
    except ValueError:
        return []


def _skus(event: RecordedEvent) -> list[str]:
    return [one["sku"] for one in event.data.get("products") or () if "sku" in one]
