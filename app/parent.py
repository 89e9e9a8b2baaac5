"""Children die with their parent: a thread that ends the process once its parent is gone."""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT = "RATIONALE_PARENT_PID"
_EVERY_S = 0.5
_GRACE_S = 15.0


def environment() -> dict[str, str]:
    """The environment of a child that is to `watch` this process."""
    return {**os.environ, PARENT: str(os.getpid())}


def watch(parent: int | None = None) -> None:
    """Sends this process SIGTERM once its parent is gone, and kills it when it has not ended some
    seconds later. Without an argument the parent is the one that named itself, if any did."""
    if parent is None:
        named = os.environ.get(PARENT)
        if named is None:
            return
        parent = int(named)

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY_S)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_S)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()
