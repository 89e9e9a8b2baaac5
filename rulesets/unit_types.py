"""The types of recommendation units: on which pages each stands, what it is asked with, its backup.

`uses` says what candidates are found from: nothing but the model, the products of the context (the
one looked at, or the cart's), or what the shopper viewed. A unit whose type has too little to show
is filled by its `backup`; most-viewed is the backup of three and has none itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PAGE_TYPES = ("home", "category", "product", "cart", "confirmation", "page-builder")
"""Where a unit can stand."""

Uses = Literal["nothing", "context", "views"]


@dataclass(frozen=True, slots=True)
class UnitType:
    """One type of recommendation unit."""

    name: str
    pages: frozenset[str]
    backup: str | None
    uses: Uses


_EVERY_PAGE = frozenset(PAGE_TYPES)
_WITH_PRODUCTS = frozenset({"product", "cart", "confirmation"})
_MOST_VIEWED = "most-viewed"

_TYPES = (
    UnitType("most-purchased", _EVERY_PAGE, None, "nothing"),
    UnitType(_MOST_VIEWED, _EVERY_PAGE, None, "nothing"),
    UnitType("trending", _EVERY_PAGE, _MOST_VIEWED, "nothing"),
    UnitType("bought-bought", _WITH_PRODUCTS, _MOST_VIEWED, "context"),
    UnitType("viewed-viewed", _WITH_PRODUCTS, _MOST_VIEWED, "context"),
    UnitType("recently-viewed", _EVERY_PAGE - {"page-builder"}, None, "views"),
)

UNIT_TYPES: dict[str, UnitType] = {one.name: one for one in _TYPES}
"""Name to type, in the order in which they are listed and trained."""
