"""Intake over real stores: what a test needs to send messages and to see what became of them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from aggregates.site import SiteSettings
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.intake.events import Intake
from app.intake.events import Received
from projections.catalogue import Catalogue
from projections.identities import Identities
from projections.identities import identity_links
from projections.identities import person
from projections.order_owners import OrderOwners
from projections.sites import Sites
from tests.fakes import SettableClock

SITE = SiteId("shop")


@dataclass(slots=True)
class Shop:
    """One site and its log. Satisfies app.intake.imports.Services."""

    stores: Stores
    keys: KeyStore
    log: SqlEventLog
    clock: SettableClock

    def send(self, *messages: Any, trusted: bool = True, **options: Any) -> Received:
        """Messages of one request."""
        return self.intake().receive(SITE, messages, trusted=trusted, **options)

    def intake(self) -> Intake:
        """The use case."""
        return Intake(self.stores.log, self.keys, self.log, self.clock)

    def events(self, *topics: str) -> list[RecordedEvent]:
        """What stands in the log, unsealed."""
        return self.log.read(SITE, 0, 100_000, topics=topics or None, unseal=True)

    def set(self, **settings: Any) -> None:
        """Changes the site's settings."""
        data = {"settings": SiteSettings(**settings).to_json(), "actor": "test"}
        event = NewEvent(stream_id(SITE, "site", SITE), None, "SiteSettingsChanged", data)
        self.log.append(Append(SITE, (event,)))

    @property
    def means(self) -> Shop:
        """What routes read the past with: of it they ask the log and the clock."""
        return self

    def anonymous(self, value: str) -> str:
        """The pseudonym of an anonymous id."""
        return self.keys.of(SITE, "anonymous", value)

    def customer(self, value: str) -> str:
        """The pseudonym of a customer id."""
        return self.keys.of(SITE, "customer", value)

    def links(self, anonymous: str) -> Sequence[Row[Any]]:
        """All links of an anonymous id, oldest first."""
        c = identity_links.c
        query = select(identity_links).where(c.anonymous == self.anonymous(anonymous))
        with self.stores.log.connect() as connection:
            return connection.execute(query.order_by(c.linked_position)).all()

    def person(self, pseudonym: str) -> frozenset[str]:
        """Who is the same person now."""
        with self.stores.log.connect() as connection:
            return frozenset(person(connection, SITE, [pseudonym]))


def shop_of(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop over stores, with the projections that intake reads."""
    log = open_log(stores, Sites(), Catalogue(), Identities(), OrderOwners())
    return Shop(stores, keys, log, clock)
