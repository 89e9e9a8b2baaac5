"""The product index of a process: each site's catalogue in memory, brought up to now when asked.

What changed is read by position from the catalogue's table, so an index is never older than the
request that asks, and a price that changes every second costs one row.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import lru_cache
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import Dialect
from sqlalchemy import bindparam
from sqlalchemy import select

from aggregates.kernel.canonical import revive
from aggregates.kernel.ids import SiteId
from projections.catalogue import products
from projections.pinned import Pinned
from projections.pinned import Prepared
from projections.product_columns import ProductColumns
from projections.snapshot_sql import log_heads

Change = tuple[str, int, Mapping[str, Any] | None]
"""(SKU, place, product or None) of one product."""


@dataclass(slots=True)
class ProductIndex:
    """The catalogue as it was at a position."""

    columns: ProductColumns = field(default_factory=ProductColumns)
    position: int = 0
    orders: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    """Orders of all products, kept by whoever makes them (projections/ranked_products.py)."""
    rankings: dict[tuple[str, int], Any] = field(default_factory=dict)
    """Rows of rankings, kept in the same way (projections/narrowed_ranking.py)."""

    def apply(self, changes: Iterable[Change], position: int) -> None:
        """Brings it to a position by all that changed since its own."""
        for sku, place, product in changes:
            self.columns.put(sku, place, product)
        self.position = position


class ProductIndexes:
    """The indexes of all sites of this process."""

    def __init__(self, log: Pinned) -> None:
        self._log = log
        self._lock = Lock()
        self._kept: dict[SiteId, tuple[Lock, ProductIndex]] = {}

    def close(self) -> None:
        """Closes the connections."""
        self._log.close()

    @contextmanager
    def now(self, site: SiteId) -> Iterator[ProductIndex]:
        """The index of a site at its head, for one thread at a time."""
        lock, index = self._of(site)
        with lock:
            changes, head = self._log.read(_changes(self._log.dialect, site, index.position))
            index.apply(changes, head)
            yield index

    def _of(self, site: SiteId) -> tuple[Lock, ProductIndex]:
        kept = self._kept.get(site)
        if kept is None:
            with self._lock:
                kept = self._kept.setdefault(site, (Lock(), ProductIndex()))
        return kept


def _changes(
    dialect: Dialect, site: SiteId, after: int
) -> Callable[[Any], tuple[list[Change], int]]:
    def read(cursor: Any) -> tuple[list[Change], int]:
        heads = _head(dialect).rows(cursor, {"of_site": site})
        rows = _changed(dialect).rows(cursor, {"of_site": site, "after": after})
        changes = [(sku, place, _product(text)) for sku, place, text in rows]
        return changes, heads[0][0] if heads else 0

    return read


@lru_cache(maxsize=4)
def _head(dialect: Dialect) -> Prepared:
    query = select(log_heads.c.position).where(log_heads.c.site == bindparam("of_site"))
    return Prepared(query, dialect)


@lru_cache(maxsize=4)
def _changed(dialect: Dialect) -> Prepared:
    c = products.c
    query = select(c.sku, c.place, c.product).where(
        c.site == bindparam("of_site"), c.position > bindparam("after")
    )
    return Prepared(query.order_by(c.position), dialect)


def _product(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    product: dict[str, Any] = orjson.loads(text)
    return revive(product) if '"$decimal"' in text else product
