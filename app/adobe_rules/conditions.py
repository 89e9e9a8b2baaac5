"""Adobe's condition trees as trees of this service.

A condition that cannot be said refuses its rule: a rule without one of its conditions is another
rule, and mostly a more generous one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.adobe_rules import vocabulary
from app.adobe_rules.leaves import NOTHING
from app.adobe_rules.leaves import Leaves
from app.adobe_rules.leaves import Tree
from app.adobe_rules.names import Names
from app.adobe_rules.reading import Condition
from app.adobe_rules.values import listed
from app.adobe_rules.values import truth
from rulesets.attributes import lookup


@dataclass(frozen=True, slots=True)
class Trees:
    """Reads the trees of one rule; what cannot be said is told."""

    names: Names
    leaves: Leaves
    tax_basis: Literal["excl_tax", "incl_tax"]

    def cart(self, node: Condition | None) -> Tree:
        """The conditions of a cart."""
        if node is None:
            return NOTHING
        kind = vocabulary.kind_of(node.type)
        if kind == "Combine":
            key = self._combined(node)
            return {key: [self.cart(each) for each in node.conditions]}
        if kind == "Address":
            return self._address(node)
        if kind == "Product\\Found":
            found = "found" if truth(node.value) else "not_found"
            return {"lines": found, "where": self._where(node)}
        if kind == "Product\\Subselect":
            return self._subselected(node)
        if kind == "Segment":
            return self._segments(node)
        return self._not_here(node, kind, "a cart")

    def line(self, node: Condition) -> Tree:
        """The conditions of one line."""
        kind = vocabulary.kind_of(node.type)
        if kind in {"Product\\Combine", "Combine"}:
            key = self._combined(node)
            return {key: [self.line(each) for each in node.conditions]}
        if kind == "Product":
            return self._product(node)
        return self._not_here(node, kind, "a line")

    def _not_here(self, node: Condition, kind: str | None, where: str) -> Tree:
        pointer = f"{node.pointer}/condition_type"
        if kind in vocabulary.KINDS:
            return self.leaves.refuse(pointer, "form_not_here", f"no condition of {where}")
        return self.leaves.refuse(pointer, "unknown_condition", f"{node.type[:100]!r} is not known")

    def _combined(self, node: Condition) -> str:
        key = vocabulary.COMBINED.get((node.aggregator or "all", truth(node.value)))
        if key is None:
            pointer = f"{node.pointer}/aggregator_type"
            self.leaves.refuse(pointer, "unknown_form", "conditions are joined by all or any")
        return key or "all"

    def _where(self, node: Condition) -> Tree:
        """The inner conditions of found lines and of sums, which are joined as true."""
        if node.aggregator not in {"", "all", "any"}:
            pointer = f"{node.pointer}/aggregator_type"
            return self.leaves.refuse(
                pointer, "unknown_form", "conditions are joined by all or any"
            )
        return {node.aggregator or "all": [self.line(each) for each in node.conditions]}

    def _address(self, node: Condition) -> Tree:
        if node.attribute == vocabulary.REGION_ID:
            return self.leaves.named(node, vocabulary.REGION, self.names.regions, "region")
        name = vocabulary.ADDRESS.get(node.attribute)
        if name is None:
            return self.leaves.unknown(node)
        return self.leaves.compared(node, {"attribute": name}, name, "cart")

    def _subselected(self, node: Condition) -> Tree:
        measure = vocabulary.SUBSELECTED.get(node.attribute)
        if measure is None:
            return self.leaves.unknown(node)
        self._tell_tax(node)
        numeric = "line.quantity" if measure == "quantity" else "line.subtotal"
        side = self.leaves.compared(node, {"lines": measure}, numeric, "line")
        return {**side, "where": self._where(node)}

    def _product(self, node: Condition) -> Tree:
        scope, attribute = node.scope, node.attribute
        if "::" in attribute:
            scope, attribute = attribute.split("::", 1)
        prefix = vocabulary.SCOPES.get(scope)
        if prefix is None:
            pointer = f"{node.pointer}/extension_attributes/attribute_scope"
            return self.leaves.refuse(pointer, "unknown_condition", "a scope is parent or children")
        if attribute == vocabulary.CATEGORIES:
            return self._categories(node, scope)
        self._tell_tax(node)
        known = vocabulary.PRODUCT.get(attribute)
        name = f"{prefix}{known}" if known else f"{prefix}attributes.{attribute}"
        if not attribute or lookup(name, "line") is None:
            return self.leaves.unknown(node)
        options = None if known else self.names.options.get(attribute)
        if options is not None:
            return self.leaves.named(node, name, options, "option")
        if not known:
            self.leaves.tell_option(node)
        return self.leaves.compared(node, {"attribute": name}, name, "line")

    def _categories(self, node: Condition, scope: str) -> Tree:
        """A product's categories; without a scope those of the product or of a child of it."""
        if node.operator not in vocabulary.POSITIVE | vocabulary.NEGATIVE:
            pointer = f"{node.pointer}/operator"
            return self.leaves.refuse(pointer, "unknown_operator", f"{node.operator[:20]!r}")
        names = self.leaves.names_of(
            node, listed(node, always=True), self.names.categories, "category"
        )
        if names is None:
            return NOTHING
        within = {"operator": "in", "value": names}
        positive = node.operator in vocabulary.POSITIVE
        own = {"attribute": f"{vocabulary.SCOPES[scope]}categories", **within}
        if scope:
            return own if positive else {**own, "operator": "not_in"}
        children = {"attribute": "line.children.categories", **within}
        if positive:
            return {"any": [own, children]}
        return {"all": [{**own, "operator": "not_in"}, {"none": [children]}]}

    def _segments(self, node: Condition) -> Tree:
        """Membership. Who is in no segment at all does not match one either."""
        if node.operator not in {"==", "!=", "()", "!()"}:
            pointer = f"{node.pointer}/operator"
            return self.leaves.refuse(pointer, "unknown_operator", f"{node.operator[:20]!r}")
        wanted = []
        for each in listed(node, always=True):
            name = self.names.segments.name(each)
            if name is None:
                detail = f"segment {each} stands as {str(each)!r}: its name is not in the file"
                self.leaves.telling.leave_out(f"{node.pointer}/value", "name_missing", detail)
            wanted.append(str(each) if name is None else name)
        leaf = {"attribute": "shopper.segments", "operator": "in", "value": wanted}
        return leaf if node.operator in vocabulary.POSITIVE else {"none": [leaf]}

    def _tell_tax(self, node: Condition) -> None:
        incl = self.tax_basis == "incl_tax"
        name = node.attribute.rpartition("::")[2]
        if name in (vocabulary.EXCL_TAX if incl else vocabulary.INCL_TAX):
            detail = f"prices of this site are {self.tax_basis}: it compares those"
            self.leaves.telling.leave_out(
                f"{node.pointer}/attribute_name", "tax_basis_differs", detail
            )
