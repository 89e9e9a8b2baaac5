"""What leaves compare: the type, and what is known of its values beforehand."""

from __future__ import annotations

from rulesets.nodes import Compare
from rulesets.nodes import Compared
from rulesets.nodes import Count
from rulesets.nodes import LinesTotal
from rulesets.nodes import Node
from rulesets.reachability.claims import Subject

ALWAYS_KNOWN = frozenset(
    {"time.date", "time.day_of_week", "time.hour", "shopper.is_registered", "shopper.group"}
)
"""Attributes that every decision knows."""
KNOWN_OF_CARTS = frozenset({"cart.subtotal", "cart.quantity", "cart.line_count", "cart.currency"})
"""Attributes that every decision about a cart knows."""
KNOWN_OF_LINES = frozenset({"line.quantity", "line.unit_price", "line.subtotal"})
"""What every line has. So has it a SKU, but rules of other systems ask also whether it has one."""

_LIMITS: dict[str, tuple[int | None, int | None]] = {
    "time.day_of_week": (1, 7),
    "time.hour": (0, 23),
}
_NEVER_NEGATIVE = frozenset(
    {
        "cart.subtotal",
        "cart.subtotal_after_discount",
        "cart.subtotal_incl_tax",
        "cart.quantity",
        "cart.line_count",
        "cart.weight",
        "cart.shipping.amount",
        "line.quantity",
        "line.weight",
        "line.unit_price",
        "line.subtotal",
        "line.subtotal_after_discount",
    }
)
_SEVERAL = ("line.children.", "shopper.address.any.")


def subject_of(leaf: Node, always: frozenset[str]) -> Subject:
    """What a leaf compares; `always` are attributes that are certainly known."""
    if isinstance(leaf, Compare):
        name = leaf.attribute
        low, high = _LIMITS.get(name, (0 if name in _NEVER_NEGATIVE else None, None))
        several = name.startswith(_SEVERAL) and leaf.type not in {"set", "open"}
        return Subject(leaf.type, low, high, always=name in always, several=several)
    if isinstance(leaf, LinesTotal):
        return Subject(leaf.type, low=0, always=True)
    if isinstance(leaf, Count) and leaf.measure in {"count", "quantity"}:
        return Subject(leaf.type, low=0)
    if isinstance(leaf, Compared):
        return Subject(leaf.type)
    return Subject("bool", always=True)
