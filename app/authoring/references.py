"""What definitions name of each other, and whether it is live."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.edge.validation import escaped

EVENTS = "events"
"""What a ranking does to single products, for whom."""
_IN_LISTS = {
    "cart-rules": {"dynamic_blocks": "dynamic-blocks"},
    "dynamic-blocks": {"segments": "segments", "cart_rules": "cart-rules"},
    "slots": {"blocks": "dynamic-blocks"},
    EVENTS: {"segments": "segments", "cart_rules": "cart-rules"},
}
_IN_TREES = {"shopper.segments": "segments", "cart.applied_rules": "cart-rules"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A place of a body that names a definition by id or key."""

    pointer: str
    kind: str
    name: str


def references(kind: str, body: Mapping[str, Any]) -> Iterator[Reference]:
    """Every place of a body that names another definition."""
    yield from _in_lists(kind, body, "")
    for index, event in enumerate(body.get("events") or ()):
        yield from _in_lists(EVENTS, event, f"/events/{index}")
    yield from _in_tree(body.get("conditions"), "/conditions")


def names_any(kind: str, body: Mapping[str, Any], wanted: Iterable[tuple[str, str]]) -> bool:
    """Whether a body names one of these (kind, id or key)."""
    sought = set(wanted)
    return any((one.kind, one.name) in sought for one in references(kind, body))


def _in_lists(kind: str, body: Mapping[str, Any], pointer: str) -> Iterator[Reference]:
    for field, of in _IN_LISTS.get(kind, {}).items():
        for index, name in enumerate(body.get(field) or ()):
            yield Reference(f"{pointer}/{field}/{index}", of, name)


def _in_tree(tree: Any, pointer: str) -> Iterator[Reference]:
    if isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from _in_tree(item, f"{pointer}/{index}")
    elif isinstance(tree, dict):
        attribute = tree.get("attribute")
        of = _IN_TREES.get(attribute) if isinstance(attribute, str) else None
        if of is not None:
            yield from _in_value(tree.get("value"), f"{pointer}/value", of)
        else:
            for name, item in tree.items():
                yield from _in_tree(item, f"{pointer}/{escaped(name)}")


def _in_value(value: Any, pointer: str, kind: str) -> Iterator[Reference]:
    if isinstance(value, str):
        yield Reference(pointer, kind, value)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str):
                yield Reference(f"{pointer}/{index}", kind, item)
