"""Conditions of carts as Adobe's condition trees.

What Adobe cannot say refuses the rule, as on the way in.
"""

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
from app.adobe_rules.comparing import values_of
from app.adobe_rules.line_writing import LineWriter

_ADDRESS = {ours: theirs for theirs, ours in vocabulary.ADDRESS.items()}
_EQUAL = frozenset({"==", "!=", "in", "not_in"})


@dataclass(frozen=True, slots=True)
class CartWriter:
    """Writes the conditions of one rule, those of lines by `lines`."""

    lines: LineWriter

    def root(self, tree: Tree, pointer: str) -> Json:
        """The conditions of a rule: Adobe's begin with a combination."""
        if form_of(tree) in JOINED:
            return self._combined(tree, pointer)
        return combined("Combine", "all", [self._cart(tree, pointer)])

    def _combined(self, tree: Tree, pointer: str) -> Json:
        form = form_of(tree)
        aggregator, value = JOINED[form]
        each = [self._cart(one, f"{pointer}/{form}/{at}") for at, one in enumerate(tree[form])]
        return combined("Combine", aggregator, each, value=value)

    def _cart(self, tree: Tree, pointer: str) -> Json:
        form = form_of(tree)
        if _is_of_no_segment(tree):
            return self._segments(tree["none"][0], f"{pointer}/none/0", "!()")
        if form in JOINED:
            return self._combined(tree, pointer)
        if form == "lines":
            return self._of_lines(tree, pointer)
        if form != "attribute":
            return unsaid(self.lines.telling, pointer, f"no {form} of shoppers")
        if _is_of_segments(tree):
            return self._segments(tree, pointer, "()")
        return self._leaf(tree, pointer)

    def _leaf(self, tree: Tree, pointer: str) -> Json:
        attribute = _ADDRESS.get(tree["attribute"])
        if attribute is None:
            what = f"no {tree['attribute']}"
            return unsaid(self.lines.telling, f"{pointer}/attribute", what)
        regions = self.lines.names.regions
        is_region = tree["attribute"] == vocabulary.REGION and tree["operator"] in _EQUAL
        if is_region and all(regions.number(each) for each in values_of(tree)):
            attribute, tree = vocabulary.REGION_ID, numbered(tree, regions)
        base = {
            "condition_type": f"{vocabulary.CLASSES}Address",
            "attribute_name": attribute,
        }
        return compared(base, tree, pointer, "Combine", self.lines.telling)

    def _of_lines(self, tree: Tree, pointer: str) -> Json:
        where = tree.get("where", {"all": []})
        aggregator, inner = self.lines.inner(where, f"{pointer}/where")
        if tree["lines"] in {"found", "not_found"}:
            found = tree["lines"] == "found"
            return combined("Product\\Found", aggregator, inner, value=found)
        amount = "base_row_total_incl_tax" if self.lines.incl_tax else "base_row_total"
        base = {
            "condition_type": f"{vocabulary.CLASSES}Product\\Subselect",
            "aggregator_type": aggregator,
            "attribute_name": "qty" if tree["lines"] == "quantity" else amount,
            "conditions": inner,
        }
        return compared(base, tree, pointer, "Combine", self.lines.telling)

    def _segments(self, leaf: Tree, pointer: str, operator: str) -> Json:
        lines = self.lines
        return {
            "condition_type": vocabulary.SEGMENT_CLASS,
            "operator": operator,
            "value": numbers(leaf, lines.names.segments, "segment", pointer, lines.telling),
        }


def _is_of_segments(tree: Tree) -> bool:
    member = tree.get("operator") in {"in", "contains"}
    return member and tree.get("attribute") == "shopper.segments"


def _is_of_no_segment(tree: Tree) -> bool:
    """Whether it is how a shopper is asked not to be in segments."""
    inner = tree.get("none")
    return isinstance(inner, list) and len(inner) == 1 and _is_of_segments(inner[0])
