"""The leader: of all scheduler processes the one that runs jobs. The others wait for its lock.

Whoever holds the lock asks now and then whether it still does. On SQLite only the end of a process
gives its lock away; on PostgreSQL a lost connection does too, and the process may live on: its runs
count as dead only when their hearts have stopped.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Engine

from app.jobs.leader_advisory import AdvisoryLock
from app.jobs.leader_file import FileLock


class LeaderLock(Protocol):
    """A lock that one process holds at a time, and that nobody has to take away from a dead one."""

    @property
    def proves_death(self) -> bool:
        """Whether the lock is free only when the process that held it is gone."""

    def take(self) -> bool:
        """Whether this process holds it from now on."""

    def held(self) -> bool:
        """Whether this process still holds it."""

    def release(self) -> None:
        """Lets go of it."""

    def taken_by_another(self) -> bool:
        """Whether some process holds it; for one that does not want it itself."""


def leader_lock(log: Engine) -> LeaderLock:
    """The lock that all schedulers over this log store share."""
    return AdvisoryLock(log) if log.dialect.name == "postgresql" else FileLock(log)
