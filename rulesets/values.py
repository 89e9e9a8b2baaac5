"""The wanted value of a leaf: checked against the attribute's type, prepared for comparison."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from aggregates.kernel.canonical import number
from aggregates.kernel.clock import format_moment
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.limits import IN_LIST_MAX
from aggregates.kernel.limits import SIGNIFICANT_DIGITS_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.kernel.money import digits_of
from aggregates.kernel.money import parse_money
from rulesets.attributes import Type
from rulesets.operators import AFFIXES
from rulesets.operators import ORDERINGS
from rulesets.operators import fold

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,15})?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NUMBER_MAX = 10**SIGNIFICANT_DIGITS_MAX


def prepared(kind: Type, operator: str, raw: Any, currency: str) -> Any:
    """The value as the operator table wants it; InvalidValue says what is wrong with it.

    A list for `in` becomes a set (a tuple under an open attribute, where 1 and true differ),
    one for `between` a pair.
    """
    if operator == "between":
        return _pair([_one(kind, operator, item, currency) for item in _list(raw, 2)])
    if operator in {"in", "not_in"}:
        items = [_one(kind, operator, item, currency) for item in _list(raw, None)]
        return tuple(items) if kind == "open" else frozenset(items)
    return _one(kind, operator, raw, currency)


def prepared_money(operator: str, leaf: Mapping[str, Any], base: str) -> dict[str, Any]:
    """`value` in the base currency and `values` in others, by currency, in minor units."""
    amounts = {base: prepared("money", operator, leaf["value"], base)}
    others = leaf.get("values", {})
    if not isinstance(others, Mapping):
        raise InvalidValue("value_not_of_type", "values is an object of currencies")
    for currency, raw in others.items():
        digits_of(currency)
        if currency == base:
            raise InvalidValue("base_currency_twice", f"{base} is what value is in")
        amounts[currency] = prepared("money", operator, raw, currency)
    return amounts


def exact_number(raw: Any) -> int | Decimal:
    """A JSON number or a decimal text, exactly; InvalidValue if it is neither or too large."""
    if isinstance(raw, str):
        if not _NUMBER.match(raw):
            raise InvalidValue("value_not_of_type", "a number is wanted")
        raw = Decimal(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise InvalidValue("value_not_of_type", "a number is wanted")
    if not -_NUMBER_MAX < raw < _NUMBER_MAX:  # NaN is neither
        raise InvalidValue("number_out_of_range", f"a number stays below {_NUMBER_MAX}")
    return number(raw)


def _list(raw: Any, length: int | None) -> list[Any]:
    if not isinstance(raw, list):
        raise InvalidValue("value_not_of_type", "this operator takes a list")
    if length is not None and len(raw) != length:
        raise InvalidValue("value_not_of_type", "this operator takes [low, high]")
    if not raw:
        raise InvalidValue("empty_value", "an empty list matches nothing")
    if len(raw) > IN_LIST_MAX:
        raise InvalidValue("in_list_too_long", f"at most {IN_LIST_MAX} values")
    return raw


def _pair(items: list[Any]) -> tuple[Any, Any]:
    low, high = items
    if isinstance(low, str) is not isinstance(high, str):
        raise InvalidValue("value_not_of_type", "both ends are of one type")
    if high < low and not isinstance(low, str):
        raise InvalidValue("between_reversed", "the low end stands first")
    return low, high


def _one(kind: Type, operator: str, raw: Any, currency: str) -> Any:
    if kind == "money":
        return parse_money(raw, currency, signed=True)
    return _PARSERS[kind](raw, operator)


def _number(raw: Any, _: str) -> int | Decimal:
    return exact_number(raw)


def _whole(raw: Any, _: str) -> int:
    found = exact_number(raw)
    if not isinstance(found, int):
        raise InvalidValue("value_not_of_type", "a whole number is wanted")
    return found


def _text(raw: Any, _: str = "") -> str:
    """A folded text; what could never be equal to anything is refused."""
    if not isinstance(raw, str):
        raise InvalidValue("value_not_of_type", "a string is wanted")
    if len(raw) > STRING_LENGTH_MAX:
        raise InvalidValue("string_too_long", f"at most {STRING_LENGTH_MAX} characters")
    if "\0" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        raise InvalidValue("bad_text", "NUL and lone surrogates are no text")
    folded = fold(raw)
    if not folded:
        raise InvalidValue("empty_value", "a blank string matches nothing: use is_undefined")
    return folded


def _bool(raw: Any, _: str) -> bool:
    if not isinstance(raw, bool):
        raise InvalidValue("value_not_of_type", "true or false is wanted")
    return raw


def _date(raw: Any, _: str) -> str:
    try:
        if isinstance(raw, str) and _DATE.match(raw):
            return date.fromisoformat(raw).isoformat()
    except ValueError as error:
        raise InvalidValue("value_not_of_type", f"no such date: {error}") from None
    raise InvalidValue("value_not_of_type", 'a date like "2026-11-23" is wanted')


def _moment(raw: Any, _: str) -> str:
    try:
        if isinstance(raw, str):
            return format_moment(parse_moment(raw))
    except (ValueError, OverflowError):
        raise InvalidValue("value_not_of_type", "no such moment") from None
    raise InvalidValue("value_not_of_type", "an RFC 3339 moment is wanted")


def _open(raw: Any, operator: str) -> Any:
    if operator in AFFIXES or isinstance(raw, str):
        return _text(raw)
    if isinstance(raw, bool) and operator not in ORDERINGS:
        return raw
    return exact_number(raw)


_PARSERS: dict[Type, Callable[[Any, str], Any]] = {
    "number": _number,
    "int": _whole,
    "string": _text,
    "bool": _bool,
    "date": _date,
    "moment": _moment,
    "set": _text,
    "open": _open,
}
