"""The one place where the parts are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from aggregates.kernel.clock import Clock
from aggregates.kernel.clock import Random
from aggregates.kernel.clock import SystemClock
from aggregates.kernel.clock import SystemRandom
from app.authoring.revisions import RevisionCache
from app.config import Settings
from app.database import Stores
from app.database import open_stores
from app.edge.callers import Callers
from app.edge.callers import StoredKey
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.eventlog.sealing import RowSeals
from app.jobs.runs import Runs
from app.signing.signing import Signing
from decisions.means import Means
from projections import api_keys
from projections.api_keys import ApiKeys
from projections.catalogue import Catalogue
from projections.coupon_batches import CouponBatches
from projections.coupons import Coupons
from projections.definitions import Definitions
from projections.erased_shoppers import ErasedShoppers
from projections.followed import followed
from projections.follower import Follower
from projections.identities import Identities
from projections.order_owners import OrderOwners
from projections.pinned import Pinned
from projections.product_index import ProductIndexes
from projections.projection import Projection
from projections.recommendation_models import RecommendationModels
from projections.recommendations.models import Models
from projections.reservations import Reservations
from projections.simulations import Simulations
from projections.sites import Sites
from projections.snapshot import Snapshots


@dataclass(frozen=True, slots=True)
class Services:
    """What one process works with. `close` ends its writer and its connections."""

    settings: Settings
    stores: Stores
    keys: KeyStore
    log: SqlEventLog
    clock: Clock
    random: Random
    revisions: RevisionCache
    callers: Callers
    means: Means
    follower: Follower
    runs: Runs
    models: Models
    signing: Signing

    def close(self) -> None:
        """Waits for what is being written, then lets go of everything."""
        self.models.close()
        self.log.close()
        self.means.reads.close()
        self.means.products.close()
        self.revisions.close()
        self.stores.close()


def build(settings: Settings, clock: Clock | None = None, random: Random | None = None) -> Services:
    """The services of one process. The stores' tables are there already (`rationale migrate`)."""
    clock = clock or SystemClock()
    random = random or SystemRandom()
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    keys = KeyStore(stores.keys, settings.secret_key, random)
    log = SqlEventLog(stores, keys, clock, immediate())
    seals = RowSeals(keys)
    revisions = RevisionCache(stores)
    reads = Snapshots(log.pinned, Pinned(stores.read), seals)
    products = ProductIndexes(Pinned(stores.log))
    models = Models(stores.log)
    return Services(
        settings=settings,
        stores=stores,
        keys=keys,
        log=log,
        clock=clock,
        random=random,
        revisions=revisions,
        callers=Callers(settings.secret_key, _key_lookup(stores.log)),
        means=Means(reads, products, models, log, revisions, keys, clock, random),
        follower=Follower(stores, log, followed(seals), clock),
        runs=Runs(stores.log, clock, f"{SystemRandom().bits(64):016x}"),
        models=models,
        signing=Signing(settings),
    )


def immediate() -> tuple[Projection, ...]:
    """What is written in the append's own transaction."""
    return (
        Sites(),
        ApiKeys(),
        ErasedShoppers(),
        Identities(),
        OrderOwners(),
        Catalogue(),
        Definitions(),
        RecommendationModels(),
        Reservations(),
        CouponBatches(),
        Coupons(),
        Simulations(),
    )


def _key_lookup(engine: Engine) -> Callable[[str], StoredKey | None]:
    def live(key_id: str) -> StoredKey | None:
        with engine.connect() as connection:
            found = api_keys.find(connection, key_id)
        if found is None or found.revoked:
            return None
        return StoredKey(found.site, found.scopes, found.digest)

    return live
