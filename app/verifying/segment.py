"""One stretch of the log, checked by itself: chain, keys, and the tree over it.

A segment begins with the stored hash of the event before it, which the segment before proves. So
segments can be checked in any order and in several processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Engine
from sqlalchemy import make_url

from app.checkpoints.merkle import leaf_hash
from app.checkpoints.merkle import root_of
from app.checkpoints.tables import WIDTH
from app.engines import open_engine
from app.eventlog.chain import EMPTY
from app.verifying.fault import Fault
from app.verifying.rows import Cursor
from app.verifying.rows import chained
from app.verifying.rows import connected
from app.verifying.rows import pages

SEGMENT_EVENTS = WIDTH * WIDTH
"""A whole segment is one node of the tree's second level."""
_HASH = "SELECT hash FROM events WHERE site = {0} AND position = {0}"
_NODES = """
    SELECT number, hash FROM merkle_nodes
    WHERE site = {0} AND level = {0} AND number >= {0} AND number < {0}
"""
_JOINED = """
    FROM events e LEFT JOIN event_keys k
    ON k.site = e.site AND k.stream_id = e.stream_id AND k.version = e.version
    WHERE e.site = {0} AND e.position > {0} AND e.position <= {0}
"""
_KEYED = f"SELECT count(*) {_JOINED} AND k.position = e.position"
_UNKEYED = f"""
    SELECT e.position {_JOINED} AND (k.position IS NULL OR k.position <> e.position)
    ORDER BY e.position LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What to check: events `after` to `upto`. `marks` are positions whose root and chain hash are
    asked for; up to `treed` the nodes of the tree are stored."""

    site: str
    after: int
    upto: int
    marks: tuple[int, ...]
    treed: int


@dataclass(frozen=True, slots=True)
class Checked:
    """A stretch that holds: its last hash and moment, for each mark (position, root over the
    stretch up to it, chain hash), and the root over it all."""

    upto: int
    hash: bytes
    recorded_at: int
    marks: tuple[tuple[int, bytes, bytes], ...]
    root: bytes


def check_apart(url: str, stretch: Stretch) -> Checked | Fault:
    """The same in a process of its own, which opens the log by itself."""
    return check(_engine(url), stretch)


def check(engine: Engine, stretch: Stretch) -> Checked | Fault:
    """A stretch that holds, or the first fault in it."""
    pooled, cursor = connected(engine)
    try:
        found = _chain(cursor, stretch)
        if isinstance(found, Fault):
            return found
        checked, blocks = found
        return _nodes(cursor, stretch, blocks) or _keys(cursor, stretch) or checked
    finally:
        pooled.close()


def _chain(cursor: Cursor, stretch: Stretch) -> tuple[Checked, Sequence[bytes]] | Fault:
    """The stretch, and the roots of its blocks of 256."""
    site, position = stretch.site, stretch.after
    previous = EMPTY
    if position:
        before = cursor.all(_HASH, site, position)
        if not before:
            return Fault("position_missing", position)
        previous = before[0][0]
    tree, recorded_at = _Leaves(stretch), 0
    for rows in pages(cursor, site, position, stretch.upto):
        hashes = chained(site, previous, position, rows)
        if isinstance(hashes, Fault):
            return hashes
        tree.add(position, hashes)
        position, previous, recorded_at = rows[-1][0], hashes[-1], rows[-1][6]
    if position != stretch.upto:
        return Fault("position_missing", position + 1)
    return Checked(position, previous, recorded_at, tuple(tree.marks), tree.root()), tree.blocks


class _Leaves:
    """The tree over a stretch as its events come."""

    def __init__(self, stretch: Stretch) -> None:
        self.blocks: list[bytes] = []
        self.marks: list[tuple[int, bytes, bytes]] = []
        self._wanted = list(stretch.marks)[::-1]
        self._leaves: list[bytes] = []

    def add(self, position: int, hashes: Sequence[bytes]) -> None:
        """The chain hashes of the events that follow on a position."""
        done = 0
        while done < len(hashes):
            end = min(len(hashes), done + WIDTH - len(self._leaves))
            marked = bool(self._wanted) and self._wanted[-1] <= position + end
            if marked:
                end = self._wanted.pop() - position
            self._leaves += [leaf_hash(each) for each in hashes[done:end]]
            if len(self._leaves) == WIDTH:
                self.blocks.append(root_of(self._leaves))
                self._leaves.clear()
            if marked:
                self.marks.append((position + end, self.root(), hashes[end - 1]))
            done = end

    def root(self) -> bytes:
        """Over what came so far."""
        rest = [root_of(self._leaves)] if self._leaves else []
        return root_of([*self.blocks, *rest])


def _nodes(cursor: Cursor, stretch: Stretch, blocks: Sequence[bytes]) -> Fault | None:
    """Whether the stored nodes over the stretch are those of its events."""
    first = stretch.after // WIDTH
    whole = [(1, first, blocks)]
    if len(blocks) == WIDTH:
        whole.append((2, first // WIDTH, [root_of(blocks)]))
    for level, number, made in whole:
        given = (stretch.site, level, number, number + len(made))
        stored = {at: bytes(node) for at, node in cursor.all(_NODES, *given)}
        for at, node in enumerate(made, number):
            end = (at + 1) * WIDTH**level
            asked = at in stored or end <= stretch.treed
            if asked and stored.get(at) != node:
                return Fault("tree_mismatch", end)
    return None


def _keys(cursor: Cursor, stretch: Stretch) -> Fault | None:
    """Whether each event has its key: counted first, looked for only if one is missing."""
    given = (stretch.site, stretch.after, stretch.upto)
    if cursor.all(_KEYED, *given)[0][0] == stretch.upto - stretch.after:
        return None
    return Fault("key_mismatch", cursor.all(_UNKEYED, *given)[0][0])


@lru_cache(maxsize=1)
def _engine(url: str) -> Engine:
    return open_engine(make_url(url), "log")
