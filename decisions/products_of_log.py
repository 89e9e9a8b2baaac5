"""The whole catalogue at a position, as its events tell it."""

from __future__ import annotations

from collections import deque

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import EventLog
from projections.product_index import Change
from projections.product_index import ProductIndex

TOPICS = frozenset({"ProductListed", "ProductDelisted"})
_PAGE = 5_000
_UNDONE_MAX = 256
"""Changes that are taken back one by one; a position before more of them begins anew."""


class ProductsOfLog:
    """Going forward it reads on. Decisions of processes that decide at once stand in the log in
    another order than they read it: the latest changes are taken back for them."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._begin()

    def at(self, position: int) -> ProductIndex:
        """The index as it was at a position."""
        self._take_back(position)
        while self._index.position < position:
            self._read_page(position)
        return self._index

    def _begin(self) -> None:
        self._index = ProductIndex()
        self._places: dict[str, int] = {}
        self._latest: deque[tuple[int, str]] = deque(maxlen=_UNDONE_MAX)
        self._forgotten = 0

    def _read_page(self, upto: int) -> None:
        after = self._index.position
        page = self._log.read(self._site, after, _PAGE, upto=upto, topics=TOPICS)
        changes: list[Change] = []
        for event in page:
            sku = event.data["sku"]
            place = self._places.setdefault(sku, event.position)
            changes.append((sku, place, event.data.get("product")))
            if len(self._latest) == _UNDONE_MAX:
                self._forgotten = self._latest[0][0]
            self._latest.append((event.position, sku))
        full = len(page) == _PAGE
        self._index.apply(changes, page[-1].position if full else upto)

    def _take_back(self, position: int) -> None:
        changed: dict[str, None] = {}
        while self._latest and self._latest[-1][0] > position:
            changed[self._latest.pop()[1]] = None
        if not changed:
            return
        is_new = any(self._places[sku] > position for sku in changed)
        if position < self._forgotten or is_new:  # a product that was never there has no row
            self._begin()
            return
        self._index.apply([self._before(sku, position) for sku in changed], position)

    def _before(self, sku: str, position: int) -> Change:
        stream = stream_id(self._site, "product", sku)
        (event,) = self._log.read_stream(self._site, stream, upto=position, last=True)
        return sku, self._places[sku], event.data.get("product")
