"""The results of a ranked page, as far as the page needs them: what retrieval hands to the rules.

A decision keeps only the part of the results that its page can show: the products named by events,
and of all others a window. As no more than `len(named)` products can move into or out of the places
before the page, a window that begins so many places earlier holds all that can come to stand on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple


class Found(NamedTuple):
    """One product of the results: how often shoppers did what the strategy counts, its place in
    the catalogue, and whether it stands behind all others (out of stock)."""

    sku: str
    signal: int
    place: int
    last: int = 0


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The results as far as a page needs them. `total` counts all of them, `window` are those not
    named by events from `offset` on, `highest` is the highest signal of the catalogue; `known`
    tells whether anything is in the category, whatever the filters leave."""

    total: int
    known: bool = True
    highest: int = 0
    offset: int = 0
    window: tuple[Found, ...] = ()
    named: tuple[Found, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return {
            "total": self.total,
            "known": self.known,
            "highest": self.highest,
            "offset": self.offset,
            "window": [tuple(found) for found in self.window],
            "named": [tuple(found) for found in self.named],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Retrieved:
        """The reverse."""
        return cls(
            data["total"],
            data["known"],
            data["highest"],
            data["offset"],
            tuple(Found(*found) for found in data["window"]),
            tuple(Found(*found) for found in data["named"]),
        )
