"""What an interaction says, open: products, value, coupons, search phrase, declared properties.

What joins it to others (its unit, its search) stands in app/intake/join_keys.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import InvalidValue
from app.intake.order_facts import coupons_of
from app.intake.products import products_of
from app.intake.products import total_of
from app.intake.values import ADDRESS
from app.intake.values import currency
from app.intake.values import scalar
from app.intake.values import text

PERSONAL = re.compile(r"\S@\S|[0-9]{6}")
"""An e-mail address or six digits in a row: such a search phrase is sealed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a site's messages are read; from its settings."""

    base_currency: str
    counted: tuple[str, ...]
    seals_phrases: bool


def ecommerce(properties: dict[str, Any], reading: Reading, data: dict[str, Any]) -> None:
    """Adds to `data` what the properties of an event of Segment's spec mean; strict."""
    unit = currency(properties.get("currency"), "/properties/currency") or reading.base_currency
    value = total_of(properties, unit)
    products = products_of(properties, unit)
    if products:
        data["products"] = products
    if value is not None:
        data["value_minor"] = value
    if value is not None or [True for product in products if "price_minor" in product]:
        data["currency"] = unit
    if "coupon" in properties or "coupons" in properties:
        coupons = coupons_of(properties)
        if coupons:
            data["coupons"] = coupons
    phrase = _phrase(properties)
    if phrase is not None and not reading.seals_phrases and not PERSONAL.search(phrase):
        data["search_phrase"] = phrase


def custom(properties: dict[str, Any], reading: Reading, data: dict[str, Any]) -> None:
    """The same for an event whose meaning is its sender's: what does not fit is left sealed."""
    read: dict[str, Any] = {}
    try:
        ecommerce(properties, reading, read)
    except InvalidValue:
        read = {}  # a custom `price` may be a word; the properties are kept as they came
    data.update(read)


def declared(properties: dict[str, Any], reading: Reading, data: dict[str, Any]) -> None:
    """Adds the properties that the site declared countable."""
    found = {name: scalar(properties[name]) for name in reading.counted if name in properties}
    plain = {name: value for name, value in found.items() if _is_countable(value)}
    if plain:
        data["counted"] = plain


def _is_countable(value: Any) -> bool:
    """Not nothing, and no e-mail address: what is counted is readable for ever."""
    return value not in (None, "") and not (value.__class__ is str and ADDRESS.search(value))


def _phrase(properties: dict[str, Any]) -> str | None:
    for name in ("query", "search_phrase"):
        value = properties.get(name)
        if value is not None:
            phrase = text(value, f"/properties/{name}")
            return phrase.strip() or None if phrase is not None else None
    return None
