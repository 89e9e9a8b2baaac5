"""Settings: read once from the environment, frozen, handed down."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

SECRET_BYTES_MIN = 16
LOG_LEVELS = ("debug", "info", "warning", "error")
SETTINGS = {
    "RATIONALE_DATABASE_URL": (
        "sqlite:///<data folder>/rationale.db",
        "where the log and the read models are; or postgresql://user:password@host/name",
    ),
    "RATIONALE_KEYS_URL": ("beside the log", "the key store, if it has a place of its own"),
    "RATIONALE_DATA_DIR": ("data", "the folder of the SQLite files and of the secret"),
    "RATIONALE_SECRET_KEY": (
        "made once and kept in <data folder>/secret.key",
        f"pepper of API keys and ids; at least {SECRET_BYTES_MIN} bytes",
    ),
    "RATIONALE_LOG_LEVEL": ("info", f"one of {', '.join(LOG_LEVELS)}"),
}
"""Each variable with its default and its meaning, for people."""
SECRET_FILE = "secret.key"  # noqa: S105


class BadSettings(Exception):
    """The environment says something that cannot be; the message is for whoever started it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All a process needs to know about where it runs. `secret_key` is the pepper of all HMACs."""

    database_url: str
    keys_url: str | None
    data_dir: Path
    secret_key: bytes = field(repr=False)
    log_level: str = "info"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from `RATIONALE_*` variables; makes the data folder and the secret if needed."""
        data_dir = Path(environment.get("RATIONALE_DATA_DIR") or "data")
        database_url = environment.get("RATIONALE_DATABASE_URL") or (
            f"sqlite:///{data_dir / 'rationale.db'}"
        )
        level = (environment.get("RATIONALE_LOG_LEVEL") or "info").lower()
        if level not in LOG_LEVELS:
            msg = f"RATIONALE_LOG_LEVEL is one of {', '.join(LOG_LEVELS)}"
            raise BadSettings(msg)
        return cls(
            database_url=database_url,
            keys_url=environment.get("RATIONALE_KEYS_URL") or None,
            data_dir=data_dir,
            secret_key=_secret_key(environment.get("RATIONALE_SECRET_KEY"), data_dir),
            log_level=level,
        )


def _secret_key(given: str | None, data_dir: Path) -> bytes:
    """The given secret, else the kept one, else a new one kept for the next start."""
    if given:
        if len(given.encode()) < SECRET_BYTES_MIN:
            msg = f"RATIONALE_SECRET_KEY has at least {SECRET_BYTES_MIN} bytes"
            raise BadSettings(msg)
        return given.encode()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return _kept_secret(data_dir / SECRET_FILE)
    except OSError as error:
        msg = f"cannot keep a secret key in {data_dir}: {error.strerror}"
        raise BadSettings(msg) from error


def _kept_secret(path: Path) -> bytes:
    """Reads the file, or makes it whole under another name and links it: the first process wins."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(32).encode())
            os.fsync(descriptor)
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its secret is the secret
        finally:
            os.close(descriptor)
            draft.unlink()
    secret = path.read_bytes().strip()
    if len(secret) < SECRET_BYTES_MIN:
        msg = f"{path} is too short to be a secret key; it was cut or edited"
        raise BadSettings(msg)
    return secret
