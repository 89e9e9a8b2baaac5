"""`rationale restore-keys`: names and keys that were lost, from a backup."""

from __future__ import annotations

from pathlib import Path

import click

from app.config import Settings
from app.erasure.key_backups import restore
from app.wiring import build


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Puts back the names and keys that are missing, from a file of <data folder>/key-backups.
    What is there stays, and who was erased stays erased."""
    services = build(Settings.from_environment())
    try:
        added = restore(services, file)
    finally:
        services.close()
    click.echo(f"{added} keys were missing and are back")
