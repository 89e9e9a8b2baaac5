"""`rationale migrate`: Alembic to head on all three stores."""

from __future__ import annotations

import click

from app.config import Settings
from app.database import migrate
from app.database import open_stores


@click.command()
def command() -> None:
    """Makes or upgrades the tables of the log, read and key stores; safe to run twice at once."""
    settings = Settings.from_environment()
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    try:
        migrate(stores)
    finally:
        stores.close()
    click.echo("all stores are at the newest version", err=True)
