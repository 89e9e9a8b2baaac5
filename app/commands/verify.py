"""`rationale verify`: recomputes the hash chain of a site's log."""

from __future__ import annotations

import sys

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.eventlog.verify import verdict
from app.wiring import Services
from app.wiring import build


@click.command()
@click.option("--site", help="One site; without it every site.")
@click.option("--json", "as_json", is_flag=True)
def command(site: str | None, as_json: bool) -> None:
    """Checks that no event was changed, removed or put in; exits 1 if one was."""
    services = build(Settings.from_environment())
    try:
        names = issuing.sites_asked(services.stores.log, services.log, site)
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

        found = verdict(services.stores.log, site, moved)
    if as_json:
        click.echo(orjson.dumps({"site": site, **found}))
    elif found["intact"]:
        held = f"the chain holds up to {found['head'][:16]}"
        click.echo(f"{site}: {found['events']} events, {held}")
    else:
        click.echo(f"{site}: {found['detail']} ({found['code']})")
    return bool(found["intact"])
