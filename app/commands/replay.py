"""`rationale replay`: decides recorded decisions again and compares."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from aggregates.kernel.clock import parse_moment
from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from decisions.replay import MODES
from decisions.replay import Counts
from decisions.replay import replay_range
from decisions.replay import to_text


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
@click.option("--site", help="One site; without it every site.")
@click.option("--from", "start_at", type=_Moment(), default=None, help="First moment.")
@click.option("--to", "end_at", type=_Moment(), default=None, help="First moment not included.")
@click.option("--mode", type=click.Choice(MODES), default="recorded", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def command(
    site: str | None, start_at: int | None, end_at: int | None, mode: str, as_json: bool
) -> None:
    """Replays decisions; exits 1 if one comes out differently."""
    services = build(Settings.from_environment())
    try:
        names = issuing.sites_asked(services.stores.log, services.log, site)
        found = {name: _replayed(services, name, mode, start_at, end_at) for name in names}
    finally:
        services.close()
    for name, counts in found.items():
        _tell(name, counts, as_json)
    if any(counts.different for counts in found.values()):
        sys.exit(1)


def _replayed(
    services: Services, site: SiteId, mode: str, start_at: int | None, end_at: int | None
) -> Counts:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{site}: replaying {mode}", total=None)

        def moved(position: int, head: int) -> None:
            progress.update(task, completed=position, total=head)

        report: Callable[[int, int], None] = moved
        return replay_range(services.means, site, mode, (start_at or 0, end_at), report)


def _tell(site: SiteId, counts: Counts, as_json: bool) -> None:
    if as_json:
        answer = {
            "site": site,
            "replayed": counts.replayed,
            "identical": counts.identical,
            "erased": counts.erased,
            "different": [result.to_json() for result in counts.different],
        }
        click.echo(orjson.dumps(answer))
        return
    click.echo(
        f"{site}: {counts.replayed} decisions replayed, {counts.identical} identical,"
        f" {len(counts.different)} different, {counts.erased} of forgotten persons"
    )
    for result in counts.different:
        click.echo(f"  {result.decision_id}")
        for difference in result.differences:
            click.echo(f"    {to_text(difference)}")
        for lost in result.not_rebuilt:
            click.echo(f"    {lost}: the log cannot tell it any more")
