"""Fields of Adobe's JSON, each read as one type; what is wrong is gathered with its place.

Adobe writes null for what is not set, and depending on its version numbers and flags as texts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from app.edge.validation import escaped
from rulesets.values import exact_number

Number = int | Decimal
_FLAGS = {True: True, False: False, "1": True, "0": False, "true": True, "false": False}


def document(data: bytes) -> dict[str, Any]:
    """A file's JSON object; InvalidInput if it is none, or holds what no text may."""
    try:
        given = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        detail = f"{place}: {error.msg.split(': line')[0]}"
        raise InvalidInput([Problem("", "malformed_json", detail)], "the file is no JSON") from None
    if not isinstance(given, dict):
        raise InvalidInput([Problem("", "wrong_type", "a JSON object is wanted")])
    if b"\\u0000" in data:
        _refuse_nul(given)
    return given


class Fields:
    """The fields of one object. Null is as good as missing."""

    def __init__(self, given: Any, pointer: str, problems: list[Problem]) -> None:
        self.pointer = pointer
        self.problems = problems
        self._given: dict[str, Any] = given if isinstance(given, dict) else {}
        if not isinstance(given, dict):
            problems.append(Problem(pointer, "wrong_type", "an object is wanted"))

    def names(self) -> list[str]:
        """Every field that says something."""
        return [name for name, value in self._given.items() if value not in (None, "", [], {})]

    def at(self, name: str) -> str:
        """Where a field stands."""
        return f"{self.pointer}/{escaped(name)}"

    def raw(self, name: str) -> Any:
        """A field of any type."""
        return self._given.get(name)

    def text(self, name: str) -> str:
        """A text; a number is its digits."""
        value = self._given.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            return str(self.refuse(name, "a string is wanted"))
        return str(value)

    def number(self, name: str) -> Number:
        """A number; 0 for none."""
        value = self._given.get(name)
        if value is None or value == "":
            return 0
        try:
            return exact_number(value.strip() if isinstance(value, str) else value)
        except InvalidValue as error:
            self.problems.append(error.at(self.at(name)))
            return 0

    def whole(self, name: str) -> int:
        """A whole number; 0 for none."""
        found = self.number(name)
        if not isinstance(found, int):
            self.refuse(name, "a whole number is wanted")
            return 0
        return found

    def flag(self, name: str) -> bool:
        """Yes or no; no for none."""
        value = self._given.get(name)
        if value is None or value == "":
            return False
        known = _FLAGS.get(value) if isinstance(value, str | int | bool) else None
        if known is None:
            self.refuse(name, "true or false is wanted")
        return bool(known)

    def list(self, name: str) -> list[Any]:
        """A list; empty for none."""
        value = self._given.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(name, "a list is wanted")
            return []
        return value

    def numbers(self, name: str) -> tuple[str, ...]:
        """A list of ids, as their digits."""
        found = []
        for index, value in enumerate(self.list(name)):
            if isinstance(value, bool) or not str(value).isdecimal():
                self.problems.append(Problem(f"{self.at(name)}/{index}", "wrong_type", "an id"))
            else:
                found.append(str(int(value)))
        return tuple(found)

    def refuse(self, name: str, detail: str) -> str:
        """Notes that a field is of another type; what comes back only keeps the reading going."""
        self.problems.append(Problem(self.at(name), "wrong_type", detail))
        return ""


def _refuse_nul(given: Any) -> None:
    waiting = [("", given)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            raise InvalidInput([Problem(pointer, "nul_in_string", "no text holds a NUL")])
        if isinstance(value, list):
            waiting += [(f"{pointer}/{index}", item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            waiting += [(f"{pointer}/{escaped(name)}", name) for name in value]
            waiting += [(f"{pointer}/{escaped(name)}", item) for name, item in value.items()]
