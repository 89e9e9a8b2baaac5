"""The data folder, the space on its disk, and who may read the files in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from pathlib import Path

from app.config import SECRET_BYTES_MIN
from app.config import SECRET_FILE
from app.doctor.finding import Finding
from app.doctor.finding import note
from app.signing.signing import SIGNING_FILE

FREE_BYTES_MIN = 1_000_000_000
"""A training may spill some hundred megabytes, and a full disk stops every write."""
_JOURNALS = ("", "-wal", "-shm")
_OTHERS = 0o077


def free_bytes(path: Path) -> int:
    """What is free on the disk of a path."""
    return shutil.disk_usage(path).free


def writable(data_dir: Path) -> Iterator[Finding]:
    """Whether a file can be made in the data folder, or the folder itself."""
    where = _there(data_dir)
    try:
        with tempfile.TemporaryFile(dir=where):
            pass
    except OSError as error:
        what = f"no file can be made in {where}: {error.strerror}"
        todo = "name a folder that the service may write to in RATIONALE_DATA_DIR"
        yield Finding("data_folder", what, todo)
        return
    if where != data_dir:
        yield note("data_folder", f"there is no folder {data_dir} yet; the first start makes it")


def space(folders: Collection[Path], free: Callable[[Path], int] = free_bytes) -> Iterator[Finding]:
    """Whether the disks have room."""
    for where in sorted({_there(folder) for folder in folders}):
        left = free(where)
        if left < FREE_BYTES_MIN:
            what = f"only {left // 1_000_000} MB are free on the disk of {where}"
            yield Finding("disk_space", what, "make room: a full disk stops every write")


def private(data_dir: Path, databases: Collection[Path]) -> Iterator[Finding]:
    """Whether only the owner may read databases, secret and signing key."""
    journals = [path.with_name(f"{path.name}{end}") for path in databases for end in _JOURNALS]
    for path in (*journals, data_dir / SECRET_FILE, data_dir / SIGNING_FILE):
        if path.is_file() and path.stat().st_mode & _OTHERS:
            what = f"{path} may be read by others, mode {path.stat().st_mode & 0o777:o}"
            yield Finding("file_modes", what, f"chmod 600 {path}")


def secret(data_dir: Path) -> Iterator[Finding]:
    """Whether the kept secret can be one."""
    path = data_dir / SECRET_FILE
    if path.exists() and len(path.read_bytes().strip()) < SECRET_BYTES_MIN:
        what = f"{path} is too short to be a secret key; it was cut or edited"
        yield Finding("secret", what, "restore it from a backup: without it no API key is known")


def _there(path: Path) -> Path:
    """The path, or the nearest above it that exists and may be looked at."""
    while not os.path.exists(path) and path != path.parent:
        path = path.parent
    return path
