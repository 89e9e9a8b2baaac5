"""Products as they were listed at a position, told by their own streams in the log."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from decisions.as_of import AsOf
from projections.catalogue import CatalogueProduct


class CatalogueAsOf:
    """The catalogue at one position; each product is read once."""

    def __init__(self, log: EventLog, site: SiteId, position: int) -> None:
        self._log = log
        self._site = site
        self._position = position
        self._found: dict[str, RecordedEvent | None] = {}

    def products(self, skus: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Those of these SKUs that were listed."""
        found = {sku: self.listing(sku) for sku in skus}
        return {sku: event.data["product"] for sku, event in found.items() if event is not None}

    def listing(self, sku: str) -> RecordedEvent | None:
        """The event that a product was listed by; None if it was not in the catalogue."""
        if sku not in self._found:
            stream = stream_id(self._site, "product", sku)
            last = self._log.read_stream(self._site, stream, upto=self._position, last=True)
            listed = [event for event in last if event.topic == "ProductListed"]
            self._found[sku] = listed[0] if listed else None
        return self._found[sku]


def product_as_of(log: EventLog, site: SiteId, sku: str, then: AsOf) -> CatalogueProduct:
    """One product; NotFound `product_unknown` if it was not listed then."""
    event = CatalogueAsOf(log, site, then.position).listing(sku)
    if event is None:
        raise NotFound("product_unknown", "no product with this SKU was listed then")
    return CatalogueProduct(sku, event.version, event.position, event.data["product"])
