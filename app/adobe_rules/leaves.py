"""Adobe's comparisons as leaves of a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from typing import Literal

from app.adobe_rules import vocabulary
from app.adobe_rules.names import Scalar
from app.adobe_rules.names import Table
from app.adobe_rules.reading import Condition
from app.adobe_rules.report import Telling
from app.adobe_rules.values import listed
from app.adobe_rules.values import scalar
from rulesets.attributes import lookup
from rulesets.operators import NUMERIC
from rulesets.operators import decimal_literal

Tree = dict[str, Any]
NOTHING: Tree = {"all": []}
_LISTS = frozenset({"()", "!()"})
_ORDERS = frozenset({">", ">=", "<", "<="})


@dataclass(frozen=True, slots=True)
class Leaves:
    """Reads comparisons of one rule; what cannot be said is told to `telling`."""

    telling: Telling

    def refuse(self, pointer: str, code: str, detail: str) -> Tree:
        """Tells what refuses the rule; what comes back only keeps the reading going."""
        self.telling.refuse(pointer, code, detail)
        return NOTHING

    def compared(
        self, node: Condition, left: Tree, attribute: str, scope: Literal["cart", "line"]
    ) -> Tree:
        """A comparison; its values are texts, or numbers as decimal texts."""
        found = lookup(attribute, scope)
        numeric = found is not None and found.type in NUMERIC
        if found is not None and found.type == "string":
            self._tell_text(node)
        return self._side(node, left, [scalar(each, numeric) for each in listed(node)])

    def _side(self, node: Condition, left: Tree, values: list[Any]) -> Tree:
        operator = vocabulary.OPERATORS.get(node.operator)
        if operator is None:
            pointer = f"{node.pointer}/operator"
            return self.refuse(pointer, "unknown_operator", f"{node.operator[:20]!r}")
        if operator == "is_undefined":
            return {**left, "operator": operator}
        if isinstance(node.value, list) and node.operator not in _LISTS:
            if node.operator not in vocabulary.POSITIVE | vocabulary.NEGATIVE:
                return self.refuse(f"{node.pointer}/value", "value_not_of_type", "one value")
            operator = "in" if node.operator in vocabulary.POSITIVE else "not_in"
        if operator in {"in", "not_in"}:
            return {**left, "operator": operator, "value": values}
        return {**left, "operator": operator, "value": values[0] if values else ""}

    def named(self, node: Condition, name: str, table: Table, what: str) -> Tree:
        """A comparison whose values are ids, and must have names."""
        if node.operator == "<=>":
            return self._side(node, {"attribute": name}, [])
        found = self.names_of(node, listed(node), table, what)
        return NOTHING if found is None else self._side(node, {"attribute": name}, found)

    def names_of(
        self, node: Condition, ids: list[Any], table: Table, what: str
    ) -> list[Scalar] | None:
        """The names of ids; refuses a condition with an id that has none."""
        names = [table.name(scalar(each, numeric=False)) for each in ids]
        missing = [str(each) for each, name in zip(ids, names, strict=True) if name is None]
        if missing:
            shown = ", ".join(missing)[:100]
            detail = f"no name of {what} {shown} in the names file"
            self.refuse(f"{node.pointer}/value", "name_missing", detail)
            return None
        return [name for name in names if name is not None]

    def unknown(self, node: Condition) -> Tree:
        """Refuses a condition for its attribute."""
        pointer = f"{node.pointer}/attribute_name"
        return self.refuse(pointer, "unknown_attribute", f"{node.attribute[:100]!r} is not known")

    def _tell_text(self, node: Condition) -> None:
        """Adobe orders texts that are numbers as numbers, such as postcodes."""
        text = scalar(node.value, numeric=False)
        if node.operator in _ORDERS and decimal_literal(text.strip()) is not None:
            detail = f"{node.attribute} is compared as a text: 9 comes after 10"
            self.telling.leave_out(f"{node.pointer}/operator", "compared_as_text", detail)

    def tell_option(self, node: Condition) -> None:
        """Notes that digits may be ids of options."""
        compared = node.operator in vocabulary.POSITIVE | vocabulary.NEGATIVE
        if compared and all(str(each).isdecimal() for each in listed(node)):
            detail = f"if {node.attribute} is a choice these are ids of options: name them"
            self.telling.note(f"{node.pointer}/value", "ids_of_options", detail)
