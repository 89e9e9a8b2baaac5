"""The thread of a process that compiles new revisions while requests go on.

It takes the interpreter in small steps, since it has no share of its own: a request that comes back
from the database waits for the step in hand. It looks for new revisions by itself, so that a
process without traffic knows them too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Iterable

from aggregates.kernel.ids import SiteId

LOOK_EVERY_S = 0.25
"""One short query of all sites."""
_STEP_S = 0.001
_REST_S = 0.001
_SHORT_REST_S = 0.0001


class GivenUp(Exception):
    """The process is ending."""


class Renewing:
    """`renew` compiles what is new of a site; `look` names the sites that have something new."""

    def __init__(
        self, renew: Callable[[SiteId], None], look: Callable[[], Iterable[SiteId]]
    ) -> None:
        self._renew = renew
        self._look = look
        self._lock = threading.Lock()
        self._asked: dict[SiteId, None] = {}
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._every: float | None = None

    def ask(self, site: SiteId) -> None:
        """Compiles what is new of a site soon."""
        with self._lock:
            self._asked[site] = None
        self._begin()

    def watch(self) -> None:
        """From now on looks by itself."""
        self._every = LOOK_EVERY_S
        self._begin()

    def end(self) -> None:
        """Returns when the thread has ended."""
        with self._lock:
            self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def rests(self, is_awaited: Callable[[], bool]) -> Callable[[], None]:
        """Rests of one compile: short ones while somebody waits for it. GivenUp ends it."""
        since = time.perf_counter()

        def rest() -> None:
            nonlocal since
            if time.perf_counter() - since < _STEP_S:
                return
            time.sleep(_SHORT_REST_S if is_awaited() else _REST_S)
            if self._ended.is_set():
                raise GivenUp
            since = time.perf_counter()

        return rest

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="revisions", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(self._every)
            self._wake.clear()
            with self._lock:
                asked, self._asked = self._asked, {}
            if self._every is not None:
                asked |= dict.fromkeys(self._look())
            for site in asked:
                if not self._ended.is_set():
                    self._renew(site)
