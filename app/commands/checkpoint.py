"""`rationale checkpoint`: signs the log as it is now."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import Progress

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.jobs.checkpoint import maker
from app.wiring import Services
from app.wiring import build


@click.command()
@click.option("--site", help="One site; without it every site.")
@click.option("--export-all", is_flag=True, help="Also puts every earlier one into the folder.")
def command(site: str | None, export_all: bool) -> None:
    """Makes a checkpoint of each log that grew, puts it into RATIONALE_CHECKPOINT_DIR and prints
    it. The job `checkpoint` does the same every hour."""
    services = build(Settings.from_environment())
    try:
        names = issuing.sites_asked(services.stores.log, services.log, site)
        made = [_made(services, name, export_all) for name in names]
    finally:
        services.close()
    if not all(made):
        sys.exit(1)


def _made(services: Services, site: SiteId, export_all: bool) -> bool:
    """Whether the log is as it was signed before, and is signed again."""
    making = maker(services, site)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{site}: checking", total=None)

        def moved(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        try:
            made = making.make(moved)
        except TamperedLog as error:
            click.echo(f"{site}: {error.detail} ({error.code})", err=True)
            return False
    if export_all:
        making.export_all()
    if made is not None:
        click.echo(making.note(made.position), nl=False)
    return True
