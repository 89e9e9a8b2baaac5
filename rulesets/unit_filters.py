"""Filters of a recommendation unit: what it may show, and what it never shows (FEATURES P10-P12).

All of `include` must hold, any of `exclude` removes. Two forms compare with the products of the
context, beside those of rulesets/product_filters.py:

    {"attribute": "categories", "same": true}                              a category in common
    {"attribute": "price", "relative": {"from": "0.8", "to": "1.25"}}      times their price

Of several products of a context one is enough; where there is none, such a filter holds for
nothing.
A filter with `"enabled": false` is kept by its author and does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from typing import Protocol

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from rulesets.product_filters import ProductFilter
from rulesets.product_filters import parse_filter
from rulesets.values import exact_number

SAME = "same"
RELATIVE = "relative"
FACTOR_MAX = 1_000
Price = tuple[str, int]
"""Currency and minor units."""


class Narrowing(Protocol):
    """A filter of a request: whether a product with this value of `attribute` passes. `written`
    tells it from others; None if it is of this request alone and not worth remembering."""

    @property
    def attribute(self) -> str: ...
    @property
    def written(self) -> bytes | None: ...

    def passes(self, value: Any) -> bool:
        """Whether it does; the value is None where there is none."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a context is compared by: the categories and the prices of its products."""

    categories: frozenset[str] = frozenset()
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True)
class SameCategory:
    """Passes what stands in a category that a product of the context is in, or below it; on the
    page of a category, in that one."""

    def test(self, compared: Compared) -> Narrowing:
        """The filter of one request."""
        return _InCategories(compared.categories, canonical([SAME, compared.categories]))


@dataclass(frozen=True, slots=True)
class RelativePrice:
    """Passes what costs from `low` up to, not with, `high` times as much; None: without an end."""

    low: Decimal | None
    high: Decimal | None

    def test(self, compared: Compared) -> Narrowing:
        """The filter of one request."""
        return _NearPrices(
            tuple(
                (
                    currency,
                    None if self.low is None else minor * self.low,
                    None if self.high is None else minor * self.high,
                )
                for currency, minor in compared.prices
            )
        )


UnitFilter = ProductFilter | SameCategory | RelativePrice


@dataclass(frozen=True, slots=True)
class UnitFilters:
    """The filters of a unit that are enabled."""

    include: tuple[UnitFilter, ...] = ()
    exclude: tuple[UnitFilter, ...] = ()

    @property
    def compare(self) -> bool:
        """Whether any looks at the products of the context."""
        return any(not isinstance(one, ProductFilter) for one in (*self.include, *self.exclude))

    def tests(self, compared: Compared) -> tuple[tuple[Narrowing, ...], tuple[Narrowing, ...]]:
        """What a product must pass, and what it must not, in one request."""
        return (
            tuple(_test(one, compared) for one in self.include),
            tuple(_test(one, compared) for one in self.exclude),
        )


def parse_unit_filter(written: Any, currency: str, pointer: str) -> UnitFilter:
    """One filter, enabled or not; InvalidInput with pointers."""
    if not isinstance(written, Mapping):
        raise InvalidInput([Problem(pointer, "wrong_type", "a filter is an object")])
    enabled = written.get("enabled", True)
    if not isinstance(enabled, bool):
        raise InvalidInput([Problem(f"{pointer}/enabled", "wrong_type", "true or false")])
    own = {name: value for name, value in written.items() if name != "enabled"}
    if own.keys() == {"attribute", SAME} and own["attribute"] == "categories":
        if own[SAME] is not True:
            raise InvalidInput([Problem(f"{pointer}/{SAME}", "not_one_of", "true")])
        return SameCategory()
    if own.keys() == {"attribute", RELATIVE} and own["attribute"] == "price":
        return _relative(own[RELATIVE], f"{pointer}/{RELATIVE}")
    return parse_filter(own, currency, pointer)


def enabled_filters(body: Mapping[str, Any], currency: str) -> UnitFilters:
    """Those of `{include, exclude}` that count."""

    def of(name: str) -> tuple[UnitFilter, ...]:
        listed: Sequence[Mapping[str, Any]] = body.get(name) or ()
        return tuple(
            parse_unit_filter(written, currency, f"/filters/{name}/{index}")
            for index, written in enumerate(listed)
            if written.get("enabled", True)
        )

    return UnitFilters(of("include"), of("exclude"))


@dataclass(frozen=True, slots=True)
class _InCategories:
    """In one of these categories, or below it: a product's own come with all above them."""

    paths: frozenset[str]
    written: bytes
    attribute: str = "categories"

    def passes(self, value: frozenset[str] | None) -> bool:
        """Whether a product of these categories is in one of them."""
        return value is not None and not self.paths.isdisjoint(value)


@dataclass(frozen=True, slots=True)
class _NearPrices:
    """Prices near those of the context: (currency, from, to)."""

    ranges: tuple[tuple[str, Decimal | None, Decimal | None], ...]
    attribute: str = "price"
    written: bytes | None = None

    def passes(self, value: Price | None) -> bool:
        """Whether a price is in one of the ranges."""
        if value is None:
            return False
        currency, minor = value
        return any(
            of == currency and (low is None or minor >= low) and (high is None or minor < high)
            for of, low, high in self.ranges
        )


def _test(one: UnitFilter, compared: Compared) -> Narrowing:
    return one if isinstance(one, ProductFilter) else one.test(compared)


def _relative(ends: Any, pointer: str) -> RelativePrice:
    if not isinstance(ends, Mapping) or not ends or not ends.keys() <= {"from", "to"}:
        raise InvalidInput([Problem(pointer, "unknown_form", "`from`, `to`, or both")])
    low, high = (_factor(ends, name, pointer) for name in ("from", "to"))
    if low is not None and high is not None and high <= low:
        raise InvalidInput([Problem(pointer, "between_reversed", "`from` is below `to`")])
    return RelativePrice(low, high)


def _factor(ends: Mapping[str, Any], name: str, pointer: str) -> Decimal | None:
    if name not in ends:
        return None
    place = f"{pointer}/{name}"
    try:
        factor = Decimal(exact_number(ends[name]))
    except InvalidValue as error:
        raise InvalidInput([error.at(place)]) from None
    if not 0 <= factor <= FACTOR_MAX:
        raise InvalidInput([Problem(place, "out_of_range", f"a factor from 0 to {FACTOR_MAX}")])
    return factor
