"""Fills the units of a page from their candidates (FEATURES P8, P9): pure, the same in a replay.

A product stands on a page once: the first unit keeps it. What is looked at, what is in the cart and
what the shopper bought is never shown. A unit that its own type cannot fill is filled by its type's
backup; if the model of its type is not ready, the backup goes first.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN
from decimal import Context
from decimal import Decimal
from typing import NamedTuple

from rulesets.recommendation_units import RecommendationUnit
from rulesets.unit_results import Listed
from rulesets.unit_results import UnitCandidates
from rulesets.unit_types import UnitType
from rulesets.units_outcome import BACKUP
from rulesets.units_outcome import NO_MODEL
from rulesets.units_outcome import NOT_READY
from rulesets.units_outcome import PRIMARY
from rulesets.units_outcome import TOO_FEW
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitItem

READY_FROM = 50
"""Readiness from which on a type fills its units itself (FEATURES P8)."""
_DIGITS = Context(prec=6, rounding=ROUND_HALF_EVEN)


class Drop(NamedTuple):
    """A candidate that is not shown: `looked_at`, `in_cart`, `purchased`, or `repeated`, which was
    shown `by` a unit before."""

    unit_id: str
    sku: str
    code: str
    by: str | None = None


def sources(of: UnitType, readiness: int | None) -> tuple[str, ...]:
    """The lists that fill a unit of a type, in their order."""
    if of.backup is None:
        return (PRIMARY,)
    return (BACKUP, PRIMARY) if _is_thin(of, readiness) else (PRIMARY, BACKUP)


class Page:
    """What is shown so far. Units are filled one after the other, in the order of the page."""

    def __init__(self, looked_at: str | None, in_cart: Collection[str]) -> None:
        self._looked_at = looked_at
        self._in_cart = frozenset(in_cart)
        self._shown: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many products are shown."""
        return len(self._shown)

    def refusal(self, sku: str, *, purchased: bool) -> str | None:
        """Why a candidate is not shown by the next unit; None if it may be."""
        if sku == self._looked_at:
            return "looked_at"
        if sku in self._in_cart:
            return "in_cart"
        if purchased:
            return "purchased"
        return "repeated" if sku in self._shown else None

    def keep(self, unit_id: str, skus: Iterable[str]) -> None:
        """Notes what a unit shows, so that no later one does."""
        self._shown.update(dict.fromkeys(skus, unit_id))

    def fill(self, unit: RecommendationUnit, found: UnitCandidates) -> tuple[ShownUnit, list[Drop]]:
        """What the next unit shows, and which of its candidates it does not show."""
        items: dict[str, UnitItem] = {}
        drops: dict[str, Drop] = {}
        for source in sources(unit.type, found.readiness):
            listed = found.own if source == PRIMARY else found.backup
            self._take(unit, source, listed, items, drops)
        self.keep(unit.id, items)
        shown = tuple(items.values())
        fallback = _fallback(unit, found.readiness, shown)
        return ShownUnit(unit.id, None, found.readiness, fallback, shown), [*drops.values()]

    def _take(
        self,
        unit: RecommendationUnit,
        source: str,
        listed: Listed,
        items: dict[str, UnitItem],
        drops: dict[str, Drop],
    ) -> None:
        for sku, score, _, purchased in listed.candidates:
            if len(items) >= unit.size:
                return
            if sku in items:
                continue
            code = self.refusal(sku, purchased=purchased)
            if code is None:
                items[sku] = UnitItem(sku, _text(score, listed.scale), source)
            else:
                drops.setdefault(sku, Drop(unit.id, sku, code, self._shown.get(sku)))


def _is_thin(of: UnitType, readiness: int | None) -> bool:
    """Whether a type's model has too little to go by, and a backup stands ready."""
    return of.backup is not None and readiness is not None and readiness < READY_FROM


def _fallback(
    unit: RecommendationUnit, readiness: int | None, items: tuple[UnitItem, ...]
) -> str | None:
    if readiness is None and unit.type.uses != "views":
        return NO_MODEL
    if _is_thin(unit.type, readiness):
        return NOT_READY
    own = sum(item.source == PRIMARY for item in items)
    return TOO_FEW if own < unit.size else None


def _text(score: int, scale: int) -> str:
    """Six significant digits: `0.333333`."""
    exact = _DIGITS.divide(Decimal(score), Decimal(scale))
    return format(exact.normalize(_DIGITS), "f")
