"""Checkpoints outside the database: a file for each in a folder of the site, and `latest`.

A file is written whole under another name and then named, never changed. The folder may be the
mount of an object store, or of a disk that only ever grows: nothing in it is replaced but `latest`,
which is a copy for those who want the newest and is believed by nobody here.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId

_ENDING = ".checkpoint"
_DIGITS = 20  # names in the order of positions
LATEST = "latest"


class Exported:
    """The exported checkpoints of one site."""

    def __init__(self, folder: Path, site: SiteId) -> None:
        self.folder = folder / site

    def put(self, position: int, note: str) -> None:
        """Writes a checkpoint, if it is not there. TamperedLog `checkpoint_differs` if another is:
        two installations write to one folder, or somebody else does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{position:0{_DIGITS}}{_ENDING}"
        if not path.exists():
            self._write(note, lambda draft: os.rename(draft, path))
        if path.read_text("utf-8") != note:
            detail = f"{path} holds another checkpoint than the one of this installation"
            raise TamperedLog("checkpoint_differs", detail, position=position)
        newest = self.folder / LATEST
        self._write(note, lambda draft: os.replace(draft, newest))

    def notes(self) -> dict[int, str]:
        """All of them by position. TamperedLog `checkpoint_unreadable` for a name that is none."""
        found = {}
        paths = sorted(self.folder.glob(f"*{_ENDING}")) if self.folder.is_dir() else []
        for path in paths:
            try:
                found[int(path.name.removesuffix(_ENDING))] = path.read_text("utf-8")
            except ValueError:  # of the name, or of bytes that are no text
                detail = f"{path} is no checkpoint"
                raise TamperedLog("checkpoint_unreadable", detail, position=0) from None
        return found

    def _write(self, note: str, name: Callable[[Path], None]) -> None:
        draft = self.folder / f".draft-{os.getpid()}-{secrets.token_hex(4)}"
        with draft.open("x", encoding="utf-8", newline="") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        name(draft)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sites_in(folder: Path) -> set[str]:
    """The sites that have exported checkpoints."""
    return {path.parent.name for path in folder.glob(f"*/*{_ENDING}")}
