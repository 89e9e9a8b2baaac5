"""Products as columns in memory, so that a page of a category costs microseconds, not a scan.

Each attribute is a column of small numbers, one for each distinct value (dictionary encoding). A
filter is asked once for each distinct value; which products pass is then one array look-up. A
changed product changes a few numbers in place. Rows are never removed: a product that was taken
out is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.categories import with_ancestors
from rulesets.operators import fold
from rulesets.product_filters import OWN

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
_ROOM = 1_024
_TESTS_KEPT = 512  # units ask for products of the same category: one test for each category
_UNDEFINED = 0


class Column:
    """One attribute of all products; the number 0 stands for products without it."""

    def __init__(self, room: int) -> None:
        self.codes: NDArray[np.int32] = np.zeros(room, np.int32)
        self.values: list[Any] = [None]
        self._code_of: dict[Any, int] = {}
        self._passing: dict[bytes, Mask] = {}

    def put(self, row: int, value: Any) -> None:
        """Sets the value of a row; None for none. Values are hashable facts."""
        if value is None:
            self.codes[row] = _UNDEFINED
            return
        key = (type(value), value)  # 1, 1.0 and true are different values
        code = self._code_of.get(key)
        if code is None:
            code = self._code_of[key] = len(self.values)
            self.values.append(value)
        self.codes[row] = code

    def passing(self, key: bytes, test: Callable[[Any], bool], rows: int) -> Mask:
        """Which of the first `rows` products pass a test; `key` tells the test from others."""
        passed: Mask = self._tested(key, test)[self.codes[:rows]]
        return passed

    def passing_of(self, key: bytes, test: Callable[[Any], bool], rows: Rows) -> Mask:
        """Which of these products pass a test."""
        passed: Mask = self._tested(key, test)[self.codes[rows]]
        return passed

    def passes(self, key: bytes, test: Callable[[Any], bool], row: int) -> bool:
        """Whether one product passes a test."""
        return bool(self._tested(key, test)[self.codes[row]])

    def _tested(self, key: bytes, test: Callable[[Any], bool]) -> Mask:
        """Which values pass; each value is asked for once."""
        known = self._passing.get(key)
        count = 0 if known is None else len(known)
        if known is None or count < len(self.values):
            new = np.array([test(value) for value in self.values[count:]], np.bool_)
            known = new if known is None else np.concatenate([known, new])
            if len(self._passing) >= _TESTS_KEPT:
                self._passing.clear()
            self._passing[key] = known
        return known

    def ranks(self, key: Callable[[Any], Any], rows: int) -> Rows:
        """The place of each product's value among all values in order of `key`, from 0 on; -1 for
        products without one, or with one for which `key` gives None."""
        keyed = [(key(value), code) for code, value in enumerate(self.values) if code]
        ordered = sorted((known, code) for known, code in keyed if known is not None)
        rank_of = np.full(len(self.values), -1, np.int64)
        rank, before = -1, None
        for known, code in ordered:
            rank += known != before
            before = known
            rank_of[code] = rank
        ranked: Rows = rank_of[self.codes[:rows]]
        return ranked

    def grow(self, room: int) -> None:
        """Makes room for so many rows."""
        self.codes = np.concatenate([self.codes, np.zeros(room - len(self.codes), np.int32)])


class ProductColumns:
    """All products of a site, those that were taken out among them."""

    def __init__(self) -> None:
        self.skus: list[str] = []
        self.row_of: dict[str, int] = {}
        self._room = _ROOM
        self._places: Rows = np.zeros(_ROOM, np.int64)
        self._listed: Mask = np.zeros(_ROOM, np.bool_)
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self.skus)

    @property
    def places(self) -> Rows:
        """Where each product was first listed."""
        return self._places[: len(self)]

    @property
    def listed(self) -> Mask:
        """Which products are in the catalogue now."""
        return self._listed[: len(self)]

    def put(self, sku: str, place: int, product: Mapping[str, Any] | None) -> None:
        """Sets a product; None takes it out of the catalogue."""
        row = self.row_of.get(sku)
        if row is None:
            row = self._new_row(sku)
        self._places[row] = place
        self._listed[row] = product is not None
        values = {} if product is None else attribute_values(product)
        for name, column in self._columns.items():
            if name not in values:
                column.put(row, None)
        for name, value in values.items():
            known = self._columns.get(name)
            if known is None:
                known = self._columns[name] = Column(self._room)
            known.put(row, value)

    def passing(self, attribute: str, key: bytes, test: Callable[[Any], bool]) -> Mask:
        """Which products' value of an attribute passes a test; it is None where there is none."""
        column = self._columns.get(attribute)
        if column is None:
            return np.full(len(self), test(None), np.bool_)
        return column.passing(key, test, len(self))

    def passing_of(
        self, attribute: str, key: bytes, test: Callable[[Any], bool], rows: Rows
    ) -> Mask:
        """Which of these products pass a test."""
        column = self._columns.get(attribute)
        if column is None:
            return np.full(len(rows), test(None), np.bool_)
        return column.passing_of(key, test, rows)

    def passes(self, attribute: str, key: bytes, test: Callable[[Any], bool], row: int) -> bool:
        """Whether the value of one product passes a test."""
        column = self._columns.get(attribute)
        return test(None) if column is None else column.passes(key, test, row)

    def ranks(self, attribute: str, key: Callable[[Any], Any]) -> Rows:
        """As Column.ranks."""
        column = self._columns.get(attribute)
        if column is None:
            return np.full(len(self), -1, np.int64)
        return column.ranks(key, len(self))

    def value(self, attribute: str, row: int) -> Any:
        """The value of one product, None if it has none."""
        column = self._columns.get(attribute)
        return None if column is None else column.values[column.codes[row]]

    def _new_row(self, sku: str) -> int:
        row = self.row_of[sku] = len(self.skus)
        self.skus.append(sku)
        if row == self._room:
            self._room *= 2
            self._places = np.concatenate([self._places, np.zeros(row, np.int64)])
            self._listed = np.concatenate([self._listed, np.zeros(row, np.bool_)])
            for column in self._columns.values():
                column.grow(self._room)
        return row


def attribute_values(product: Mapping[str, Any]) -> dict[str, Any]:
    """What filters and sorts may read of a product. An amount is (currency, minor units)."""
    stock = product.get("stock") or {}
    found = {
        "sku": product["sku"],
        "name": product.get("name"),
        "type": product.get("type"),
        "visibility": product.get("visibility"),
        "categories": _categories(product.get("categories")),
        "price": final_price(product),
        "stock.status": stock.get("status"),
        "stock.quantity": stock.get("quantity"),
    }
    for name, value in (product.get("attributes") or {}).items():
        found[f"{OWN}{name}"] = _open(value)
    return {name: value for name, value in found.items() if value is not None}


def final_price(product: Mapping[str, Any]) -> tuple[str, int] | None:
    """What is paid for one unit: the special price where there is one."""
    minor = product.get("special_price_minor", product.get("price_minor"))
    currency = product.get("currency")
    return None if minor is None or currency is None else (currency, minor)


def _categories(paths: Any) -> frozenset[str] | None:
    return with_ancestors(fold(path).strip("/") for path in paths) or None if paths else None


def _open(value: Any) -> Any:
    if isinstance(value, list):
        texts = [item for item in value if isinstance(item, str)]
        return frozenset(texts) if texts and len(texts) == len(value) else None
    return value if isinstance(value, str | bool | int | Decimal) and value != "" else None
