"""Single products as they were listed at a position, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import EventLog

_KEPT_MAX = 2_048
Product = dict[str, Any]


class CatalogueOfLog:
    """A product holds from its event on until the next event of its stream; so far as that is known
    it is not read again."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._kept: dict[str, tuple[int, int, Product | None]] = {}

    def at(self, position: int, skus: Sequence[str]) -> Mapping[str, Product]:
        """Those of these SKUs that were listed at a position."""
        found = {sku: self._product(sku, position) for sku in skus}
        return {sku: product for sku, product in found.items() if product is not None}

    def _product(self, sku: str, position: int) -> Product | None:
        kept = self._kept.get(sku)
        if kept is None or not kept[0] <= position <= kept[1]:
            if len(self._kept) >= _KEPT_MAX:
                self._kept.clear()
            kept = self._kept[sku] = self._read(sku, position)
        return kept[2]

    def _read(self, sku: str, position: int) -> tuple[int, int, Product | None]:
        """From where on it holds, up to where that is known, and the product, None where none was
        listed. Most products have not changed since: then it is known up to the head."""
        stream = stream_id(self._site, "product", sku)
        head = self._log.head(self._site).position
        until = max(position, head)
        events = self._log.read_stream(self._site, stream, upto=until, last=True)
        if events and events[0].position > position:
            until = position
            events = self._log.read_stream(self._site, stream, upto=position, last=True)
        if not events:
            return 0, until, None
        return events[0].position, until, events[0].data.get("product")
