"""The one place where the parts are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregates.kernel.clock import Clock
from aggregates.kernel.clock import Random
from app.config import Settings
from app.edge.callers import Callers

if TYPE_CHECKING:
    from projections.follower import Follower

    from app.authoring.revisions import RevisionCache
    from app.database import Stores
    from app.eventlog.keys import KeyStore
    from app.eventlog.log import SqlEventLog


@dataclass(frozen=True, slots=True)
class Services:
    """What one process works with. `close` ends its writer and its connections."""

    settings: Settings
    stores: Stores
    keys: KeyStore
    log: SqlEventLog
    clock: Clock
    random: Random
    revisions: RevisionCache
    callers: Callers
    follower: Callable[[], Follower]
    lag: Callable[[], dict[str, int]]

    def close(self) -> None:
        """Waits for what is being written, then lets go of everything."""
        self.log.close()
        self.stores.close()


def build(settings: Settings, clock: Clock | None = None, random: Random | None = None) -> Services:
    """The services of one process; raises what opening the stores raises."""
    raise NotImplementedError
