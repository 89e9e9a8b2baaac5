"""`rationale verify`: recomputes the hash chain of a site's log."""

from __future__ import annotations

import sys

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.eventlog.verify import verify
from app.wiring import Services
from app.wiring import build


@click.command()
@click.option("--site", help="One site; without it every site.")
@click.option("--json", "as_json", is_flag=True)
def command(site: str | None, as_json: bool) -> None:
    """Checks that no event was changed, removed or put in; exits 1 if one was."""
    services = build(Settings.from_environment())
    try:
        names = [SiteId(site)] if site is not None else services.log.sites()
        intact = [_verified(services, name, as_json) for name in names]
    finally:
        services.close()
    if not all(intact):
        sys.exit(1)


def _verified(services: Services, site: SiteId, as_json: bool) -> bool:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{site}: verifying", total=None)

        def moved(position: int, head: int) -> None:
            progress.update(task, completed=position, total=head)

        try:
            found = verify(services.stores.log, site, moved)
        except TamperedLog as error:
            broken = {"site": site, "intact": False, "detail": error.detail, **error.data}
            click.echo(orjson.dumps(broken) if as_json else f"{site}: {error.detail}")
            return False
    told = {"site": site, "intact": True, "events": found.events, "head": found.head.hash.hex()}
    click.echo(
        orjson.dumps(told)
        if as_json
        else f"{site}: {found.events} events, the chain holds up to {found.head.hash.hex()[:16]}"
    )
    return True
