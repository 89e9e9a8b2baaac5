"""`rationale replay`: decides recorded decisions again and compares."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path
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
from aggregates.kernel.errors import DomainError
from app import issuing
from app.config import Settings
from app.replaying import report as reports
from app.replaying import running
from app.replaying.plan import Asked
from app.replaying.plan import planned
from app.signing.signing import Signing
from app.wiring import Services
from app.wiring import build
from decisions.findings import to_text
from decisions.replay import MODES
from decisions.replay import find
from decisions.replay import replay

FOLDER = "replays"
"""In the data folder: how far replays are that were not ended, without anything of persons."""
_SHOWN = 100


class _Moment(click.ParamType[int]):
    """An RFC 3339 moment."""

    name = "moment"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Microseconds, or wrong use."""
        try:
            return parse_moment(value)
        except ValueError:
            self.fail("write it as 2026-11-23T00:00:00Z", param, ctx)


@click.command()
@click.argument("decision_id", required=False)
@click.option("--site", help="One site; without it every site.")
@click.option("--from", "start_at", type=_Moment(), default=None, help="First moment.")
@click.option("--to", "end_at", type=_Moment(), default=None, help="First moment not included.")
@click.option("--mode", type=click.Choice(MODES), default="recorded", show_default=True)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=running.cores,
    show_default="all cores",
    help="Processes at once.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where a signed report of one site is written.",
)
@click.option(
    "--check",
    "checked_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Checks the signature of such a report, and replays nothing.",
)
@click.option("--json", "as_json", is_flag=True)
def command(**given: Any) -> None:
    """Replays one decision, or all of a range; exits 1 if one comes out differently. A range that
    was interrupted goes on where it was when the same is asked again."""
    settings = Settings.from_environment()
    if given["checked_file"]:
        _check(settings, given["checked_file"])
        return
    services = build(settings)
    try:
        if given["decision_id"]:
            held = _replay_one(services, given)
        else:
            held = _replay_many(services, given)
    finally:
        services.close()
    sys.exit(0 if held else 1)


def _check(settings: Settings, path: Path) -> None:
    try:
        verdict = reports.verdict(Signing(settings), reports.read(path))
    except reports.BadReport as error:
        msg = f"{path} is no report of a replay: {error.why}"
        raise click.ClickException(msg) from error
    click.echo(f"{path}: {verdict}")
    sys.exit(0 if verdict == "valid" else 1)


def _replay_one(services: Services, given: dict[str, Any]) -> bool:
    """Of the site that has it, with the values of all that differs."""
    names = issuing.sites_asked(services.stores.log, services.log, given["site"])
    for site in names:
        try:
            record = find(services.means, site, given["decision_id"])
        except DomainError as error:
            if error.code == "decision_unknown" and site != names[-1]:
                continue
            raise
        done = replay(services.means, site, record, given["mode"])
        if given["as_json"]:
            click.echo(orjson.dumps({"site": site, **done.to_json()}))
            return done.identical
        click.echo(f"{done.decision_id}: {'identical' if done.identical else 'not identical'}")
        for line in (
            *(to_text(one) for one in done.differences),
            *(f"{one.name} not rebuilt: {one.code}" for one in done.not_rebuilt),
            *(f"{one.code}: {one.detail}" for one in done.findings),
        ):
            click.echo(f"  {line}")
        return done.identical
    return True


def _replay_many(services: Services, given: dict[str, Any]) -> bool:
    names = issuing.sites_asked(services.stores.log, services.log, given["site"])
    file: Path | None = given["report_file"]
    if file is not None and len(names) != 1:
        msg = "a report is of one site: name it with --site"
        raise click.UsageError(msg)
    done = []
    for site in names:
        asked = Asked(site, given["mode"], given["start_at"], given["end_at"])
        report = _replay_site(services, asked, given["workers"], file)
        _tell(report, as_json=given["as_json"])
        done.append(report["holds"])
    return all(done)


def _replay_site(
    services: Services, asked: Asked, workers: int, file: Path | None
) -> dict[str, Any]:
    if file is not None:
        folder = file.with_name(f"{file.name}.unfinished")
    else:
        named = f"{asked.mode} {asked.start_at} {asked.end_at}".encode()
        name = f"{asked.site}-{hashlib.sha256(named).hexdigest()[:16]}"
        folder = services.settings.data_dir / FOLDER / name
    plan, goes_on = planned(services, asked, version("rationale"), folder)
    if goes_on:
        click.echo(f"{asked.site}: going on with what {folder} has", err=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"{asked.site}: replaying {asked.mode}", total=None)

        def moved(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        tally = running.run(services, plan, folder, workers, moved)
    report = reports.report_of(plan, tally, services.clock.now())
    if file is not None:
        reports.write(file, services.signing, report)
    running.forget(folder)
    return report


def _tell(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(report))
        return
    counts = report["counts"]
    click.echo(
        f"{report['site']}: {counts['replayed']} decisions replayed, {counts['identical']}"
        f" identical, {counts['different']} different, {counts['erased']} of forgotten persons"
    )
    for revision in report["revisions"]:
        if revision["code"] != "proven":
            click.echo(f"  revision {revision['revision']}: {revision['code']}")
    for finding in report["findings"][:_SHOWN]:
        click.echo(f"  {finding['decision_id'] or 'position'} ({finding['position']})")
        for line in _lines(finding):
            click.echo(f"    {line}")
    more = len(report["findings"]) - _SHOWN
    if more > 0:
        click.echo(f"  and {more} more: --report or --json has them all")


def _lines(finding: dict[str, Any]) -> list[str]:
    told = [
        f"{one['path']}: {one['recorded']!r} recorded, {one['replayed']!r} replayed"
        if "sealed" not in one
        else f"{one['path']}: differs; rationale replay {finding['decision_id']} says how"
        for one in finding["differences"]
    ]
    told += [f"{one['name']} not rebuilt: {one['code']}" for one in finding["not_rebuilt"]]
    return told + [f"{one['code']}: {one['detail']}" for one in finding["findings"]]
