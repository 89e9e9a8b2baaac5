"""Given: views and orders in the log of a site, and its models trained from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.issuing import open_site
from app.training.train import TrainingReport
from app.training.train import train
from app.wiring import Services
from projections import recommendation_models
from projections.recommendation_models import ModelRow
from projections.recommendations.models import Model
from tests.fakes import NOON

SITE = SiteId("shop")
HOUR = 3_600 * SECOND
MINUTE = 60 * SECOND


@dataclass(slots=True)
class Trainer:
    """A site whose log is written by hand, event by event."""

    services: Services

    def open(self) -> Trainer:
        """The site, opened."""
        open_site(self.services.log, SITE)
        return self

    def views(self, browser: str, *skus: str, at: int = NOON - HOUR, **data: Any) -> None:
        """One view after the other, a minute apart, from a moment on."""
        self.record(
            *(view(browser, sku, at + number * MINUTE, **data) for number, sku in enumerate(skus))
        )

    def order(self, name: str, *skus: str, at: int = NOON - HOUR, **data: Any) -> None:
        """An order of one piece of each."""
        self.record(order(name, *skus, at=at, **data))

    def record(self, *events: NewEvent) -> None:
        """These events, in one unit."""
        self.services.log.append(Append(SITE, events))

    def train(self, *types: str) -> TrainingReport:
        """Trains these types, or all."""
        return train(self.services, SITE, types, lambda what, done, total: None)

    def newest(self) -> ModelRow | None:
        """The newest model of the site."""
        with self.services.stores.log.connect() as connection:
            return recommendation_models.newest(connection, SITE)

    def model(self) -> Model:
        """The newest model, loaded."""
        newest = self.newest()
        number = newest.number if newest else 0
        self.services.models.current(SITE, number)
        self.services.models.settle()
        return self.services.models.current(SITE, number)

    def ranking(self, unit_type: str) -> list[tuple[Any, ...]]:
        """What a ranking serves, best first."""
        return self.model().artefacts[unit_type].top(500)


def view(browser: str, sku: str, at: int, **data: Any) -> NewEvent:
    """A product page was looked at."""
    fields = {
        "kind": "track",
        "event": "Product Viewed",
        "products": [{"sku": sku}],
        "trust": "client",
        **data,
    }
    return NewEvent(uuid4(), 1, "InteractionRecorded", fields, shopper(browser), at)


def order(
    name: str,
    *skus: str,
    at: int = NOON - HOUR,
    by: str = "a",
    topic: str = "OrderCompleted",
    **data: Any,
) -> NewEvent:
    """An order event of one piece of each."""
    fields = {
        "order": name,
        "currency": "USD",
        "total_minor": 100 * len(skus),
        "products": [{"sku": sku, "quantity": 1, "price_minor": 100} for sku in skus],
        "trust": "server",
        **data,
    }
    if topic == "OrderCancelled":
        fields = {"order": name, "trust": fields["trust"]}
    return NewEvent(uuid4(), 1, topic, fields, shopper(by), at)


def shopper(name: str) -> Pseudonym:
    """A pseudonym that is easy to read."""
    return Pseudonym(name.ljust(32, "0"))


def days_ago(days: float) -> int:
    """A moment before the clock of the tests."""
    return NOON - int(days * DAY)


def skus(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """The products of rows, in their order."""
    return [row[0] for row in rows]
