"""Processes about an erasure: one that is killed between two of its steps, one that remembers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from aggregates.kernel.errors import Erased
from app.config import Settings
from app.erasure import erase as erasing
from app.erasure import remains
from app.eventlog.keys import KeyStore
from app.wiring import Services
from app.wiring import build
from decisions.replay import find
from projections import erased_shoppers
from projections.follower import Follower
from tests.erasure_given import SITE

STEPS: tuple[tuple[Any, str], ...] = (
    (remains, "clear"),
    (KeyStore, "destroy"),
    (remains, "_rows"),
    (remains, "_answers"),
    (Follower, "catch_up"),
    (erasing, "scrub"),
    (erased_shoppers, "finish"),
)
"""What an erasure does after its event, in order: (where, name)."""


class Died(BaseException):
    """Stands for a death, where a process of its own would be too dear."""


def dying(step: int, die: Callable[[], None]) -> Callable[[], None]:
    """Dies before a step; after the last one for a step beyond. The way back is returned."""
    place, name = STEPS[step]
    true = getattr(place, name)

    def instead(*args: Any, **kwargs: Any) -> Any:
        die()
        return true(*args, **kwargs)

    setattr(place, name, instead)
    return lambda: setattr(place, name, true)


def opened(url: str, folder: str) -> Services:
    """The services of a process."""
    environment = {"RATIONALE_DATA_DIR": folder, "RATIONALE_DATABASE_URL": url}
    return build(Settings.from_environment(environment))


def erase_and_die(url: str, folder: str, person: str, step: int) -> None:
    """Erases a person, and is killed before one of the steps."""
    services = opened(url, folder)
    dying(step, lambda: os.kill(os.getpid(), signal.SIGKILL))
    erasing.finish(services, SITE, erasing.erase(services, SITE, person, actor="test"))


def read_on(store: tuple[str, str], decision: str, ready: Any, go: Any, told: Any) -> None:
    """Reads a decision until it cannot any more, and tells how long that took."""
    services = opened(*store)
    find(services.means, SITE, decision)
    ready.set()
    go.wait(60)
    began = time.monotonic()
    while time.monotonic() - began < 30:
        try:
            find(services.means, SITE, decision)
        except Erased as error:
            told.put((error.code, time.monotonic() - began))
            break
        time.sleep(0.01)
    services.close()
