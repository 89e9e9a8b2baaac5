"""What each operator means: the one comparison table, used by both evaluations.

An undefined value (missing, null, empty) makes every operator false but `is_undefined`; a value
that cannot be compared at all makes every operator false; else a negative operator is the NOT of
its positive. Wanted values come prepared by rulesets/values.py: texts folded, numbers exact.
"""

from __future__ import annotations

import operator as plain
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from rulesets.attributes import Type

Number = int | Decimal
NUMERIC: frozenset[Type] = frozenset({"money", "number", "int"})
NEGATIVES = {"!=": "==", "not_in": "in", "not_contains": "contains"}
ORDERINGS = frozenset({">", ">=", "<", "<=", "between"})
AFFIXES = frozenset({"contains", "not_contains", "starts_with", "ends_with"})
DEFINED = frozenset({"is_defined", "is_undefined"})
_EQUALITIES = frozenset({"==", "!=", "in", "not_in"})
OPERATORS = _EQUALITIES | ORDERINGS | AFFIXES | DEFINED
OF_TYPE: dict[Type, frozenset[str]] = {
    "money": _EQUALITIES | ORDERINGS | DEFINED,
    "number": _EQUALITIES | ORDERINGS | DEFINED,
    "int": _EQUALITIES | ORDERINGS | DEFINED,
    "date": _EQUALITIES | ORDERINGS | DEFINED,
    "moment": _EQUALITIES | ORDERINGS | DEFINED,
    "bool": frozenset({"==", "!="}) | DEFINED,
    "string": OPERATORS,
    "set": _EQUALITIES | frozenset({"contains", "not_contains"}) | DEFINED,
    "open": OPERATORS,
}
"""Which operators an attribute of a type takes."""

_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")


def holds(operator: str, kind: Type, actual: Any, wanted: Any) -> bool:
    """Whether `actual operator wanted`, for an attribute of that type."""
    if actual.__class__ is int and kind in NUMERIC:  # most leaves: nothing undefined, no text
        compare = _INTEGERS.get(operator)
        if compare is not None:
            return compare(actual, wanted)
    if not defined(actual):
        return operator == "is_undefined"
    if operator in DEFINED:
        return operator == "is_defined"
    positive = NEGATIVES.get(operator)
    answer = _compared(positive or operator, kind, actual, wanted)
    if answer is None:
        return False
    return answer if positive is None else not answer


def defined(actual: Any) -> bool:
    """Whether there is a value: not missing, null, blank or empty."""
    if isinstance(actual, str):
        return bool(actual) and not actual.isspace()
    return actual is not None and (not isinstance(actual, frozenset) or bool(actual))


def fold(text: str) -> str:
    """A text as it is compared: NFC, casefolded, trimmed."""
    if text.isascii():
        return text.strip().lower()
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded).strip()


@lru_cache(maxsize=4096)
def decimal_literal(text: str) -> Decimal | None:
    """The number that a text is, if it is a decimal without leading zeros."""
    return Decimal(text) if _LITERAL.match(text) else None


def as_number(actual: Any) -> Number | None:
    """A number as it is; a text if it is exactly one; None for the rest."""
    if isinstance(actual, str):
        return decimal_literal(actual.strip())
    if isinstance(actual, Decimal):
        return actual if actual.is_finite() else None
    return actual if isinstance(actual, int) and not isinstance(actual, bool) else None


def as_text(actual: Any) -> str | None:
    """The folded text of a scalar; None for a set."""
    if isinstance(actual, str):
        return fold(actual)
    if isinstance(actual, bool):
        return "true" if actual else "false"
    if isinstance(actual, int):
        return format(Decimal(actual), "f")
    return format(actual, "f") if isinstance(actual, Decimal) else None


def as_bool(actual: Any) -> bool | None:
    """True and false, also as texts."""
    if isinstance(actual, str):
        return {"true": True, "false": False}.get(fold(actual))
    return actual if isinstance(actual, bool) else None


def as_set(actual: Any) -> frozenset[str]:
    """The folded elements; a scalar is a set of one."""
    if isinstance(actual, frozenset):
        return _folded(actual)
    text = as_text(actual)
    return frozenset() if text is None else frozenset((text,))


@lru_cache(maxsize=4096)
def _folded(elements: frozenset[str]) -> frozenset[str]:
    """One decision asks for the same few sets again and again."""
    return frozenset([fold(item) for item in elements])


def _compared(operator: str, kind: Type, actual: Any, wanted: Any) -> bool | None:
    """The answer of a positive operator; None when the two cannot be compared."""
    if kind == "set":
        return _SETS[operator](as_set(actual), wanted)
    if isinstance(actual, frozenset):
        return (
            _open_set(operator, actual, wanted)
            if kind == "open"
            else _some(operator, kind, actual, wanted)
        )
    if kind == "open":
        return _open(operator, actual, wanted)
    if kind in NUMERIC:
        number = as_number(actual)
        return None if number is None else bool(_SCALARS[operator](number, wanted))
    if kind == "bool":
        truth = as_bool(actual)
        return None if truth is None else truth is wanted
    text = as_text(actual) if kind == "string" else actual
    return bool(_SCALARS[operator](text, wanted)) if isinstance(text, str) else None


def _some(operator: str, kind: Type, actual: frozenset[str], wanted: Any) -> bool | None:
    """Several values of a scalar attribute (children of a line): one that holds is enough."""
    answers = [_compared(operator, kind, item, wanted) for item in actual]
    known = [answer for answer in answers if answer is not None]
    return any(known) if known else None


def _open(operator: str, actual: Any, wanted: Any) -> bool | None:
    """The type of the wanted value decides; the actual one is converted if that is exact."""
    if operator == "in":
        answers = [_open("==", actual, item) for item in wanted]
        known = [answer for answer in answers if answer is not None]
        return any(known) if known else None
    if operator == "between":
        low, high = _open(">=", actual, wanted[0]), _open("<=", actual, wanted[1])
        return None if low is None or high is None else low and high
    if isinstance(wanted, bool):
        truth = as_bool(actual)
        return None if truth is None else truth is wanted
    sides = _sides(actual, wanted, operator in AFFIXES)
    return None if sides is None else bool(_SCALARS[operator](*sides))


def _sides(actual: Any, wanted: Any, as_texts: bool) -> tuple[Any, Any] | None:
    """Both sides as numbers when both are, else as texts when a text is wanted."""
    number = None if as_texts else as_number(actual)
    if not isinstance(wanted, str):
        return None if number is None else (number, wanted)
    wanted_number = None if number is None else decimal_literal(wanted)
    if wanted_number is not None:
        return number, wanted_number
    text = as_text(actual)
    return None if text is None else (text, wanted)


def _open_set(operator: str, actual: frozenset[str], wanted: Any) -> bool | None:
    """A list under an open attribute compares as a set."""
    compare = _SETS.get(operator)
    if compare is None:
        return None
    if operator == "in":
        return compare(as_set(actual), frozenset(as_text(item) or "" for item in wanted))
    text = as_text(wanted)
    return compare(as_set(actual), text)


_INTEGERS: dict[str, Callable[[Any, Any], bool]] = {
    "==": plain.eq,
    "!=": plain.ne,
    ">": plain.gt,
    ">=": plain.ge,
    "<": plain.lt,
    "<=": plain.le,
}
_SETS: dict[str, Callable[[frozenset[str], Any], bool]] = {
    "==": lambda actual, wanted: len(actual) == 1 and wanted in actual,
    "in": lambda actual, wanted: not actual.isdisjoint(wanted),
    "contains": lambda actual, wanted: wanted in actual,
}
_SCALARS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda actual, wanted: actual == wanted,
    ">": lambda actual, wanted: actual > wanted,
    ">=": lambda actual, wanted: actual >= wanted,
    "<": lambda actual, wanted: actual < wanted,
    "<=": lambda actual, wanted: actual <= wanted,
    "in": lambda actual, wanted: actual in wanted,
    "between": lambda actual, wanted: wanted[0] <= actual <= wanted[1],
    "contains": lambda actual, wanted: wanted in actual,
    "starts_with": lambda actual, wanted: actual.startswith(wanted),
    "ends_with": lambda actual, wanted: actual.endswith(wanted),
}
