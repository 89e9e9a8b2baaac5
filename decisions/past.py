"""A site's past as the log tells it, read as far as it is asked for and shared by many replays."""

from __future__ import annotations

from dataclasses import dataclass

from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from decisions.links import LinksOfLog
from decisions.uses_of_log import UsesOfLog
from projections.product_index import Change
from projections.product_index import ProductIndex

TOPICS = frozenset({"ProductListed", "ProductDelisted"})
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Past:
    """Who was joined to whom, what was in the catalogue, and what of limits was used."""

    links: LinksOfLog
    products: ProductsOfLog
    uses: UsesOfLog

    @classmethod
    def of(cls, log: EventLog, site: SiteId) -> Past:
        """Nothing is read before it is asked for."""
        return cls(LinksOfLog(log, site), ProductsOfLog(log, site), UsesOfLog(log, site))


class ProductsOfLog:
    """The whole catalogue at a position. Going forward it reads on; for a position before the last
    product that it read it begins anew, which workers that decide at once seldom ask of it."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._index = ProductIndex()
        self._places: dict[str, int] = {}
        self._last_change = 0

    def at(self, position: int) -> ProductIndex:
        """The index as it was at a position."""
        if position < self._last_change:
            self._index, self._places, self._last_change = ProductIndex(), {}, 0
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
            self._last_change = event.position
        full = len(page) == _PAGE
        self._index.apply(changes, page[-1].position if full else upto)
