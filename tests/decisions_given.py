"""Means of decisions over a real log, with revisions compiled from bodies given here."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from sqlalchemy import insert

from aggregates.definition import id_of
from aggregates.kernel.canonical import digest
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.site import SiteSettings
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from decisions.current import Deciding
from decisions.means import Means
from projections.catalogue import Catalogue
from projections.definition_tables import revisions
from projections.followed import followed
from projections.follower import Follower
from projections.identities import Identities
from projections.pinned import Pinned
from projections.product_index import ProductIndexes
from projections.recommendation_models import RecommendationModels
from projections.recommendations.models import Models
from projections.sites import Sites
from projections.snapshot import Snapshots
from projections.snapshot import State
from rulesets.compiled import CompiledRevision
from rulesets.compiled import LiveDefinition
from rulesets.compiled import compile_revision
from tests.fakes import SeededRandom
from tests.fakes import SettableClock

SITE = SiteId("shop")
PEPPER = b"pepper of the tests, 32 bytes at least"


@dataclass(slots=True)
class GivenRevisions:
    """Revisions as a test publishes them."""

    settings: SiteSettings = field(default_factory=SiteSettings)
    published: list[list[LiveDefinition]] = field(default_factory=lambda: [[]])
    compiled: dict[tuple[int, SiteSettings], CompiledRevision] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)

    def deciding(self, site: SiteId, state: State) -> Deciding:
        return Deciding(state, self.get(site, len(self.published) - 1, self.settings))

    def get(
        self, site: SiteId, revision: int, settings: SiteSettings | None = None
    ) -> CompiledRevision:
        if revision in self.missing:
            raise NotFound("revision_unknown", "no revision by that number")
        key = (revision, settings or self.settings)
        if key not in self.compiled:
            definitions = self.published[revision]
            named = digest([[one.id, one.digest] for one in definitions])
            self.compiled[key] = compile_revision(site, revision, named, definitions, key[1])
        return self.compiled[key]


@dataclass(slots=True)
class Given:
    """A site with its log, and what a test does to it."""

    means: Means
    log: SqlEventLog
    keys: KeyStore
    clock: SettableClock
    revisions: GivenRevisions
    follower: Follower
    stores: Stores
    events: int = 0

    def publish(self, **kinds: dict[str, dict[str, Any]]) -> None:
        """A revision of these bodies by key: `cart_rules={"ten": {...}}`."""
        definitions = []
        for kind, bodies in kinds.items():
            name = kind.replace("_", "-")
            for number, (key, body) in enumerate(bodies.items(), 1):
                id_ = id_of(name, number)
                definitions.append(LiveDefinition(name, id_, key, 1, digest(body), body))
        self.revisions.published.append(definitions)
        number = len(self.revisions.published) - 1
        row = {
            "site": SITE,
            "revision": number,
            "digest": digest(number),
            "position": self.log.head(SITE).position,
            "published_at": self.clock.now(),
            "note": None,
            "actor": "test",
        }
        with self.stores.log.begin() as connection:
            connection.execute(insert(revisions), row)

    def settle(self, **settings: Any) -> None:
        """Sets site settings, as an event and for the next decision."""
        self.revisions.settings = SiteSettings.from_json(
            {**self.revisions.settings.to_json(), **settings}
        )
        data = {"settings": self.revisions.settings.to_json(), "actor": "test"}
        self.append(NewEvent(stream_id(SITE, "site", SITE), None, "SiteSettingsChanged", data))

    def list_product(self, sku: str, **product: Any) -> None:
        """Puts a product into the catalogue."""
        data = {"sku": sku, "product": {"sku": sku, **product}}
        stream = stream_id(SITE, "product", sku)
        self.append(NewEvent(stream, None, "ProductListed", data))

    def shopper(self, kind: str, value: str) -> Pseudonym:
        """The pseudonym of a client id."""
        return self.keys.of(SITE, kind, value)

    def tell(self, topic: str, shopper: Pseudonym, ago: int = 0, **data: Any) -> None:
        """One event of a person, some microseconds ago."""
        self.events += 1
        stream = stream_id(SITE, "message", f"m-{self.events}")
        data = {"trust": "server", **data}
        occurred_at = self.clock.now() - ago
        self.append(NewEvent(stream, 1, topic, data, shopper, occurred_at))

    def link(self, anonymous: Pseudonym, customer: Pseudonym, trust: str = "server") -> None:
        """Joins an anonymous id to a customer."""
        data = {"anonymous": anonymous, "customer": customer, "trust": trust}
        stream = stream_id(SITE, "link", anonymous)
        self.append(NewEvent(stream, None, "IdentitiesLinked", data))

    def append(self, event: NewEvent) -> None:
        """One event into the log."""
        self.log.append(Append(SITE, (event,)))

    def close(self) -> None:
        self.means.models.close()
        self.means.products.close()
        self.means.reads.close()
        self.log.close()


def given_site(stores: Stores, clock: SettableClock) -> Given:
    """An opened site without anything published."""
    keys = KeyStore(stores.keys, PEPPER)
    log = SqlEventLog(stores, keys, clock, _IMMEDIATE)
    revisions = GivenRevisions()
    reads = Snapshots(Pinned(stores.log), Pinned(stores.read))
    products, models = ProductIndexes(Pinned(stores.log)), Models(stores.log)
    means = Means(reads, products, models, log, revisions, keys, clock, SeededRandom())
    follower = Follower(stores, log, followed(), clock)
    given = Given(means, log, keys, clock, revisions, follower, stores)
    given.append(NewEvent(stream_id(SITE, "site", SITE), None, "SiteOpened", {"name": "Shop"}))
    return given


_IMMEDIATE = (Sites(), Catalogue(), Identities(), RecommendationModels())
