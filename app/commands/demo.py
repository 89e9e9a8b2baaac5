"""`rationale demo`: real purchase history, decided, explained, replayed, on fresh SQLite files."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from app.commands.keys import issued_key
from app.config import Settings
from app.database import migrate
from app.database import open_stores
from app.edge import logging
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from demo.run import SITE
from demo.run import Demo
from demo.shop import Shop


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the stores are made and kept; by default they are thrown away at the end.",
)
def command(data_dir: Path | None) -> None:
    """Loads UCI Online Retail and a generated browsing log, publishes an example site, trains its
    models, decides for real customers with reasons, replays every decision both ways and verifies
    the chain. Exits with 0 only if all of it held."""
    folder = data_dir or Path(tempfile.mkdtemp(prefix="rationale-demo-"))
    if data_dir is not None and list(data_dir.glob("*.db")):
        raise click.UsageError(f"{data_dir} holds stores already: name an empty folder")
    try:
        held = _demo(folder)
    finally:
        if data_dir is None:
            shutil.rmtree(folder)
    if held and data_dir is not None:
        click.echo(f"Look around in it:  RATIONALE_DATA_DIR={data_dir} rationale serve", err=True)
    sys.exit(0 if held else 1)


def _demo(folder: Path) -> bool:
    settings = Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(folder), "RATIONALE_LOG_LEVEL": "error"}
    )
    logging.configure(settings.log_level)
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    try:
        migrate(stores)
    finally:
        stores.close()
    services = build(settings)
    try:
        key = issued_key(services, SITE, tuple(sorted(SCOPES - {"collect"})), "demo").token
        shop = Shop(create_app(services), key)
        return Demo(services, shop, Console()).run()
    finally:
        services.close()
