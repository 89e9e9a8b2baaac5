"""A product as it was listed at a position, told by its own stream in the log."""

from __future__ import annotations

from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import EventLog
from decisions.as_of import AsOf
from projections.catalogue import CatalogueProduct


def product_as_of(log: EventLog, site: SiteId, sku: str, then: AsOf) -> CatalogueProduct:
    """One product; NotFound `product_unknown` if it was not listed then."""
    stream = stream_id(site, "product", sku)
    for event in log.read_stream(site, stream, upto=then.position, last=True):
        if event.topic == "ProductListed":
            return CatalogueProduct(sku, event.version, event.position, event.data["product"])
    raise NotFound("product_unknown", "no product with this SKU was listed then")
