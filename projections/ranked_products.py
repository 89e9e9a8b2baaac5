"""Retrieval for a page of a category: the products in it, in their order before anybody moved one.

Ordered by what shoppers did (the scores of a model), then by the catalogue; or by an attribute the
shopper chose. The results are those of the rules' `Retrieved`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import numpy as np

from projections.product_columns import Mask
from projections.product_columns import ProductColumns
from projections.product_columns import Rows
from projections.product_index import ProductIndex
from rulesets import visibility
from rulesets.operators import as_number
from rulesets.operators import as_text
from rulesets.operators import fold
from rulesets.product_filters import ProductFilter
from rulesets.product_filters import in_category
from rulesets.retrieved import Found
from rulesets.retrieved import Retrieved

_OUT_OF_STOCK = "out_of_stock"
Signals = Callable[[], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Sort:
    """An attribute to order by; amounts in another currency than `currency` come last."""

    attribute: str
    descending: bool
    currency: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a page of a category asks of the catalogue. `category` "" is all of it; `named` are the
    products that events name; `signals` the scores of the strategy, known by `model`."""

    category: str
    start: int
    end: int
    filters: tuple[ProductFilter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    named: Collection[str] = ()
    model: str | None = None
    signals: Signals = field(default=dict)
    out_of_stock_last: bool = False


def retrieve(index: ProductIndex, page: Page) -> Retrieved:
    """The results of a page, as far as it can show them."""
    columns = index.columns
    inside = columns.listed & _passing(columns, "visibility", visibility.in_category)
    if page.category:
        inside &= _filtered(columns, in_category(page.category))
    known = bool(inside.any())
    for asked in page.filters:
        inside &= _filtered(columns, asked)
    if page.sorts:
        return _sorted(columns, page, inside, known)
    order = _order(index, page.model, page.signals)
    last = _passing(columns, "stock.status", _is_out) if page.out_of_stock_last else None
    named = [row for sku in page.named if (row := columns.row_of.get(sku)) is not None]
    named = [row for row in dict.fromkeys(named) if inside[row]]
    total = int(inside.sum())
    inside[named] = False
    rows = order.rows[inside[order.rows]]
    if last is not None:
        behind = last[rows]
        rows = np.concatenate([rows[~behind], rows[behind]])
    offset = min(max(0, page.start - len(named)), len(rows))
    window = rows[offset : page.end].tolist()

    def found(row: int) -> Found:
        signal = int(order.signals[row]) if order.highest else 0
        return Found(
            columns.skus[row],
            signal,
            int(columns.places[row]),
            int(last[row]) if last is not None else 0,
        )

    return Retrieved(
        total,
        known,
        order.highest,
        offset,
        tuple(found(row) for row in window),
        tuple(found(row) for row in named),
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """All products by (signal, place), those with the highest signal first."""

    rows: Rows
    signals: Rows
    highest: int


def _order(index: ProductIndex, model: str | None, signals: Signals) -> _Order:
    """Kept until products are added or another model serves: places never change."""
    columns = index.columns
    key = (model, len(columns))
    known: _Order | None = index.orders.get(key)
    if known is not None:
        return known
    for old in [old for old in index.orders if old[0] == model or old[1] != key[1]]:
        del index.orders[old]
    scores = np.zeros(len(columns), np.int64)
    if model is not None:
        for sku, score in signals().items():
            row = columns.row_of.get(sku)
            if row is not None:
                scores[row] = score
    rows = np.lexsort((columns.places, -scores)).astype(np.int64)
    made = index.orders[key] = _Order(rows, scores, int(scores.max(initial=0)))
    return made


def _sorted(columns: ProductColumns, page: Page, inside: Mask, known: bool) -> Retrieved:
    """By the shopper's own order, where no ranking counts."""
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(columns.places[rows], kind="stable")]
    for sort in reversed(page.sorts):
        rows = rows[np.argsort(_sort_keys(columns, sort)[rows], kind="stable")]
    shown: Sequence[int] = rows[page.start : page.end].tolist()
    window = tuple(
        Found(columns.skus[row], 0, place) for place, row in enumerate(shown, page.start)
    )
    return Retrieved(len(rows), known, 0, min(page.start, len(rows)), window)


def _sort_keys(columns: ProductColumns, sort: Sort) -> Rows:
    """Products without the attribute come last either way."""

    def key(value: Any) -> Any:
        if sort.attribute == "price":
            currency, minor = value
            return minor if currency == sort.currency else None
        number = as_number(value)
        if number is not None:
            return 0, number, ""
        text = as_text(value)
        return None if text is None else (1, 0, text)

    ranks = columns.ranks(sort.attribute, key)
    keys = -ranks if sort.descending else ranks
    unknown = ranks < 0
    keys[unknown] = len(columns) + 1
    return keys


def _filtered(columns: ProductColumns, asked: ProductFilter) -> Mask:
    return columns.passing(asked.attribute, asked.written, asked.passes)


def _passing(columns: ProductColumns, attribute: str, test: Callable[[Any], bool]) -> Mask:
    return columns.passing(attribute, test.__name__.encode(), test)


def _is_out(status: Any) -> bool:
    return isinstance(status, str) and fold(status).replace(" ", "_") == _OUT_OF_STOCK
