"""Files of the data folder that are made once and then only read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """Reads the file, or makes it whole under another name and links it: the first process wins.
    Only its owner may read it."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, make())
            os.fsync(descriptor)
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: what it made is the one
        finally:
            os.close(descriptor)
            draft.unlink()
    return path.read_bytes()
