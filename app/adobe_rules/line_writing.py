"""Conditions of lines as Adobe's conditions of products."""

from __future__ import annotations

from dataclasses import dataclass

from app.adobe_rules import vocabulary
from app.adobe_rules.comparing import JOINED
from app.adobe_rules.comparing import Json
from app.adobe_rules.comparing import Tree
from app.adobe_rules.comparing import combined
from app.adobe_rules.comparing import compared
from app.adobe_rules.comparing import form_of
from app.adobe_rules.comparing import numbered
from app.adobe_rules.comparing import numbers
from app.adobe_rules.comparing import unsaid
from app.adobe_rules.names import Names
from app.adobe_rules.report import Telling

_PRODUCT = {ours: theirs for theirs, ours in vocabulary.PRODUCT.items()}
_SCOPES = {prefix: scope for scope, prefix in vocabulary.SCOPES.items()}
_PREFIXES = sorted(_SCOPES, key=len, reverse=True)
_MEMBER = {"in": "()", "contains": "()", "not_in": "!()", "not_contains": "!()"}
_CLASS = f"{vocabulary.CLASSES}Product"


@dataclass(frozen=True, slots=True)
class LineWriter:
    """Writes the trees over lines of one rule."""

    names: Names
    telling: Telling
    incl_tax: bool

    def items(self, tree: Tree | None, pointer: str) -> Json:
        """The conditions of an action: a combination, empty for all lines."""
        if tree is None:
            return combined(vocabulary.LINES, "all", [])
        if form_of(tree) in JOINED and _of_categories(tree) is None:
            return self.line(tree, pointer)
        return combined(vocabulary.LINES, "all", [self.line(tree, pointer)])

    def inner(self, tree: Tree, pointer: str) -> tuple[str, list[Json]]:
        """How the conditions inside a condition on lines are joined, and which they are."""
        form = form_of(tree)
        if form in {"all", "any"} and _of_categories(tree) is None:
            return form, [
                self.line(each, f"{pointer}/{form}/{at}") for at, each in enumerate(tree[form])
            ]
        return "all", [self.line(tree, pointer)]

    def line(self, tree: Tree, pointer: str) -> Json:
        """Any condition of a line."""
        categories = _of_categories(tree)
        if categories is not None:
            leaf, operator = categories
            return self._categories(leaf, "", operator, pointer)
        form = form_of(tree)
        if form in JOINED:
            aggregator, value = JOINED[form]
            each = [self.line(one, f"{pointer}/{form}/{at}") for at, one in enumerate(tree[form])]
            return combined(vocabulary.LINES, aggregator, each, value=value)
        return self._leaf(tree, pointer)

    def _leaf(self, tree: Tree, pointer: str) -> Json:
        name = str(tree["attribute"])
        prefix = next((each for each in _PREFIXES if name.startswith(each)), None)
        if prefix is None:
            return unsaid(self.telling, f"{pointer}/attribute", f"no {name} of products")
        scope, own = _SCOPES[prefix], name[len(prefix) :]
        if own == "categories":
            return self._own_categories(tree, scope, pointer)
        attribute = _PRODUCT.get(own) or _open(own)
        if attribute is None:
            return unsaid(self.telling, f"{pointer}/attribute", f"no {name} of products")
        if self.incl_tax and attribute in vocabulary.EXCL_TAX:
            detail = "Adobe's row total is without tax"
            self.telling.leave_out(f"{pointer}/attribute", "tax_basis_differs", detail)
        options = self.names.options.get(attribute)
        if own not in _PRODUCT and options is not None:
            tree = numbered(tree, options)
        base = {"condition_type": _CLASS, "attribute_name": attribute, **_scoped(scope)}
        return compared(base, tree, pointer, vocabulary.LINES, self.telling)

    def _own_categories(self, tree: Tree, scope: str, pointer: str) -> Json:
        operator = _MEMBER.get(tree["operator"])
        if operator is None:
            what = f"no {tree['operator']} of categories"
            return unsaid(self.telling, f"{pointer}/operator", what)
        if not scope:
            detail = "Adobe asks the categories of a product's children as well"
            self.telling.leave_out(pointer, "no_form_in_adobe", detail)
        return self._categories(tree, scope, operator, pointer)

    def _categories(self, tree: Tree, scope: str, operator: str, pointer: str) -> Json:
        return {
            "condition_type": _CLASS,
            "attribute_name": vocabulary.CATEGORIES,
            **_scoped(scope),
            "operator": operator,
            "value": numbers(tree, self.names.categories, "category", pointer, self.telling),
        }


def _scoped(scope: str) -> Json:
    return {"extension_attributes": {"attribute_scope": scope}} if scope else {}


def _open(own: str) -> str | None:
    """The attribute that a line carries under this name; Adobe's own words are not free."""
    name = own.removeprefix("attributes.")
    taken = name in vocabulary.PRODUCT or name == vocabulary.CATEGORIES or "::" in name
    return None if name == own or taken else name


def _of_categories(tree: Tree) -> tuple[Tree, str] | None:
    """The leaf and the operator of a tree that asks a product's own and its children's
    categories, as Adobe's condition without a scope does; None for another tree."""
    inner = tree.get("any") or tree.get("all")
    if not isinstance(inner, list) or len(inner) != 2:
        return None
    own, children = inner
    if "all" in tree:
        negated = children.get("none")
        if own.get("operator") != "not_in" or not negated or len(negated) != 1:
            return None
        own, children = {**own, "operator": "in"}, negated[0]
    if own.get("attribute") != "line.categories" or own["operator"] != "in":
        return None
    same = {**own, "attribute": "line.children.categories"} == children
    return (own, "()" if "any" in tree else "!()") if same else None
