"""Settings: read once from the environment, frozen, handed down."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from app.kept_files import made_once

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
    "RATIONALE_SIGNING_KEY": (
        "made once and kept in <data folder>/signing.key",
        "Ed25519 private key that signs checkpoints and reports: PEM, or the path of one",
    ),
    "RATIONALE_CHECKPOINT_DIR": (
        "<data folder>/checkpoints",
        "where signed checkpoints of the log are put: another disk, append-only if it can be",
    ),
    "RATIONALE_LOG_LEVEL": ("info", f"one of {', '.join(LOG_LEVELS)}"),
}
"""Each variable with its default and its meaning, for people."""
_EXPORTED = "RATIONALE_CHECKPOINT_DIR"
SECRET_FILE = "secret.key"  # noqa: S105


class BadSettings(Exception):
    """The environment says something that cannot be; the message is for whoever started it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All a process needs to know about where it runs. `secret_key` is the pepper of all HMACs,
    `signing_key` a PEM or its path, None for the one that is kept in the data folder."""

    database_url: str
    keys_url: str | None
    data_dir: Path
    secret_key: bytes = field(repr=False)
    log_level: str = "info"
    signing_key: str | None = field(default=None, repr=False)
    checkpoints: Path | None = None

    @property
    def checkpoint_dir(self) -> Path:
        """The folder that checkpoints are exported to."""
        return self.checkpoints or self.data_dir / "checkpoints"

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
            signing_key=environment.get("RATIONALE_SIGNING_KEY") or None,
            checkpoints=Path(given) if (given := environment.get(_EXPORTED)) else None,
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
    secret = made_once(path, lambda: secrets.token_hex(32).encode()).strip()
    if len(secret) < SECRET_BYTES_MIN:
        msg = f"{path} is too short to be a secret key; it was cut or edited"
        raise BadSettings(msg)
    return secret
