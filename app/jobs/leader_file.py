"""The leader's lock on SQLite: flock on a file beside the database.

The kernel releases it with the process, however that ends. The file stays; it holds nothing.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import Engine

_PRIVATE = 0o600  # as the files beside it

_logger = structlog.get_logger()


class FileLock:
    """Implements LeaderLock."""

    proves_death = True

    def __init__(self, log: Engine) -> None:
        database = Path(log.url.database or "")
        self.path = database.with_name(f"{database.stem}-scheduler.lock")
        self._descriptor: int | None = None
        self._away = False

    def take(self) -> bool:
        """Whether this process holds it from now on; not while the file cannot be opened."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, _PRIVATE)
        except OSError as error:
            if not self._away:
                _logger.warning("leader_lock_away", error=type(error).__name__)
            self._away = True
            return False
        self._away = False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        if self.held():
            return True
        self.release()
        return False

    def held(self) -> bool:
        """False also when the file was deleted: then another process may hold one of that name."""
        if self._descriptor is None:
            return False
        with suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self.path))
        return False

    def release(self) -> None:
        """Lets go of it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def taken_by_another(self) -> bool:
        """Tries a shared lock, which hinders a scheduler for no longer than this takes."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False
