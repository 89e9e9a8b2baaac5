"""The Merkle tree of RFC 9162 (and 6962): hashes, roots, and the paths of proofs.

A leaf is an event's chain hash, which covers its row and all rows before it: so a root pins the
chain, and the tree is built without reading rows again. What a tree is made of stands behind
`Subtrees`: memory in tests, stored nodes in the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

EMPTY_ROOT = sha256(b"").digest()


class Subtrees(Protocol):
    """Hashes of the subtrees that begin where the tree's own do."""

    def __call__(self, start: int, end: int) -> bytes:
        """The root over leaves `start` to `end`, counted from 0, the last not included."""


def leaf_hash(chain_hash: bytes) -> bytes:
    """The leaf of an event."""
    return sha256(b"\0" + chain_hash).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node over two."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves, or over nodes of one height."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\1" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_path(subtrees: Subtrees, index: int, size: int) -> list[bytes]:
    """The siblings of a leaf, from the leaf's own up to the root's."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtrees(middle, end))
            end = middle
        else:
            path.append(subtrees(start, middle))
            start = middle
    return path[::-1]


def consistency_path(subtrees: Subtrees, former: int, size: int) -> list[bytes]:
    """What shows that the tree of `size` leaves begins with that of `former`; 0 < former."""
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while former != end:
        middle = start + split(end - start)
        if former <= middle:
            path.append(subtrees(middle, end))
            end = middle
        else:
            path.append(subtrees(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtrees(start, end))
    return path[::-1]
