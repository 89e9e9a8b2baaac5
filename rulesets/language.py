"""The condition language: JSON in, typed nodes out, every problem told with its place."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any
from typing import Literal

from aggregates.kernel.canonical import digest
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import HISTORY_DAYS_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.kernel.limits import TREE_DEPTH_MAX
from aggregates.kernel.limits import TREE_LEAVES_MAX
from rulesets.attributes import Scope
from rulesets.attributes import Type
from rulesets.attributes import lookup
from rulesets.attributes import scopes_of
from rulesets.nodes import EMPTY
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Compare
from rulesets.nodes import Compared
from rulesets.nodes import Count
from rulesets.nodes import Leaf
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal
from rulesets.nodes import Needs
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll
from rulesets.nodes import attributes_read
from rulesets.nodes import leaves
from rulesets.nodes import uncovered
from rulesets.operators import DEFINED
from rulesets.operators import OF_TYPE
from rulesets.operators import OPERATORS
from rulesets.values import prepared
from rulesets.values import prepared_money

__all__ = [
    "EMPTY",
    "All",
    "AnyOf",
    "Compare",
    "Compared",
    "Count",
    "Leaf",
    "LinesFound",
    "LinesTotal",
    "Needs",
    "Node",
    "NoneOf",
    "NotAll",
    "attributes_read",
    "leaves",
    "parse",
    "uncovered",
]

_COMBINED: dict[str, Callable[[tuple[Node, ...]], Node]] = {
    "all": All,
    "any": AnyOf,
    "none": NoneOf,
    "not_all": NotAll,
}
_SIDE = frozenset({"operator", "value", "values"})
_FOUND = ("found", "not_found")
_SUMMED = ("quantity", "amount")
_MEASURES = ("count", "sum", "average", "quantity")
_Measure = Literal["count", "sum", "average", "quantity"]
_COUNTED: dict[str, Type] = {"count": "int", "quantity": "number"}
_FORMS = frozenset({*_COMBINED, "attribute", "lines", "history", "orders"})


def parse(
    tree: object,
    *,
    scope: Literal["cart", "segment", "line"],
    currency: str,
    pointer: str = "",
    counted_properties: Collection[str] = (),
    history_days: int = HISTORY_DAYS_MAX,
) -> Node:
    """The tree as nodes; InvalidInput with all that is wrong. `currency` is the site's base."""
    parser = _Parser(currency, frozenset(counted_properties), history_days)
    node = parser.tree(tree, scope, pointer, 1)
    if parser.leaves > TREE_LEAVES_MAX:
        parser.refuse(pointer, "too_many_leaves", f"at most {TREE_LEAVES_MAX} conditions")
    if parser.problems:
        raise InvalidInput(parser.problems)
    return node


class _Parser:
    """One walk over one tree, gathering problems instead of stopping at the first."""

    def __init__(self, currency: str, counted: frozenset[str], history_days: int) -> None:
        self.currency = currency
        self.counted = counted
        self.history_days = history_days
        self.problems: list[Problem] = []
        self.leaves = 0

    def refuse(self, pointer: str, code: str, detail: str) -> Node:
        """Notes a problem; what comes back only keeps the walk going."""
        self.problems.append(Problem(pointer, code, detail))
        return EMPTY

    def tree(self, tree: object, scope: Scope, pointer: str, depth: int) -> Node:
        if not isinstance(tree, Mapping):
            return self.refuse(pointer, "unknown_form", "a condition is an object")
        if depth > TREE_DEPTH_MAX:
            return self.refuse(pointer, "too_deep", f"at most {TREE_DEPTH_MAX} levels")
        forms = _FORMS.intersection(tree)
        if len(forms) != 1:
            return self.refuse(pointer, "unknown_form", "exactly one form of condition is wanted")
        (form,) = forms
        if form in _COMBINED:
            return self._combined(form, tree, scope, pointer, depth)
        self.leaves += 1
        if form == "attribute":
            return self._compare(tree, scope, pointer)
        if scope not in {"cart", "segment"}:
            return self.refuse(f"{pointer}/{form}", "form_not_here", "nothing is nested in a where")
        if form == "lines":
            return self._lines(tree, pointer, depth)
        return self._count(form, tree, pointer, depth)

    def _keys(self, tree: Mapping[str, Any], allowed: frozenset[str], pointer: str) -> bool:
        extra = sorted(str(key)[:64] for key in tree if key not in allowed)
        for key in extra:
            self.refuse(f"{pointer}/{_escaped(key)}", "unknown_form", "no key of this form")
        return not extra

    def _combined(
        self, form: str, tree: Mapping[str, Any], scope: Scope, pointer: str, depth: int
    ) -> Node:
        items = tree[form]
        if not self._keys(tree, frozenset((form,)), pointer):
            return EMPTY
        if not isinstance(items, list):
            return self.refuse(f"{pointer}/{form}", "unknown_form", "a list is wanted")
        if len(items) > TREE_LEAVES_MAX:
            return self.refuse(f"{pointer}/{form}", "too_many_leaves", f"over {TREE_LEAVES_MAX}")
        return _COMBINED[form](
            tuple(
                self.tree(item, scope, f"{pointer}/{form}/{index}", depth + 1)
                for index, item in enumerate(items)
            )
        )

    def _compare(self, tree: Mapping[str, Any], scope: Scope, pointer: str) -> Node:
        name = tree["attribute"]
        if not self._keys(tree, _SIDE | {"attribute"}, pointer):
            return EMPTY
        attribute = lookup(name, scope) if isinstance(name, str) else None
        if attribute is None:
            return self._unknown(name, pointer)
        if name.startswith("event.properties.") and name[17:] not in self.counted:
            return self.refuse(
                f"{pointer}/attribute", "property_not_counted", "the site does not count it"
            )
        side = self._side(tree, attribute.type, OF_TYPE[attribute.type], pointer)
        return Compare(*side, name) if side else EMPTY

    def _unknown(self, name: object, pointer: str) -> Node:
        where = ", ".join(scopes_of(name)) if isinstance(name, str) else ""
        if where:
            return self.refuse(
                f"{pointer}/attribute", "attribute_not_here", f"it can be read in: {where}"
            )
        return self.refuse(f"{pointer}/attribute", "unknown_attribute", "GET /v1/attributes")

    def _side(
        self, tree: Mapping[str, Any], kind: Type, allowed: frozenset[str], pointer: str
    ) -> tuple[Type, str, Any, dict[str, Any], dict[str, Any]] | None:
        """type, operator, value, values, raw: the fields that all comparing leaves share."""
        operator = tree.get("operator")
        if not isinstance(operator, str) or operator not in OPERATORS:
            self.refuse(f"{pointer}/operator", "unknown_operator", "no such operator")
            return None
        if operator not in allowed:
            self.refuse(f"{pointer}/operator", "operator_not_of_type", f"not for {kind}")
            return None
        if operator in DEFINED:
            if "value" in tree or "values" in tree:
                self.refuse(f"{pointer}/value", "value_not_of_type", "this operator takes none")
            return kind, operator, None, {}, dict(tree)
        if "value" not in tree:
            self.refuse(f"{pointer}/value", "value_missing", "a value is wanted")
            return None
        if "values" in tree and kind != "money":
            self.refuse(f"{pointer}/values", "value_not_of_type", "only money has currencies")
            return None
        try:
            if kind == "money":
                return kind, operator, None, prepared_money(operator, tree, self.currency), {**tree}
            return kind, operator, prepared(kind, operator, tree["value"], ""), {}, dict(tree)
        except InvalidValue as error:
            self.problems.append(error.at(f"{pointer}/value"))
            return None

    def _lines(self, tree: Mapping[str, Any], pointer: str, depth: int) -> Node:
        what = tree["lines"]
        if what in _FOUND:
            known = self._keys(tree, frozenset({"lines", "where"}), pointer)
            where = self._where(tree, "line", pointer, depth) or EMPTY
            return LinesFound(what == "found", where) if known else EMPTY
        if what not in _SUMMED:
            return self.refuse(f"{pointer}/lines", "unknown_form", "no such way to ask for lines")
        known = self._keys(tree, _SIDE | {"lines", "where"}, pointer)
        where = self._where(tree, "line", pointer, depth) or EMPTY
        kind: Type = "number" if what == "quantity" else "money"
        side = self._side(tree, kind, OF_TYPE[kind] - DEFINED, pointer)
        return LinesTotal(*side, what, where) if side and known else EMPTY

    def _count(self, form: str, tree: Mapping[str, Any], pointer: str, depth: int) -> Node:
        before = len(self.problems)
        self._keys(tree, _SIDE | {form, "within_days", "where"}, pointer)
        what = tree[form]
        if form == "orders" and what not in _MEASURES:
            self.refuse(f"{pointer}/orders", "unknown_form", f"one of {', '.join(_MEASURES)}")
        if form == "history" and not _is_event(what):
            self.refuse(f"{pointer}/history", "unknown_form", "the name of an event is wanted")
        self._days(form, tree, pointer)
        where = self._where(tree, "history" if form == "history" else "orders", pointer, depth)
        measure: _Measure = what if form == "orders" else "count"
        counted_type = _COUNTED.get(str(measure), "money")
        side = self._side(tree, counted_type, OF_TYPE[counted_type], pointer)
        if side is None or len(self.problems) > before:
            return EMPTY
        counted = {key: tree[key] for key in (form, "within_days", "where") if key in tree}
        return Count(
            *side,
            kind="history" if form == "history" else "orders",
            key=digest(counted)[:16],
            event=what if form == "history" else "",
            within_days=tree.get("within_days"),
            measure=measure,
            where=where,
        )

    def _days(self, form: str, tree: Mapping[str, Any], pointer: str) -> None:
        days = tree.get("within_days")
        if days is None and form == "orders" and "within_days" not in tree:
            return
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            self.refuse(f"{pointer}/within_days", "value_not_of_type", "whole days, from 1")
        elif days > self.history_days:
            self.refuse(
                f"{pointer}/within_days",
                "history_too_long",
                f"the site keeps {self.history_days} days",
            )

    def _where(
        self, tree: Mapping[str, Any], scope: Scope, pointer: str, depth: int
    ) -> Node | None:
        if "where" not in tree:
            return None
        return self.tree(tree["where"], scope, f"{pointer}/where", depth + 1)


def _is_event(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip()) and len(name) <= STRING_LENGTH_MAX


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
