"""An index over the leaves of one attribute: which are true of a value, without asking each.

Equality goes by dictionary, order by bisection; what neither can hold is asked one by one.
Columns answer exactly as rulesets/operators.py does; the tests compare the two.
"""

from __future__ import annotations

from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from rulesets.attributes import Type
from rulesets.operators import NUMERIC
from rulesets.operators import as_bool
from rulesets.operators import as_number
from rulesets.operators import as_set
from rulesets.operators import as_text
from rulesets.operators import decimal_literal
from rulesets.operators import defined
from rulesets.operators import holds

Entry = tuple[int, str, Any]
"""Literal, operator, wanted value."""

_EQUAL = frozenset({"==", "in"})
_UNEQUAL = frozenset({"!=", "not_in"})
_PREFIXES = {">": bisect_left, ">=": bisect_right}
_SUFFIXES = {"<": bisect_right, "<=": bisect_left}
_PLACES = {**_PREFIXES, **_SUFFIXES}


class Column:
    """The leaves over one attribute, or over one sum or count."""

    def __init__(self, kind: Type, entries: Iterable[Entry]) -> None:
        self.kind = kind
        self.entries = list(entries)
        self.undefined = frozenset(i for i, name, _ in self.entries if name == "is_undefined")
        self._defined = [i for i, name, _ in self.entries if name == "is_defined"]
        self._equal: dict[Any, list[int]] = {}
        self._single: dict[Any, list[int]] = {}
        self._unequal: list[int] = []
        self._denied: dict[Any, list[int]] = {}
        self._alone: dict[Any, list[int]] = {}
        self._each: list[Entry] = []
        ordered: dict[str, list[tuple[Any, int]]] = {}
        for entry in self.entries:
            self._file(entry, ordered)
        self._ordered = [
            (name, [wanted for wanted, _ in rows], [i for _, i in rows])
            for name, rows in ((n, sorted(r)) for n, r in ordered.items())
        ]
        by_order = not (self._each or self._equal or self._unequal)
        self._by_order = kind in NUMERIC and by_order

    def true(self, actual: Any) -> list[int]:
        """The literals that hold of a value."""
        if actual.__class__ is not int and not defined(actual):
            return list(self.undefined)
        if self.kind == "set":
            return self._of_set(as_set(actual))
        if isinstance(actual, frozenset):
            return [i for i, name, wanted in self.entries if holds(name, self.kind, actual, wanted)]
        found = self._defined.copy()
        if self._each:
            found += [i for i, name, wanted in self._each if holds(name, self.kind, actual, wanted)]
        if self.kind == "open":
            equal = {one for key in _open_keys(actual) for one in self._equal.get(key, ())}
            return [*found, *equal]
        return self._of_scalar(_plain(self.kind, actual), found)

    def place(self, actual: Any) -> Any:
        """Where a value stands: as long as that is the same, so is `true`. Of a number that is
        only compared by order this is its place among the thresholds."""
        if actual.__class__ is not int or not self._by_order:
            return actual
        return tuple([_PLACES[name](wanted, actual) for name, wanted, _ in self._ordered])

    def _file(self, entry: Entry, ordered: dict[str, list[tuple[Any, int]]]) -> None:
        literal, operator, wanted = entry
        if self.kind == "set":
            self._file_set(literal, operator, wanted)
        elif operator in _EQUAL:
            for key in (
                {_open_key(w) for w in _wanted(operator, wanted)}
                if (self.kind == "open")
                else _wanted(operator, wanted)
            ):
                self._equal.setdefault(key, []).append(literal)
        elif self.kind != "open" and operator in _UNEQUAL:
            self._unequal.append(literal)
            for key in _wanted(operator, wanted):
                self._denied.setdefault(key, []).append(literal)
        elif self.kind != "open" and (operator in _PREFIXES or operator in _SUFFIXES):
            ordered.setdefault(operator, []).append((wanted, literal))
        elif operator not in {"is_defined", "is_undefined"}:
            self._each.append(entry)

    def _file_set(self, literal: int, operator: str, wanted: Any) -> None:
        if operator in {"in", "contains"}:
            for key in _wanted(operator, wanted):
                self._equal.setdefault(key, []).append(literal)
        elif operator == "==":
            self._single.setdefault(wanted, []).append(literal)
        elif operator in {"not_in", "not_contains"}:
            self._unequal.append(literal)
            for key in _wanted(operator, wanted):
                self._denied.setdefault(key, []).append(literal)
        elif operator == "!=":
            self._unequal.append(literal)
            self._alone.setdefault(wanted, []).append(literal)

    def _of_set(self, elements: frozenset[str]) -> list[int]:
        equal: set[int] = set()  # a list may hold several of the elements: the leaf is true once
        for element in self._equal.keys() & elements:
            equal.update(self._equal[element])
        found = [*self._defined, *equal]
        if len(elements) == 1 and self._single:
            (only,) = elements
            found += self._single.get(only, ())
        if self._unequal:
            denied = self._denied_by(elements)
            found += [literal for literal in self._unequal if literal not in denied]
        return found

    def _denied_by(self, elements: frozenset[str]) -> set[int]:
        denied: set[int] = set()
        for element in elements:
            denied.update(self._denied.get(element, ()))
        if len(elements) == 1:
            (only,) = elements
            denied.update(self._alone.get(only, ()))
        return denied

    def _of_scalar(self, actual: Any, found: list[int]) -> list[int]:
        if actual is None:
            return found
        found += self._equal.get(actual, ())
        if self._unequal:
            denied = self._denied.get(actual, ())
            found += [literal for literal in self._unequal if literal not in denied]
        for operator, wanted, literals in self._ordered:
            prefix = _PREFIXES.get(operator)
            if prefix is not None:
                found += literals[: prefix(wanted, actual)]
            else:
                found += literals[_SUFFIXES[operator](wanted, actual) :]
        return found


def _wanted(operator: str, wanted: Any) -> Iterable[Any]:
    return wanted if operator in {"in", "not_in"} else (wanted,)


def _plain(kind: Type, actual: Any) -> Any:
    if kind in NUMERIC:
        if actual.__class__ is int:
            return actual
        return as_number(actual)
    if kind == "bool":
        return as_bool(actual)
    if kind == "string":
        return as_text(actual)
    return actual if isinstance(actual, str) else None


def _open_key(wanted: Any) -> tuple[str, Any]:
    """Two open values are equal exactly if they share a key."""
    if isinstance(wanted, bool):
        return ("truth", wanted)
    if isinstance(wanted, str):
        number = decimal_literal(wanted)
        return ("text", wanted) if number is None else ("number", number)
    return ("number", wanted)


def _open_keys(actual: Any) -> list[tuple[str, Any]]:
    keys: list[tuple[str, Any]] = []
    number: int | Decimal | None = as_number(actual)
    truth, text = as_bool(actual), as_text(actual)
    if number is not None:
        return [("number", number)]
    if truth is not None:
        keys.append(("truth", truth))
    if text is not None:
        keys.append(("text", text))
    return keys
