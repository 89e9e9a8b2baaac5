"""The catalogue: the products of a site as they are now. Written with the event.

`version` is the product's own stream version, `position` the event that set it: with both a past
decision finds the product as it was, in the log. A product that was taken out keeps its row without
a body, so that whoever holds products in memory reads what changed after a position. `place` is
where it was first listed: the order of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import revive
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import log_store
from projections.upserts import insert_or_replace

products = Table(
    "products",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("sku", String(1_024), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("product", Text),
    Index(None, "site", "position"),
)


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """A product and the event that set it."""

    sku: str
    version: int
    position: int
    product: dict[str, Any]


class Catalogue:
    """The immediate projection: the last event of a product in a unit decides."""

    name = "catalogue"
    topics = frozenset({"ProductListed", "ProductDelisted"})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows to replace; a row that is there keeps its place."""
        first: dict[str, int] = {}
        last: dict[str, RecordedEvent] = {}
        for event in events:
            first.setdefault(event.data["sku"], event.position)
            last[event.data["sku"]] = event
        rows = [_row(site, event, first[sku]) for sku, event in last.items()]
        return [Write(insert_or_replace(connection.dialect.name, products, "place"), rows)]


def of_skus(
    connection: Connection, site: SiteId, skus: Iterable[str]
) -> dict[str, CatalogueProduct]:
    """The products of these SKUs that are listed."""
    c = products.c
    rows = connection.execute(
        select(c.sku, c.version, c.position, c.product).where(
            c.site == site, c.sku.in_(list(skus)), c.product.is_not(None)
        )
    )
    return {row[0]: from_row(*row) for row in rows}


def listed(
    connection: Connection, site: SiteId, after_sku: str, limit: int
) -> list[CatalogueProduct]:
    """A page of the catalogue, by SKU."""
    c = products.c
    rows = connection.execute(
        select(c.sku, c.version, c.position, c.product)
        .where(c.site == site, c.sku > after_sku, c.product.is_not(None))
        .order_by(c.sku)
        .limit(limit)
    )
    return [from_row(*row) for row in rows]


def from_row(sku: str, version: int, position: int, product: str) -> CatalogueProduct:
    """The reverse of a row's columns."""
    return CatalogueProduct(sku, version, position, revive(orjson.loads(product)))


def _row(site: SiteId, event: RecordedEvent, place: int) -> dict[str, Any]:
    product = event.data.get("product")
    return {
        "site": site,
        "sku": event.data["sku"],
        "version": event.version,
        "position": event.position,
        "place": place,
        "product": None if product is None else canonical(product).decode(),
    }
