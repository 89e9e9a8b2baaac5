"""Fields of a question, and the parts that all questions share: shopper, context, options.

Each field brings its value into one normal form without floats, so that what is recorded is
canonical: a number is an int or a Decimal, an amount stays the decimal text that its currency
reads later. A value that is in normal form already is returned as it is: that is what lets
`acceptor.py` skip the load.
"""

from __future__ import annotations

import re
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.canonical import number
from aggregates.kernel.limits import QUANTITY_MAX
from aggregates.kernel.limits import QUANTITY_PLACES_MAX
from aggregates.kernel.limits import SIGNIFICANT_DIGITS_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX

AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,8})?\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,8})?\Z")
WHOLE_MAX = 2**53 - 1
"""Beyond it a whole number is no exact JSON number any more."""


class Amount(fields.Field[Any]):
    """Money as the client wrote it; whether it fits the currency is asked when that is known."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, str):
            if not _DECIMAL.match(value):
                raise ValidationError("not_money: write a decimal amount such as 12.50")
            return value
        return decimal_text(value, "not_money: an amount is a decimal string or a number")


class Measure(fields.Field[Any]):
    """A quantity or a weight: a decimal from `low` to `high` with at most four places."""

    def __init__(self, *, positive: bool, high: int = QUANTITY_MAX, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.positive = positive
        self.high = high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | Decimal:
        text = value
        if not isinstance(value, str):
            text = decimal_text(value, "not_a_number: a decimal is asked for here")
        if not _DECIMAL.match(text):
            raise ValidationError("not_a_number: a decimal is asked for here")
        exact = number(Decimal(text))
        if exact < 0 or (self.positive and exact == 0) or exact > self.high:
            least = "more than 0" if self.positive else "at least 0"
            raise ValidationError(f"out_of_range: {least} and at most {self.high}")
        places = -int(exact.as_tuple().exponent) if isinstance(exact, Decimal) else 0
        if places > QUANTITY_PLACES_MAX:
            raise ValidationError(f"too_many_digits: at most {QUANTITY_PLACES_MAX} places")
        return exact


class Flag(fields.Field[Any]):
    """true or false, and nothing that only looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("wrong_type: true or false")
        return value


class Whole(fields.Field[Any]):
    """A whole number from 0 on."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("wrong_type: a whole number")
        if not 0 <= value <= WHOLE_MAX:
            raise ValidationError("out_of_range: a whole number from 0 on")
        return value


class Open(fields.Field[Any]):
    """An object of the client's own: names and JSON values. Floats become decimals."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("wrong_type: an object")
        opened: dict[str, Any] = _open("", value)
        return opened


def decimal_text(value: Any, message: str) -> str:
    """A JSON number as its shortest decimal text; ValidationError if it is none or not exact."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValidationError(message)
    try:
        exact = value if isinstance(value, int) else Decimal(repr(value))
        if len(Decimal(exact).normalize().as_tuple().digits) > SIGNIFICANT_DIGITS_MAX:
            raise ValidationError("too_many_digits: a number has at most 15 significant digits")
    except InvalidOperation:
        raise ValidationError(message) from None
    text = format(Decimal(exact).normalize(), "f")
    return "0" if text == "-0" else text


def _open(name: str, value: Any) -> Any:
    if len(name) > STRING_LENGTH_MAX:
        raise ValidationError(f"too_long: a name has at most {STRING_LENGTH_MAX} characters")
    if isinstance(value, str):
        if len(value) > STRING_LENGTH_MAX:
            raise ValidationError(f"too_long: a value has at most {STRING_LENGTH_MAX} characters")
        return value
    if isinstance(value, dict):
        if "$decimal" in value:
            raise ValidationError("reserved_name: $decimal is a name of the service's own")
        return {inner: _open(inner, item) for inner, item in value.items()}
    if isinstance(value, list):
        return [_open("", item) for item in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > WHOLE_MAX):
        return number(value)
    return value


def text(*, required: bool = False, low: int = 0, high: int = STRING_LENGTH_MAX) -> fields.String:
    """A string of bounded length."""
    return fields.String(required=required, validate=validate.Length(min=low, max=high))


def texts(high: int) -> fields.List[Any]:
    """A list of strings."""
    return fields.List(text(low=1), validate=validate.Length(max=high))


class ShopperSchema(Schema):
    """Whom it is for; both ids together count as one person for this answer only."""

    customer_id = text(low=1)
    anonymous_id = text(low=1)


class ContextSchema(Schema):
    """Where and how it is asked."""

    store_view = text()
    customer_group = text()
    audiences = texts(1_000)
    device = text()
    locale = text()
    country = text()
    channel = text()
    custom = Open()
