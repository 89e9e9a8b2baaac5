"""`rationale train`: models of recommendations and rankings, from the log."""

from __future__ import annotations

import os
import sys

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress
from rich.progress import TaskProgressColumn
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.edge import logging
from app.training.publishing import Entry
from app.training.train import TrainingReport
from app.training.train import train
from app.wiring import Services
from app.wiring import build

_NICENESS = 10  # behind decisions, and behind the follower
_WHY = {
    "empty": "there is nothing in its window",
    "failed": "its training failed; the ERROR line says where",
}


@click.command()
@click.argument("unit_types", nargs=-1, metavar="[UNIT_TYPE]...")
@click.option("--site", help="One site; without it every site.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object for each site.")
def command(unit_types: tuple[str, ...], site: str | None, as_json: bool) -> None:
    """Trains these types of units, or all. A type that fails or has nothing to learn from goes on
    serving what it served, and says so. Exits with 1 if one failed."""
    os.nice(_NICENESS)
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    services = build(settings)
    try:
        names = issuing.sites_asked(services.stores.log, services.log, site)
        reports = {name: _trained(services, name, unit_types) for name in names}
    finally:
        services.close()
    for name, report in reports.items():
        _tell(name, report, as_json)
    entries = [entry for report in reports.values() for entry in report.types.values()]
    sys.exit(1 if any(entry.get("why") == "failed" for entry in entries) else 0)


def _trained(services: Services, site: SiteId, unit_types: tuple[str, ...]) -> TrainingReport:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"{site}: training", total=None)

        def moved(what: str, done: int, total: int) -> None:
            progress.update(task, description=f"{site}: {what}", completed=done, total=total)

        return train(services, site, unit_types, moved)


def _tell(site: SiteId, report: TrainingReport, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps({"site": site, **report.to_json()}))
        return
    made = report.model or "no new model"
    click.echo(f"{site}: {made}, log read to {report.trained_to}, {report.seconds:.1f} s")
    for name, entry in report.types.items():
        click.echo(f"  {name:<16} {_line(entry)}")


def _line(entry: Entry) -> str:
    ready = f"readiness {entry['readiness']}"
    if entry["outcome"] == "trained":
        return f"trained to {entry['trained_to']}, {ready}"
    why = _WHY[entry["why"]]
    if entry["digest"] is None:
        return f"serves nothing: {why}"
    return f"serves what was trained to {entry['trained_to']}, {ready}: {why}"
