"""`rationale rebuild`: a projection folded anew beside the rows in use, then put in their place."""

from __future__ import annotations

import sys

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.edge import logging
from app.rebuilding import Rebuilt
from app.rebuilding import rebuild
from app.wiring import Services
from app.wiring import build
from projections.followed import followed

NAMES = tuple(projection.name for projection in followed())


@click.command()
@click.argument("projection", type=click.Choice(NAMES))
@click.option("--site", help="One site; without it every site.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object for each site.")
def command(projection: str, site: str | None, as_json: bool) -> None:
    """Rebuilds a projection from the log. What it holds now serves until the new rows are there.

    Ended before that, it leaves a rebuild that the next follower finishes. What is written with the
    log itself, such as the catalogue, cannot be rebuilt and need not be.
    """
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    services = build(settings)
    try:
        names = issuing.sites_asked(services.stores.log, services.log, site)
        found = {name: _rebuilt(services, name, projection) for name in names}
    except KeyboardInterrupt:
        msg = "left in its midst: a follower finishes it"
        raise click.ClickException(msg) from None
    finally:
        services.close()
    for name, done in found.items():
        _tell(name, projection, done, as_json)
    sys.exit(0 if all(done.in_place for done in found.values()) else 1)


def _rebuilt(services: Services, site: SiteId, projection: str) -> Rebuilt:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"{site}: rebuilding {projection}", total=None)

        def moved(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return rebuild(services.follower, services.stores.read, site, projection, moved)


def _tell(site: SiteId, projection: str, done: Rebuilt, as_json: bool) -> None:
    if as_json:
        answer = {
            "site": site,
            "projection": projection,
            "rebuilt": done.in_place,
            "events": done.events,
            "seconds": round(done.seconds, 3),
        }
        click.echo(orjson.dumps(answer))
    elif done.in_place:
        click.echo(f"{site}: {projection} rebuilt from {done.events} events, {done.seconds:.1f} s")
    else:
        click.echo(
            f"{site}: {projection} was given up: its code or the site's time zone changed"
            " meanwhile, so followers fold the rows in use anew"
        )
