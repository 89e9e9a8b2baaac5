"""References: rules name segments and rules by id or key; compiled, they name ids only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RULES = "cart.applied_rules"

Ids = Mapping[str, Mapping[str, str]]
"""Attribute that holds ids -> key -> id."""


def resolved(tree: Any, ids: Ids) -> Any:
    """The same tree with keys replaced by ids; what is no known key stays as it is."""
    if isinstance(tree, list):
        return [resolved(item, ids) for item in tree]
    if not isinstance(tree, dict):
        return tree
    attribute = tree.get("attribute")
    known = ids.get(attribute) if isinstance(attribute, str) else None
    if known is None:
        return {name: resolved(item, ids) for name, item in tree.items()}
    value = tree.get("value")
    if isinstance(value, str):
        return {**tree, "value": known.get(value, value)}
    if isinstance(value, list):
        return {**tree, "value": [known.get(item, item) for item in value]}
    return tree
