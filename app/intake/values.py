"""Values of a message, read strictly: each function returns the value or raises InvalidValue.

The sentences never repeat what the client sent: they are kept open, and the value may be personal.
"""

from __future__ import annotations

import re
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from aggregates.kernel.canonical import Number
from aggregates.kernel.canonical import number
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.limits import QUANTITY_MAX
from aggregates.kernel.limits import QUANTITY_PLACES_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.kernel.money import DIGITS
from aggregates.kernel.money import parse_money

ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
"""An e-mail address: where it stands in an open field, it is not kept there."""
RESERVED = "$decimal"
"""The name under which the log keeps decimals; as a name of a client's it would be misread."""

_MONEY = {
    "not_money": "an amount is a decimal string or a number",
    "too_many_digits": "more decimal digits than the currency has",
    "negative_amount": "an amount is not negative",
    "amount_too_large": "an amount beyond all orders",
}


def refused(code: str, place: str, sentence: str) -> InvalidValue:
    """What a reader raises: `place` names fields of the format, never of the client."""
    return InvalidValue(code, f"{place}: {sentence}")


def text(value: Any, place: str) -> str | None:
    """A string of at most 1,024 bytes (it may stand in an index); null and "" are absent."""
    if value.__class__ is str:
        if len(value) > 256 and len(value.encode()) > STRING_LENGTH_MAX:
            raise refused("too_long", place, f"at most {STRING_LENGTH_MAX} bytes")
        return value or None
    if value is None:
        return None
    if value.__class__ is int:
        return str(value)
    raise refused("wrong_type", place, "a string")


def open_object(value: Any, place: str) -> dict[str, Any] | None:
    """An object of the client's own; null and {} are absent."""
    if value.__class__ is dict:
        return value or None
    if value is None:
        return None
    raise refused("wrong_type", place, "an object")


def texts(value: Any, place: str) -> list[str]:
    """One string or a list of them."""
    if value.__class__ is not list:
        one = text(value, place)
        return [] if one is None else [one]
    return [item for item in (text(each, place) for each in value) if item is not None]


def currency(value: Any, place: str) -> str | None:
    """A currency code."""
    if value is None or value == "":
        return None
    code = value.upper() if value.__class__ is str else None
    if code not in DIGITS:
        raise refused("unknown_currency", place, "an ISO 4217 currency code")
    return code


def amount(value: Any, unit: str, place: str) -> int:
    """Money in minor units of a currency."""
    if value.__class__ is float:
        written = repr(value)  # its shortest decimal; an exponent is left to the slow path
        if "e" not in written:
            value = written[:-2] if written.endswith(".0") else written
    try:
        return parse_money(value, unit)
    except InvalidValue as error:
        raise refused(error.code, place, _MONEY[error.code]) from None


def quantity(value: Any, place: str) -> Number:
    """A count or measure: `2`, `"2"`, `0.25`."""
    if value.__class__ is int:
        exact: Number = value
    else:
        exact = _decimal(value, place)
    if not 0 <= exact <= QUANTITY_MAX:
        raise refused("out_of_range", place, f"a quantity is 0 to {QUANTITY_MAX}")
    return exact


def scalar(value: Any) -> str | bool | Number | None:
    """A plain value for the open part of an event; None for what is not plain."""
    kind = value.__class__
    if kind is str:
        return value if len(value) <= STRING_LENGTH_MAX else None
    if kind is bool:
        return bool(value)
    return number(value) if kind in (int, float) else None


def exact_numbers(value: Any) -> Any:
    """A JSON value with its floats as decimals, so that rules compare what was written."""
    kind = value.__class__
    if kind is float or kind is int:
        return number(value)
    if kind is dict:
        return {name: exact_numbers(item) for name, item in value.items()}
    if kind is list:
        return [exact_numbers(item) for item in value]
    return value


def _decimal(value: Any, place: str) -> Number:
    if value.__class__ not in (str, float):
        raise refused("wrong_type", place, "a quantity is a number")
    written = value if value.__class__ is str else repr(value)
    try:
        exact = Decimal(written) if len(written) <= 32 else Decimal("NaN")
    except InvalidOperation:
        raise refused("not_a_quantity", place, "a quantity is a decimal number") from None
    if not exact.is_finite() or not written.isascii() or "_" in written:
        raise refused("not_a_quantity", place, "a quantity is a decimal number")
    if abs(exact) > QUANTITY_MAX:
        raise refused("out_of_range", place, f"a quantity is 0 to {QUANTITY_MAX}")
    plain = number(exact)
    exponent = plain.as_tuple().exponent if isinstance(plain, Decimal) else 0
    if isinstance(exponent, int) and -exponent > QUANTITY_PLACES_MAX:
        raise refused("too_many_digits", place, f"at most {QUANTITY_PLACES_MAX} decimal places")
    return plain
