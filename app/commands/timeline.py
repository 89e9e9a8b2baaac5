"""`rationale timeline`: every event and decision of a person, in the order of the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

import click
import orjson

from aggregates.kernel.clock import parse_moment
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from app import issuing
from app.config import Settings
from app.persons_named import person_named
from app.persons_named import person_options
from app.wiring import Services
from app.wiring import build
from decisions.as_of import as_of
from decisions.timeline import KINDS
from decisions.timeline import Span
from decisions.timeline import Wanted
from decisions.timeline import item
from decisions.timeline import timeline


class _Filters(NamedTuple):
    """The options that choose items."""

    kind: str | None
    event: str | None
    decision_kind: str | None
    from_at: int | None
    to_at: int | None


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else parse_moment(value)
    except ValueError:
        raise click.BadParameter("write it as 2026-11-23T00:00:00Z", ctx, param) from None


@click.command()
@click.option("--site", required=True)
@person_options
@click.option("--at", help="As of a log position or a moment; without it up to now.")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only these.")
@click.option("--event", help="Only events of this name.")
@click.option("--decision-kind", help="Only decisions: cart, content, category, recommendations.")
@click.option("--from", "from_at", callback=_moment, help="First moment.")
@click.option("--to", "to_at", callback=_moment, help="First moment not included.")
@click.option("--json", "as_json", is_flag=True, help="Lines of JSON with all that was said.")
def command(site: str, at: str | None, *, as_json: bool, **given: Any) -> None:
    """All that happened with a person, up to where the decision index has come."""
    filters = _Filters(*(given.pop(name) for name in _Filters._fields))
    services = build(Settings.from_environment())
    try:
        (name,) = issuing.sites_asked(services.stores.log, services.log, site)
        upto = _upto(services, name, at)
        person = person_named(services, name, upto, **given)
        wanted = Wanted(**filters._asdict())
        _tell(timeline(services.means, name, person, wanted, Span(0, upto)), as_json=as_json)
        click.echo(f"up to position {upto}", err=True)
    finally:
        services.close()


def _upto(services: Services, site: SiteId, at: str | None) -> int:
    reached = services.log.head(site).position - services.follower.lag(site)
    if at is None:
        return reached
    position = as_of(services.log, services.clock, site, at, "--at").position
    if position > reached:
        detail = f"the decision index has come to {reached}: is `rationale follow` running?"
        raise click.ClickException(detail)
    return position


def _tell(events: Iterable[RecordedEvent], *, as_json: bool) -> None:
    for event in events:
        told = item(event)
        if as_json:
            click.echo(orjson.dumps(told))
            continue
        about = told["event"] or told["data"].get("decision_id") or told["topic"]
        erased = " (forgotten)" if told["erased"] else ""
        click.echo(
            f"{told['log_position']}  {told['occurred_at']}  {told['kind']}: {about}{erased}"
        )
