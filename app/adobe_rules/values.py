"""Values of conditions, as Adobe writes them and as trees do."""

from __future__ import annotations

import re
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from app.adobe_rules.reading import Condition

_SEPARATOR = re.compile(r"[,;]")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z")
_TRUE = frozenset({"1", "true", ""})


def truth(value: Any) -> bool:
    """TRUE or FALSE of a combination; TRUE if it does not say."""
    return value is None or str(value).strip().lower() in _TRUE


def listed(node: Condition, *, always: bool = False) -> list[Any]:
    """The values of a condition: those of a list operator stand between commas or semicolons."""
    if isinstance(node.value, list):
        return [each for each in node.value if each not in (None, "")]
    if node.value is None:
        return []
    if (always or node.operator in {"()", "!()"}) and isinstance(node.value, str):
        return [part.strip() for part in _SEPARATOR.split(node.value) if part.strip()]
    return [node.value]


def scalar(value: Any, numeric: bool) -> str:
    """A value as text; a number without the zeros that a database column adds."""
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value).strip() if numeric else str(value)
    if isinstance(value, float) or (numeric and _NUMBER.match(text)):
        return plain(Decimal(repr(value) if isinstance(value, float) else text))
    return text


def plain(value: int | Decimal) -> str:
    """A number as the shortest decimal text."""
    text = format(Decimal(value).normalize(), "f")
    return "0" if text == "-0" else text


def joined(values: list[Any]) -> str | None:
    """Values as a list operator of Adobe takes them; None if one of them holds a separator."""
    texts = [written(each) for each in values]
    if any(_SEPARATOR.search(text) or text != text.strip() or not text for text in texts):
        return None
    return ",".join(texts)


def written(value: Any) -> str:
    """One value as Adobe writes it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        return value
    try:
        return plain(value if isinstance(value, int | Decimal) else Decimal(repr(value)))
    except InvalidOperation:
        return str(value)
