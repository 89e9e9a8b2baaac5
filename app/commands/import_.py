"""`rationale import`: products, orders or events of a file, the way a request would bring them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from app import issuing
from app.config import Settings
from app.intake.imports import import_events
from app.intake.imports import import_orders
from app.intake.imports import import_products
from app.wiring import build

KINDS: dict[str, Callable[..., Any]] = {
    "products": import_products,
    "orders": import_orders,
    "events": import_events,
}
SHOWN_MAX = 10


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", required=True, help="Made if it is new.")
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
def command(kind: str, file: Path, site: str, as_json: bool) -> None:
    """Imports NDJSON or CSV, plain or gzipped. Rows that are refused are counted and the first of
    them shown; the same file again changes nothing. Exits 1 if a row was refused."""
    named = issuing.site_named(site)
    services = build(Settings.from_environment())
    try:
        issuing.open_site(services.log, named)
        with _bar() as bar:
            task = bar.add_task(f"{kind} of {file.name}", total=None)
            done = KINDS[kind](services, named, file, lambda rows: bar.advance(task, rows))
    finally:
        services.close()
    _tell(asdict(done), as_json)
    sys.exit(1 if done.errors else 0)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} rows"))
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)


def _tell(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(done))
        return
    for error in done["errors"][:SHOWN_MAX]:
        click.echo(f"line {error['line']}: {error['detail']} ({error['code']})", err=True)
    counts = {name: value for name, value in done.items() if name != "errors"}
    click.echo(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in counts.items()))
