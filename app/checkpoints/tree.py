"""The stored tree of a site's log: any root or proof from a few hundred hashes, however long it is.

A lookup reads blocks of 256: of events' hashes at the bottom, of nodes above. A proof at 10 million
events touches two blocks on each of three levels.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from itertools import count
from typing import Any
from typing import NoReturn

from sqlalchemy import Connection
from sqlalchemy import select

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.checkpoints.merkle import EMPTY_ROOT
from app.checkpoints.merkle import leaf_hash
from app.checkpoints.merkle import node_hash
from app.checkpoints.merkle import root_of
from app.checkpoints.merkle import split
from app.checkpoints.tables import WIDTH
from app.checkpoints.tables import merkle_nodes
from app.eventlog.tables import events

Node = tuple[int, int, bytes]
"""Level, number within it, hash."""


class StoredTree:
    """Reads with one connection, and keeps the blocks that it read. Nodes are there up to a size
    that the caller knows: that of a checkpoint."""

    def __init__(self, connection: Connection, site: SiteId) -> None:
        self._connection = connection
        self._site = site
        self._blocks: dict[tuple[int, int], list[bytes]] = {}

    def root(self, size: int) -> bytes:
        """The root over the first events."""
        return self(0, size) if size else EMPTY_ROOT

    def __call__(self, start: int, end: int) -> bytes:
        """The root over events `start` to `end`, counted from 0, the last not included."""
        size = end - start
        if size < WIDTH:
            block, first = divmod(start, WIDTH)
            found = self.nodes(0, block)[first : first + size]
            if len(found) != size:
                missing(end)
            return root_of(found)
        level, width = 1, WIDTH
        while width * WIDTH <= size:
            level, width = level + 1, width * WIDTH
        if size == width:
            return self._node(level, start // width, end)
        middle = start + split(size)
        return node_hash(self(start, middle), self(middle, end))

    def nodes(self, level: int, block: int) -> list[bytes]:
        """The nodes of a block of a level that are there; the events' own leaves at level 0."""
        found = self._blocks.get((level, block))
        if found is None:
            read = self._read_events(block) if level == 0 else self._read_nodes(level, block)
            found = self._blocks[level, block] = read
        return found

    def _node(self, level: int, number: int, end: int) -> bytes:
        block, place = divmod(number, WIDTH)
        found = self.nodes(level, block)
        if place >= len(found):
            missing(end)
        return found[place]

    def _read_events(self, block: int) -> list[bytes]:
        c, first = events.c, block * WIDTH
        of = (c.site == self._site) & (c.position > first) & (c.position <= first + WIDTH)
        rows = self._connection.execute(select(c.position, c.hash).where(of).order_by(c.position))
        return [leaf_hash(bytes(row[1])) for row in _gapless(rows, first + 1)]

    def _read_nodes(self, level: int, block: int) -> list[bytes]:
        c, first = merkle_nodes.c, block * WIDTH
        of = (
            (c.site == self._site) & (c.level == level) & c.number.between(first, first + WIDTH - 1)
        )
        rows = self._connection.execute(select(c.number, c.hash).where(of).order_by(c.number))
        return [bytes(row[1]) for row in _gapless(rows, first)]


class Growth:
    """The nodes of a tree that grows by blocks of 256 leaves, as each gets whole. It begins behind
    the stored ones: `waiting` are, level by level, the nodes whose parent is not whole yet."""

    def __init__(self, blocks: int = 0, waiting: Iterable[list[bytes]] = ()) -> None:
        self._blocks = blocks
        self._waiting = [*waiting]

    def add(self, leaves: Sequence[bytes]) -> list[Node]:
        """The nodes that a whole block of leaves makes whole."""
        assert len(leaves) == WIDTH
        self._blocks += 1
        made, level = root_of(leaves), 1
        nodes = [(level, self._blocks - 1, made)]
        while True:
            if len(self._waiting) < level:
                self._waiting.append([])
            row = self._waiting[level - 1]
            row.append(made)
            if len(row) < WIDTH:
                return nodes
            made, level = root_of(row), level + 1
            row.clear()
            nodes.append((level, self._blocks // WIDTH ** (level - 1) - 1, made))


def growing(tree: StoredTree, size: int) -> Growth:
    """The growth of a stored tree from the last whole block of its first `size` events on."""
    waiting, level, left = [], 1, size // WIDTH
    while left:
        block, whole = divmod(left, WIDTH)
        nodes = tree.nodes(level, block)[:whole] if whole else []
        if len(nodes) != whole:
            missing(size)
        waiting.append(nodes)
        left, level = block, level + 1
    return Growth(size // WIDTH, waiting)


def missing(position: int) -> NoReturn:
    """TamperedLog `tree_mismatch`: what a proof needs is not there."""
    detail = "the stored tree over the log has a gap"
    raise TamperedLog("tree_mismatch", detail, position=position)


def _gapless(rows: Iterable[Any], first: int) -> list[Any]:
    """The rows up to the first gap in their numbers."""
    return [row for row, number in zip(rows, count(first), strict=False) if row[0] == number]
