"""Given: the golden logs that earlier versions wrote, unpacked and brought up to this version."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import yaml

from app.config import Settings
from app.database import migrate
from app.database import open_stores
from app.wiring import Services
from app.wiring import build
from tests.golden.make import SECRET

FOLDER = Path(__file__).parent / "golden"
HELD: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "held.yaml").read_text("utf-8"))


def settings_of(folder: Path) -> Settings:
    """Those of an unpacked log; its pepper is this one in all of them."""
    environment = {"RATIONALE_DATA_DIR": str(folder), "RATIONALE_SECRET_KEY": SECRET}
    return Settings.from_environment(environment)


def unpacked(version: str, folder: Path) -> Services:
    """The services over a golden log, its tables migrated, nothing followed yet."""
    with tarfile.open(FOLDER / f"{version}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    settings = settings_of(folder)
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    migrate(stores)
    stores.close()
    return build(settings)
