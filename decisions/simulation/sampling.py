"""Which decisions a sample looks at: those whose hash is small enough.

The hash is over the seed and the decision's id, so the same question looks at the same decisions,
whoever looks, in whatever order, on however many processes. To an author who chose the seed without
looking it is a random draw: a simple random sample without replacement, of a fixed size (`count`)
or of a size that itself is drawn (`share`).
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from fractions import Fraction

_ALL = 2**64


def place_of(decision_id: str, seed: int) -> int:
    """A number below 2**64 that follows from both."""
    data = f"{seed}/{decision_id}".encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def limit_of_share(share: str) -> int:
    """The number below which the places of a share lie."""
    return int(Fraction(share) * _ALL)


def limit_of_count(smallest: Iterable[int], count: int) -> int:
    """The number below which the places of so many decisions lie, given the smallest places."""
    found = heapq.nsmallest(count, smallest)
    return found[-1] + 1 if len(found) == count else _ALL
