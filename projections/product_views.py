"""Product views: the products that a pseudonym looked at last, each with the moment it last did.

One row for each pseudonym holds its newest PRODUCTS_VIEWED_MAX products, newest first. A product's
moment is the greatest one told, so late and repeated events, and events in another order, make the
same row. Views of browsers count like those of servers. Open fields only: a rebuild after an
erasure gives the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import PRODUCTS_VIEWED_MAX
from aggregates.log import RecordedEvent
from projections.forgetting import rows_of
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_replace

VIEWED = "Product Viewed"
TOPICS = frozenset({"InteractionRecorded"})
Views = Mapping[str, int]
"""SKU -> viewed at, newest first; what was viewed at the same moment stands by SKU."""

product_views = Table(
    "product_views",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("shopper_id", String(32), primary_key=True),
    Column("views", Text, nullable=False),
    sqlite_with_rowid=False,
)


def fold(views: Views | None, event: RecordedEvent) -> Views:
    """The views after one event of their pseudonym; unchanged by what is no view."""
    before = views if views is not None else {}
    seen = _seen(event)
    return merged(before, seen) if seen else before


def merged(one: Views, other: Views) -> Views:
    """The newest view of each product, and of these the newest ones: also of two pseudonyms as the
    views of one person."""
    if not one or not other:
        return one or _newest_first(other)
    if next(iter(one.values())) < min(other.values()):  # all of it happened later, as is usual
        ahead = _newest_first(other)
        kept = islice(one.items(), PRODUCTS_VIEWED_MAX)
        both = {**ahead, **{sku: at for sku, at in kept if sku not in ahead}}
        return both if len(both) <= PRODUCTS_VIEWED_MAX else _cut(both)
    moments = dict(one)
    for sku, at in other.items():
        if at > moments.get(sku, -1):
            moments[sku] = at
    return _newest_first(moments)


def from_row(views: str) -> Views:
    """The reverse of a row's column."""
    found: dict[str, int] = orjson.loads(views)
    return found


def of_shoppers(
    connection: Connection, site: SiteId, shoppers: Iterable[str]
) -> dict[Pseudonym, Views]:
    """The rows of these pseudonyms."""
    c = product_views.c
    rows = connection.execute(
        select(c.shopper_id, c.views).where(c.site == site, c.shopper_id.in_(list(shoppers)))
    )
    return {Pseudonym(row[0]): from_row(row[1]) for row in rows}


class ProductViews:
    """The followed projection."""

    name = "product_views"
    version = 1
    topics = TOPICS
    unseals: frozenset[str] = frozenset()
    tables = (product_views,)
    forgets = (rows_of(product_views.c.shopper_id),)
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows of the pseudonyms that looked at something."""
        seen: dict[Pseudonym, dict[str, int]] = {}
        for event in events:
            if event.data.get("event") == VIEWED and event.shopper_id is not None:
                of_one = seen.setdefault(event.shopper_id, {})
                for sku, at in _seen(event).items():
                    if at > of_one.get(sku, -1):
                        of_one[sku] = at
        if not seen:
            return []
        before = of_shoppers(connection, site, seen)
        rows = []
        for shopper, views in seen.items():
            known = before.get(shopper, {})
            after = merged(known, views)
            if after != known:
                row = {"site": site, "shopper_id": shopper, "views": orjson.dumps(after).decode()}
                rows.append(row)
        replacing = insert_or_replace(connection.dialect.name, product_views)
        return [Write(replacing, rows)] if rows else []


def _seen(event: RecordedEvent) -> dict[str, int]:
    """The products that an event says were looked at."""
    data = event.data
    if event.topic not in TOPICS or data.get("event") != VIEWED:
        return {}
    at = event.occurred_at
    products: Sequence[Mapping[str, Any]] = data.get("products") or ()
    return {product["sku"]: at for product in products if "sku" in product}


def _newest_first(moments: Views) -> Views:
    ordered = sorted(moments.items(), key=lambda view: (-view[1], view[0]))
    return dict(ordered[:PRODUCTS_VIEWED_MAX])


def _cut(views: Views) -> Views:
    return dict(islice(views.items(), PRODUCTS_VIEWED_MAX))
