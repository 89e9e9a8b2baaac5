"""How far one part of a range is and what it came to: a line for each page, only ever appended.

A page counts when its line is whole, so whatever kills a process, nothing is counted twice or left
out. The lock is the file's: a process that outlives its parent for a moment is waited for.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import BinaryIO
from typing import Self

import orjson


class Journal:
    """The journal of a part, for as long as it is open; `upto` is where its last page ended."""

    def __init__(self, path: Path, after: int) -> None:
        self._path = path
        self._after = after
        self._file: BinaryIO | None = None
        self.upto = after

    def __enter__(self) -> Self:
        self._file = self._path.open("ab+")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        whole = 0
        for line in _whole_lines(self._file):
            whole += len(line)
            self.upto = orjson.loads(line)["upto"]
        self._file.truncate(whole)
        return self

    def __exit__(self, *error: object) -> None:
        assert self._file is not None
        self._file.close()

    def append(self, upto: int, told: dict[str, Any]) -> None:
        """Notes a page; durable when it returns."""
        assert self._file is not None
        self._file.write(orjson.dumps({"upto": upto, **told}, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.upto = upto


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The pages that were noted so far."""
    if path.exists():
        with path.open("rb") as file:
            for line in _whole_lines(file):
                yield orjson.loads(line)


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    for line in file:
        if line.endswith(b"\n"):
            yield line
