"""`rationale simulate`: what recorded carts would have got by other rules, without publishing."""

from __future__ import annotations

import re
import sys
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import Progress
from rich.progress import TaskProgressColumn
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn

from aggregates.kernel.clock import parse_moment
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.ids import SiteId
from app import issuing
from app.authoring.soundness import Trial
from app.config import Settings
from app.edge import logging
from app.edge.validation import load
from app.schemas.simulation import SimulationQuestionSchema
from app.simulation.asking import resolved
from app.simulation.running import run_simulation
from app.simulation.telling import told
from app.wiring import Services
from app.wiring import build
from decisions.simulation.spec import SCHEDULES_MODES
from decisions.simulation.spec import SEGMENTS_MODES

_SHARE = re.compile(r"(?:0?\.[0-9]{1,9}|1(?:\.0{1,9})?)\Z")


def _moment(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """As written, if it is an RFC 3339 moment; else wrong use."""
    try:
        parse_moment(value)
    except ValueError:
        raise click.BadParameter("write it as 2026-11-23T00:00:00Z", ctx, param) from None
    return value


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--from", "start_at", callback=_moment, required=True, help="First moment.")
@click.option("--to", "end_at", callback=_moment, required=True, help="First one not included.")
@click.option("--site", help="Which site, where there are several.")
@click.option("--sample", help="A share below 1, as 0.1, or a number of decisions, as 5000.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Another one draws others.")
@click.option("--segments", type=click.Choice(SEGMENTS_MODES), default="recorded")
@click.option("--schedules", type=click.Choice(SCHEDULES_MODES), default="kept")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(
    file: Any,
    *,
    start_at: str,
    end_at: str,
    site: str | None,
    sample: str | None,
    seed: int,
    segments: str,
    schedules: str,
    as_json: bool,
) -> None:
    """Decides the recorded carts of a range again under a candidate, on all cores.

    FILE is JSON: a candidate `{"revision"?, "changes": [..]}` as POST /v1/simulations takes it, or
    its list of changes alone; - reads standard input. Nothing is written. Exits with 1 if the
    candidate could not be published, or if recorded decisions do not come out as recorded.
    """
    document: dict[str, Any] = {
        "candidate": _candidate(file.read()),
        "over": {"from": start_at, "to": end_at},
        "segments": segments,
        "schedules": schedules,
    }
    if sample is not None:
        document["sample"] = {**_sample(sample), "seed": seed}
    asked = load(SimulationQuestionSchema(), document)
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    services = build(settings)
    try:
        result = _simulated(services, _site(services, site), asked)
    finally:
        services.close()
    click.echo(orjson.dumps(result) if as_json else told(result))
    if result["checked"]["different"]:
        sys.exit(1)


def _candidate(data: bytes) -> Any:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidValue("malformed_json", f"the file is no JSON: {error}") from None
    return {"changes": found} if isinstance(found, list) else found


def _sample(text: str) -> dict[str, Any]:
    if text.isascii() and text.isdecimal() and text != "1":
        return {"count": int(text)}
    if _SHARE.match(text):
        return {"share": f"0{text}" if text.startswith(".") else text}
    raise InvalidValue("share_or_count", "a sample is a share, as 0.1, or a number, as 5000")


def _site(services: Services, name: str | None) -> SiteId:
    found = issuing.sites_asked(services.stores.log, services.log, name)
    if len(found) != 1:
        raise InvalidValue("site_unknown", f"--site is one of {', '.join(found)}")
    return found[0]


def _simulated(services: Services, site: SiteId, asked: dict[str, Any]) -> dict[str, Any]:
    question = resolved(services, site, asked, Trial())
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{site}: simulating", total=None)

        def moved(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        return run_simulation(services, site, question, moved)
