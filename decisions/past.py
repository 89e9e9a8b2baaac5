"""A site's past as the log tells it, read as far as it is asked for and shared by many replays."""

from __future__ import annotations

from dataclasses import dataclass

from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from decisions.links import LinksOfLog
from projections.product_index import Change
from projections.product_index import ProductIndex

TOPICS = frozenset({"ProductListed", "ProductDelisted"})
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Past:
    """Who was joined to whom, and what was in the catalogue."""

    links: LinksOfLog
    products: ProductsOfLog

    @classmethod
    def of(cls, log: EventLog, site: SiteId) -> Past:
        """Nothing is read before it is asked for."""
        return cls(LinksOfLog(log, site), ProductsOfLog(log, site))


class ProductsOfLog:
    """The whole catalogue at a position. Going forward it reads on; for an earlier position it
    begins anew."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._index = ProductIndex()
        self._places: dict[str, int] = {}

    def at(self, position: int) -> ProductIndex:
        """The index as it was at a position."""
        if position < self._index.position:
            self._index, self._places = ProductIndex(), {}
        while self._index.position < position:
            self._read_page(position)
        return self._index

    def _read_page(self, upto: int) -> None:
        after = self._index.position
        page = self._log.read(self._site, after, _PAGE, upto=upto, topics=TOPICS)
        changes: list[Change] = []
        for event in page:
            sku = event.data["sku"]
            place = self._places.setdefault(sku, event.position)
            changes.append((sku, place, event.data.get("product")))
        full = len(page) == _PAGE
        self._index.apply(changes, page[-1].position if full else upto)
