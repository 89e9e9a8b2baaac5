"""A segment, parsed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal
from rulesets.nodes import Needs
from rulesets.nodes import Node
from rulesets.nodes import attributes_read
from rulesets.nodes import leaves
from rulesets.schedules import Window
from rulesets.schedules import window
from rulesets.strata import SEGMENTS
from rulesets.strata import segments_named

ApplyTo = Literal["all", "registered", "visitors"]
REGISTERED = "shopper.is_registered"
GROUP = "context.customer_group"
"""Another name of shopper.group, which follows from who asks."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One live segment. `names` are the segments its own conditions name."""

    id: str
    name: str
    node: Node
    apply_to: ApplyTo
    names: frozenset[str]
    window: Window
    paused: bool
    needs: Needs

    def is_for(self, registered: bool) -> bool:
        """Whether its author means this kind of shopper at all."""
        return self.apply_to == "all" or (self.apply_to == "registered") is registered

    @property
    def touches_shopper(self) -> bool:
        """Whether membership depends on who asks, beyond audiences."""
        return (
            self.apply_to != "all"
            or bool(self.needs.counts)
            or any(
                name == GROUP or (name.startswith("shopper.") and name != "shopper.audiences")
                for name in self.needs.values
            )
        )

    @property
    def touches_cart(self) -> bool:
        """Whether membership depends on a cart."""
        return any(name.startswith("cart.") for name in self.needs.values) or any(
            isinstance(leaf, LinesFound | LinesTotal) for leaf in leaves(self.node)
        )

    @property
    def reads_clock(self) -> bool:
        """Whether membership may change with the hour."""
        return any(name.startswith("time.") for name in self.needs.values | self.needs.lines)


def compile_segment(definition: LiveDefinition, reading: Reading) -> Segment:
    """Parses a live segment."""
    body = definition.body
    node, _ = reading.parse(body["conditions"], "segment", "/conditions")
    needs = attributes_read(node)
    apply_to: ApplyTo = body.get("apply_to") or "all"
    if apply_to != "all":
        needs |= Needs(values=frozenset((REGISTERED,)))
    return Segment(
        id=definition.id,
        name=body["name"],
        node=node,
        apply_to=apply_to,
        names=segments_named(node),
        window=window(definition.starts_at, definition.ends_at, None, None, reading.zone),
        paused=definition.paused,
        needs=Needs(needs.values - {SEGMENTS}, needs.lines, needs.counts),
    )
