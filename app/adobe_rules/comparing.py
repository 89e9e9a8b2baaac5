"""Comparisons and combinations as Adobe writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.adobe_rules import vocabulary
from app.adobe_rules.names import Table
from app.adobe_rules.report import Telling
from app.adobe_rules.values import joined
from app.adobe_rules.values import written

Json = dict[str, Any]
Tree = Mapping[str, Any]
JOINED = {ours: theirs for theirs, ours in vocabulary.COMBINED.items()}
_OPERATORS = {ours: theirs for theirs, ours in vocabulary.OPERATORS.items()}


def form_of(tree: Tree) -> str:
    """Which form of condition a tree is."""
    forms = (*JOINED, "attribute", "lines", "history", "orders")
    return next(form for form in forms if form in tree)


def combined(kind: str, aggregator: str, conditions: list[Json], *, value: bool = True) -> Json:
    """A combination, or what is asked of lines with an inner one."""
    return {
        "condition_type": f"{vocabulary.CLASSES}{kind}",
        "aggregator_type": aggregator,
        "value": "1" if value else "0",
        "conditions": conditions,
    }


def compared(base: Json, tree: Tree, pointer: str, combine: str, telling: Telling) -> Json:
    """`base` with the operator and value of a leaf; a combination where Adobe needs several."""
    if tree.get("values"):
        detail = "amounts in other currencies than the base currency"
        telling.leave_out(f"{pointer}/values", "no_form_in_adobe", detail)
    operator, value = tree["operator"], tree.get("value")
    if operator == "is_undefined":
        return {**base, "operator": "<=>", "value": ""}
    if operator == "is_defined":
        undefined = {**base, "operator": "<=>", "value": ""}
        return combined(combine, "all", [undefined], value=False)
    if operator == "between":
        low, high = (written(end) for end in tree["value"])
        ends = [
            {**base, "operator": ">=", "value": low},
            {**base, "operator": "<=", "value": high},
        ]
        return combined(combine, "all", ends)
    theirs = _OPERATORS.get(operator)
    text = joined(value) if isinstance(value, list) else written(value)
    if theirs is None:
        return unsaid(telling, f"{pointer}/operator", f"no operator {operator}")
    if text is None:
        return unsaid(telling, f"{pointer}/value", "no comma or semicolon in a value of a list")
    return {**base, "operator": theirs, "value": text}


def numbers(tree: Tree, table: Table, what: str, pointer: str, telling: Telling) -> str:
    """The ids of what a leaf names; a name that is digits already is the id that came in."""
    found = []
    for name in values_of(tree):
        number = table.number(name) or (str(name) if str(name).isdecimal() else None)
        if number is None:
            detail = f"no id of {what} {name!r} in the names file"
            telling.refuse(f"{pointer}/value", "name_missing", detail)
        found.append(number or "")
    return ",".join(found)


def numbered(tree: Tree, table: Table) -> Tree:
    """A leaf with ids instead of names, where there are ids."""
    value = tree.get("value")
    if isinstance(value, list):
        return {**tree, "value": [table.number(each) or each for each in value]}
    return tree if value is None else {**tree, "value": table.number(value) or value}


def values_of(tree: Tree) -> list[Any]:
    """The wanted values of a leaf."""
    value = tree.get("value")
    return value if isinstance(value, list) else [] if value is None else [value]


def unsaid(telling: Telling, pointer: str, what: str) -> Json:
    """Tells what Adobe cannot say; what comes back only keeps the writing going."""
    telling.refuse(pointer, "no_form_in_adobe", f"Adobe has {what}")
    return {}
