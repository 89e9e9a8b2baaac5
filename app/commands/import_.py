"""`rationale import`: products, orders, events or cart rules of a file, as requests bring them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress
from rich.progress import TaskID
from rich.progress import TaskProgressColumn
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from aggregates.kernel.clock import format_moment
from app import issuing
from app.adobe_rules.importing import Source
from app.adobe_rules.importing import import_rules
from app.adobe_rules.names import Names
from app.adobe_rules.names import read_names
from app.adobe_rules.reading import not_in_file
from app.adobe_rules.reading import read_coupons
from app.adobe_rules.reading import read_rules
from app.adobe_rules.telling import tell
from app.authoring.drafts import Drafts
from app.authoring.noting import noted
from app.config import Settings
from app.intake.import_files import KINDS
from app.intake.import_files import FileImport
from app.wiring import build

SHOWN_MAX = 10
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Takes a file in as requests would bring it."""


def _rows(kind: str) -> None:
    """The command for files of rows of one kind."""

    @command.command(kind, short_help=f"{kind.capitalize()} from NDJSON or CSV.")
    @click.argument("file", type=FILE)
    @click.option("--site", required=True, help="Made if it is new.")
    @click.option("--again", is_flag=True, help="All of it once more, also if it was done before.")
    @click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
    def rows(file: Path, site: str, again: bool, as_json: bool) -> None:
        """Imports NDJSON or CSV, plain or gzipped. Rows that are refused are counted and the first
        of them shown. An import that was killed goes on where it was; a file that was imported
        before changes nothing. Exits 1 if a row was refused."""
        _import_rows(kind, file, site, again=again, as_json=as_json)


for _kind in KINDS:
    _rows(_kind)


@command.command("adobe-rules", short_help="Cart rules from Adobe Commerce.")
@click.argument("file", type=FILE)
@click.option("--site", required=True, help="Made if it is new.")
@click.option("--names", "names_file", type=FILE, help="JSON: what Adobe's ids are called here.")
@click.option("--coupons", "coupons_file", type=FILE, help="The answer of /V1/coupons/search.")
@click.option("--note", help="Why; kept with each draft.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def adobe_rules(
    file: Path,
    site: str,
    names_file: Path | None,
    coupons_file: Path | None,
    *,
    note: str | None,
    as_json: bool,
) -> None:
    """Drafts the cart price rules in an answer of Adobe's GET /V1/salesRules/search, each under
    the key adobe-<rule_id>, and tells of each what it could not carry. Nothing is published. The
    same import again changes nothing, a newer file updates the same drafts. Exits 1 if anything
    was left out. A file that is wrong is refused as a whole."""
    named = issuing.site_named(site)
    data = file.read_bytes()
    source = Source(
        read_rules(data),
        read_coupons(coupons_file.read_bytes()) if coupons_file else {},
        read_names(names_file.read_bytes()) if names_file else Names(),
    )
    services = build(Settings.from_environment())
    try:
        issuing.open_site(services.log, named)
        why = noted(services.stores.log, named, note)
        drafts = Drafts(services.stores.log, services.log, services.clock)
        with _bar() as bar:
            task = bar.add_task(f"rules of {file.name}", total=len(source.rules), rows=0)
            heard = partial(_heard, bar, task)
            reports = import_rules(drafts, named, source, heard, note=why)
    finally:
        services.close()
    if more := not_in_file(data):
        click.echo(f"the file is one page of the answer: {more} more rules are in Adobe", err=True)
    tell(reports, as_json=as_json)
    sys.exit(0 if all(report.whole for report in reports) else 1)


def _heard(bar: Progress, task: TaskID, done: int) -> None:
    bar.update(task, completed=done, rows=done)


def _import_rows(kind: str, file: Path, site: str, *, again: bool, as_json: bool) -> None:
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
