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
    """One live segment. `names` are the segments its own conditions name. Whether it touches the
    cart or reads the clock is settled here: a code of its rules must take no longer than one that
    does not exist."""

    id: str
    name: str
    node: Node
    apply_to: ApplyTo
    names: frozenset[str]
    window: Window
    paused: bool
    needs: Needs
    touches_cart: bool
    """Whether membership depends on a cart."""
    reads_clock: bool
    """Whether membership may change with the hour."""

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
        touches_cart=_touches_cart(node, needs),
        reads_clock=any(name.startswith("time.") for name in needs.values | needs.lines),
    )


def _touches_cart(node: Node, needs: Needs) -> bool:
    return any(name.startswith("cart.") for name in needs.values) or any(
        isinstance(leaf, LinesFound | LinesTotal) for leaf in leaves(node)
    )
