"""Stratum 3: which blocks of a slot are for this shopper, and which of them the slot shows."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from collections.abc import Sequence

from rulesets.blocks import Block
from rulesets.blocks import Slot
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.outcome import ShownBlock
from rulesets.question import Turn
from rulesets.targeting import Shopper
from rulesets.targeting import because
from rulesets.targeting import refusal

SHOWN = "shown"


def fill(
    slot: Slot,
    facts: Facts,
    header: Header,
    members: Collection[str],
    applied: Sequence[str],
) -> tuple[list[ShownBlock], list[tuple[str, str]]]:
    """The blocks that are for this shopper, and what became of each block of the slot."""
    shown: list[ShownBlock] = []
    fates: list[tuple[str, str]] = []
    if slot.paused or not slot.window.holds(header.at):
        return shown, [(slot.id, "not_in_schedule")]
    shopper = Shopper.of(facts, members, applied)
    for block in slot.blocks:
        code = _refusal(block, header, shopper)
        fates.append((block.id, code or SHOWN))
        if code is None:
            shown.append(ShownBlock(block.id, because(block.target, shopper)))
    return shown, fates


def rotated(slot: Slot, shown: list[ShownBlock], seed: int, turn: Turn | None) -> list[ShownBlock]:
    """What the slot's rotation leaves: all, or one.

    `random`, and whatever counts turns of nobody, by the seed of the decision; `series` the next
    at each turn; `shuffle` in an order of the shopper's own that is drawn anew after all have had
    their turn.
    """
    count = len(shown)
    if slot.rotation == "all" or count < 2:
        return shown
    if slot.rotation == "random" or turn is None:
        return [shown[_drawn(slot.id, str(seed)) % count]]
    if slot.rotation == "shuffle":
        shown = _shuffled(slot, shown, turn)
    return [shown[turn.number % count]]


def _shuffled(slot: Slot, shown: list[ShownBlock], turn: Turn) -> list[ShownBlock]:
    """The order of the turn's cycle. It never begins with what the cycle before ended with; two
    blocks can then only alternate."""

    def drawn(cycle: int) -> list[ShownBlock]:
        draw = [slot.id, turn.of, str(cycle)]
        return sorted(shown, key=lambda block: _drawn(*draw, block.block_id))

    count = len(shown)
    cycle = turn.number // count if count > 2 else 0
    order = drawn(cycle)
    if cycle and drawn(cycle - 1)[-1] == order[0]:
        order[:2] = reversed(order[:2])
    return order


def _refusal(block: Block, header: Header, shopper: Shopper) -> str | None:
    if block.paused or not block.window.holds(header.at):
        return "not_in_schedule"
    if block.store_views is not None and header.store_view not in block.store_views:
        return "store_view_mismatch"
    return refusal(block.target, header, shopper)


def _drawn(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("/".join(parts).encode()).digest()[:8], "big")
