"""What every projection is: a named fold of some events into rows of its own table.

Immediate projections run inside the append's transaction, under the site's lock. Followed ones are
run by projections/follower.py over pages of the log, with their position moved in the same
transaction as their rows. Either way `fold` only reads; whoever calls it executes the writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy import Executable

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent


@dataclass(frozen=True, slots=True)
class Write:
    """One statement and the parameter rows it is executed with (executemany). `plain`: it is always
    the same one, and the driver may have its rows as they are (projections/writing.py)."""

    statement: Executable
    rows: Sequence[Mapping[str, Any]]
    plain: bool = False


class Projection(Protocol):
    """One read model's fold. `unseals` names the topics whose sealed fields it needs."""

    name: str
    topics: frozenset[str]
    unseals: frozenset[str]

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """The writes that bring the table from before these events to after them.

        `events` are in order and only of `topics`; `connection` is for reading current rows.
        """
