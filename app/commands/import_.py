"""`rationale import`: products, orders or events of a file, the way a request would bring them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress
from rich.progress import TaskProgressColumn
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from aggregates.kernel.clock import format_moment
from app import issuing
from app.config import Settings
from app.intake.import_files import KINDS
from app.intake.import_files import FileImport
from app.wiring import build

SHOWN_MAX = 10


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", required=True, help="Made if it is new.")
@click.option("--again", is_flag=True, help="All of it once more, also if it was done before.")
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
def command(kind: str, file: Path, site: str, again: bool, as_json: bool) -> None:
    """Imports NDJSON or CSV, plain or gzipped. Rows that are refused are counted and the first of
    them shown. An import that was killed goes on where it was; a file that was imported before
    changes nothing. Exits 1 if a row was refused."""
    named = issuing.site_named(site)
    services = build(Settings.from_environment())
    try:
        issuing.open_site(services.log, named)
        work = FileImport(services, named, kind, file, again=again)
        said = _said(work)
        with _bar() as bar:
            task = bar.add_task(f"{kind} of {file.name}", total=work.size, rows=0)
            done = work.run(lambda rows, read: bar.update(task, completed=read, rows=rows))
    finally:
        services.close()
    _tell({**asdict(done), **said}, as_json)
    sys.exit(1 if done.rejected else 0)


def _said(work: FileImport) -> dict[str, Any]:
    """Says, before the work begins, what of it was done before."""
    finished = work.finished_at
    before = None if finished is None else format_moment(finished)
    if before is not None:
        click.echo(f"imported before, on {before}: nothing is changed (--again sends it)", err=True)
    if work.resumed_at_row is not None:
        click.echo(f"resumed at row {work.resumed_at_row}", err=True)
    return {"resumed_at_row": work.resumed_at_row, "imported_before": before}


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _tell(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(done))
        return
    for error in done["errors"][:SHOWN_MAX]:
        click.echo(f"line {error['line']}: {error['detail']} ({error['code']})", err=True)
    counts = {name: value for name, value in done.items() if isinstance(value, int)}
    counts.pop("resumed_at_row", None)
    click.echo(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in counts.items()))
