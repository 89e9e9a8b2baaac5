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
from rulesets.schedules import Window
from rulesets.schedules import window
from rulesets.targeting import Target
from rulesets.targeting import compile_target

Rotation = Literal["all", "random", "series", "shuffle"]


@dataclass(frozen=True, slots=True)
class Block:
    """One live dynamic block. None means that everybody, or every store view, is meant."""

    id: str
    name: str
    order: int
    types: frozenset[str]
    target: Target
    store_views: frozenset[str] | None
    content: Mapping[str, Any]
    window: Window
    paused: bool

    @property
    def needs(self) -> Needs:
        """What the block itself looks at."""
        values = ("context.store_view",) if self.store_views else ()
        return self.target.needs | Needs(values=frozenset(values))


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
        return any(block.target.rules for block in self.blocks)


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
        target=compile_target(body, reading, rules),
        store_views=normal(body.get("store_views")),
        content=body["content"],
        window=window(definition.starts_at, definition.ends_at, None, None, reading.zone),
        paused=definition.paused,
    )


def compile_slot(definition: LiveDefinition, reading: Reading, blocks: Mapping[str, Block]) -> Slot:
    """Reads a live slot. Its source names the blocks, or takes all that belong to a cart rule."""
    body = definition.body
    if body.get("source") == "cart_rules":
        chosen = [block for block in blocks.values() if block.target.rules]
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
