"""A process that imports a file and kills itself (signal 9) around one of its checkpoints.

Run as `python -m tests.import_processes before|after NUMBER KIND FILE`, with the settings of the
service in the environment: it dies before, or after, the checkpoint of that page, which itself is
committed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.intake.import_files import FileImport
from app.intake.import_runs import ImportRuns
from app.wiring import build

SITE = SiteId("shop")


def main(side: str, number: int, kind: str, path: Path) -> None:
    """Imports, and dies on the way."""
    real = ImportRuns.move
    left = number

    def dying(self: ImportRuns, *arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if side == "before" and not left:
            os.kill(os.getpid(), signal.SIGKILL)
        moved = real(self, *arguments, **options)
        if side == "after" and not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return moved

    ImportRuns.move = dying  # type: ignore[method-assign]
    FileImport(build(Settings.from_environment()), SITE, kind, path).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
