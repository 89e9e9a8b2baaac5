"""`rationale verify`: holds a site's log against its hashes and its signed checkpoints."""

from __future__ import annotations

import os
import sys

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.verifying.verdict import sites_with_traces
from app.verifying.verdict import verdict
from app.wiring import Services
from app.wiring import build


@click.command()
@click.option("--site", help="One site; without it every site.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--projections", is_flag=True, help="Also the tables beside the log, folded afresh.")
@click.option("--processes", type=click.IntRange(1), help="As many as there are cores.")
def command(site: str | None, as_json: bool, projections: bool, processes: int | None) -> None:
    """Checks that no event was changed, removed, moved or put in, and that every checkpoint that
    was signed still holds; exits 1 if not."""
    services = build(Settings.from_environment())
    try:
        named = sites_with_traces(services)
        if site is not None and site in named:
            named = [SiteId(site)]
        elif site is not None:
            named = issuing.sites_asked(services.stores.log, services.log, site)  # there is none
        many = processes or os.cpu_count() or 1
        intact = [_verified(services, each, as_json, projections, many) for each in named]
    finally:
        services.close()
    if not all(intact):
        sys.exit(1)


def _verified(
    services: Services, site: SiteId, as_json: bool, projections: bool, processes: int
) -> bool:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{site}: verifying", total=None)

        def moved(position: int, head: int) -> None:
            progress.update(task, completed=position, total=head)

        found = verdict(services, site, moved, processes=processes, projections=projections)
    if as_json:
        click.echo(orjson.dumps({"site": site, **found}))
    elif found["intact"]:
        held = f"the chain holds up to {found['head'][:16]}"
        signed = f"{found['checkpoints']} checkpoints agree"
        if found["checkpoint"] is not None:
            signed += f", the newest at {found['checkpoint']}"
        if projections:
            signed += f"; {found['projection_rows']} rows beside it are what it makes"
        click.echo(f"{site}: {found['events']} events, {held}; {signed}")
    else:
        click.echo(f"{site}: {found['detail']} ({found['code']})")
    return bool(found["intact"])
