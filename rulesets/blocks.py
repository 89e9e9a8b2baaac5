"""Dynamic blocks and the slots they stand in, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Literal

from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.definitions import normal
from rulesets.nodes import Needs
from rulesets.operators import fold
from rulesets.schedules import Window
from rulesets.schedules import window

Rotation = Literal["all", "random", "series", "shuffle"]


@dataclass(frozen=True, slots=True)
class Block:
    """One live dynamic block. None means that everybody, or every store view, is meant."""

    id: str
    name: str
    order: int
    types: frozenset[str]
    segments: frozenset[str]
    audiences: Mapping[str, str]
    """As they are compared -> as written."""
    rules: frozenset[str]
    store_views: frozenset[str] | None
    content: Mapping[str, Any]
    window: Window
    paused: bool

    @property
    def needs(self) -> Needs:
        """What the block itself looks at."""
        values = set()
        if self.store_views:
            values.add("context.store_view")
        if self.audiences:
            values.add("shopper.audiences")
        return Needs(values=frozenset(values))


@dataclass(frozen=True, slots=True)
class Slot:
    """One live slot with the blocks that may stand in it, in their order."""

    id: str
    key: str
    name: str
    rotation: Rotation
    blocks: tuple[Block, ...]
    fallback: Mapping[str, Any]
    window: Window
    paused: bool

    @property
    def takes_turns(self) -> bool:
        """Whether what it shows depends on what it showed the same shopper before."""
        return self.rotation in {"series", "shuffle"}

    @property
    def asks_rules(self) -> bool:
        """Whether some block is shown only with a cart rule."""
        return any(block.rules for block in self.blocks)


def compile_block(
    definition: LiveDefinition, reading: Reading, order: int, rules: frozenset[str]
) -> Block:
    """Reads a live block; `rules` are the cart rules that name it from their side."""
    body = definition.body
    return Block(
        id=definition.id,
        name=body["name"],
        order=order,
        types=frozenset(body.get("types") or ()),
        segments=reading.references("segments", body.get("segments")),
        audiences={fold(name): name for name in body.get("audiences") or ()},
        rules=rules | reading.references("cart-rules", body.get("cart_rules")),
        store_views=normal(body.get("store_views")),
        content=body["content"],
        window=window(definition.starts_at, definition.ends_at, None, None, reading.zone),
        paused=definition.paused,
    )


def compile_slot(definition: LiveDefinition, reading: Reading, blocks: Mapping[str, Block]) -> Slot:
    """Reads a live slot. Its source names the blocks, or takes all that belong to a cart rule."""
    body = definition.body
    if body.get("source") == "cart_rules":
        chosen = [block for block in blocks.values() if block.rules]
    else:
        names = reading.references("dynamic-blocks", body.get("blocks"))
        chosen = [block for block in blocks.values() if block.id in names]
    types = frozenset(body.get("types") or ())
    if types:
        chosen = [block for block in chosen if block.types & types]
    return Slot(
        id=definition.id,
        key=definition.key or body["key"],
        name=body["name"],
        rotation=body.get("rotation") or "all",
        blocks=tuple(sorted(chosen, key=lambda block: block.order)),
        fallback=body.get("fallback") or {},
        window=window(definition.starts_at, definition.ends_at, None, None, reading.zone),
        paused=definition.paused,
    )
