"""The catalogue: the products of a site as they are now. Written with the event.

`version` is the product's own stream version, `position` the event that set it: with both a past
decision finds the product as it was, in the log.
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
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
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
    Column("product", Text, nullable=False),
)
_DELIST = delete(products).where(
    products.c.site == bindparam("of_site"), products.c.sku == bindparam("of_sku")
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
        """Products to replace and to take out."""
        last = {event.data["sku"]: event for event in events}
        listed = [_row(site, e) for e in last.values() if e.topic == "ProductListed"]
        gone = [
            {"of_site": site, "of_sku": sku}
            for sku, event in last.items()
            if event.topic == "ProductDelisted"
        ]
        replacing = insert_or_replace(connection.dialect.name, products)
        return [Write(s, rows) for s, rows in ((replacing, listed), (_DELIST, gone)) if rows]


def of_skus(
    connection: Connection, site: SiteId, skus: Iterable[str]
) -> dict[str, CatalogueProduct]:
    """The products of these SKUs that are listed."""
    c = products.c
    rows = connection.execute(
        select(c.sku, c.version, c.position, c.product).where(c.site == site, c.sku.in_(list(skus)))
    )
    return {row[0]: from_row(*row) for row in rows}


def listed(
    connection: Connection, site: SiteId, after_sku: str, limit: int
) -> list[CatalogueProduct]:
    """A page of the catalogue, by SKU."""
    c = products.c
    rows = connection.execute(
        select(c.sku, c.version, c.position, c.product)
        .where(c.site == site, c.sku > after_sku)
        .order_by(c.sku)
        .limit(limit)
    )
    return [from_row(*row) for row in rows]


def from_row(sku: str, version: int, position: int, product: str) -> CatalogueProduct:
    """The reverse of a row's columns."""
    return CatalogueProduct(sku, version, position, revive(orjson.loads(product)))


def _row(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    return {
        "site": site,
        "sku": event.data["sku"],
        "version": event.version,
        "position": event.position,
        "product": canonical(event.data["product"]).decode(),
    }
