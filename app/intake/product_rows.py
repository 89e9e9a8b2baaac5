"""A CSV row as a product: lists by `|`, `attributes.<name>` and `stock.<name>` nested."""

from __future__ import annotations

from typing import Any

from app.intake.rows import Row

_NESTED = ("attributes", "stock")


def product_row(row: Row) -> Row:
    """The row with its cells as a product; an NDJSON row is one already."""
    if row.values is None:
        return row
    product: dict[str, Any] = {}
    for name, cell in row.values.items():
        group, _, inner = name.partition(".")
        if inner and group in _NESTED:
            product.setdefault(group, {})[inner] = cell
        else:
            product[name] = cell.split("|") if name == "categories" else cell
    return Row(row.line, values=product)
