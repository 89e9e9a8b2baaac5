"""The settings in force, for people to read: without the secret, and without passwords."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.config import SECRET_FILE
from app.config import SETTINGS
from app.config import BadSettings
from app.config import Settings
from app.signing.signing import SIGNING_FILE
from app.signing.signing import Signing

_PLACEHOLDER = "in place of a secret that is not read"


@dataclass(frozen=True, slots=True)
class Told:
    """A variable; `given` says whether the environment names it."""

    name: str
    value: str
    given: bool
    default: str
    meaning: str

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def looked_at(environment: Mapping[str, str]) -> Settings:
    """The settings, without making the folder or the secret that a start would make. BadSettings
    as at a start."""
    secret = environment.get("RATIONALE_SECRET_KEY") or _PLACEHOLDER
    return Settings.from_environment({**environment, "RATIONALE_SECRET_KEY": secret})


def folder(environment: Mapping[str, str]) -> Path:
    """The data folder, also where other settings are unusable."""
    return Path(environment.get("RATIONALE_DATA_DIR") or "data")


def told(environment: Mapping[str, str]) -> list[Told]:
    """All settings, whatever is in them."""
    return [
        Told(name, _value(environment, name), bool(environment.get(name)), default, meaning)
        for name, (default, meaning) in SETTINGS.items()
    ]


def _value(environment: Mapping[str, str], name: str) -> str:
    given = environment.get(name) or ""
    if name == "RATIONALE_SECRET_KEY":
        kept = folder(environment) / SECRET_FILE
        return (
            "given, not shown"
            if given
            else f"{'kept in' if os.path.exists(kept) else 'none yet in'} {kept}"
        )
    if name == "RATIONALE_SIGNING_KEY":
        return _signing_key(environment)
    if name == "RATIONALE_CHECKPOINT_DIR":
        return given or str(folder(environment) / "checkpoints")
    if name == "RATIONALE_DATABASE_URL":
        return _hidden(given) if given else f"sqlite:///{folder(environment) / 'rationale.db'}"
    if name == "RATIONALE_KEYS_URL":
        return _hidden(given) if given else "beside the log"
    return given or SETTINGS[name][0]


def _signing_key(environment: Mapping[str, str]) -> str:
    """Where the key is, and its public id, which says which key it is and nothing else."""
    kept = folder(environment) / SIGNING_FILE
    where = "given, not shown" if environment.get("RATIONALE_SIGNING_KEY") else f"kept in {kept}"
    try:
        signing = Signing(looked_at(environment))
        if not signing.has_key():
            return f"none yet in {kept}"
        return f"{where}: key {next(iter(signing.known()))}"
    except BadSettings:
        return f"{where}: unusable"


def _hidden(text: str) -> str:
    """A URL with nothing in it that may be a secret: parameters can hold passwords too."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return "no database URL, not shown"
    shown = url.set(query={}).render_as_string(hide_password=True)
    return f"{shown}?***" if url.query else shown
