"""How rows keep what a person may ask to be forgotten: sealed under the pseudonym's own key.

So copies and backups of the read store are of no use once the key is destroyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId


class Seals(Protocol):
    """The key store as projections use it (app/eventlog/sealing.py)."""

    def seal(self, site: SiteId, texts: Mapping[Pseudonym, bytes]) -> dict[Pseudonym, str]:
        """Each text under the key of its pseudonym; "" where that is destroyed."""

    def open(self, site: SiteId, sealed: Mapping[Pseudonym, str]) -> dict[Pseudonym, bytes]:
        """The reverse; absent where the key is destroyed."""


class Unsealed:
    """Implements Seals where there are no keys: over a log in memory."""

    def seal(self, site: SiteId, texts: Mapping[Pseudonym, bytes]) -> dict[Pseudonym, str]:
        """The texts as they are."""
        return {name: text.decode() for name, text in texts.items()}

    def open(self, site: SiteId, sealed: Mapping[Pseudonym, str]) -> dict[Pseudonym, bytes]:
        """The texts as they are."""
        return {name: text.encode() for name, text in sealed.items()}


UNSEALED = Unsealed()
