"""`rationale explain`: why a decision came out as it did."""

from __future__ import annotations

import click
import orjson

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from app import issuing
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from decisions.explain import explanation
from decisions.made import Made
from decisions.replay import find
from decisions.replay import remade


@click.command()
@click.argument("decision_id")
@click.option("--site", help="Where to look; without it in every site.")
@click.option("--json", "as_json", is_flag=True, help="All of it, with trees and facts.")
def command(decision_id: str, site: str | None, as_json: bool) -> None:
    """Says why a decision came out as it did, in plain sentences."""
    services = build(Settings.from_environment())
    try:
        made = _found(services, decision_id, site)
        told = explanation(made, audit=True)
    finally:
        services.close()
    if as_json:
        click.echo(orjson.dumps(told))
        return
    record = made.record
    click.echo(
        f"{record.decision_id}: {record.kind}, revision {record.revision},"
        f" {format_moment(record.decided_at)}"
    )
    for sentence in told["summary"]:
        click.echo(f"  {sentence}")


def _found(services: Services, decision_id: str, site: str | None) -> Made:
    means = services.means
    for name in issuing.sites_asked(services.stores.log, services.log, site):
        try:
            record = find(means, name, decision_id)
        except NotFound:
            continue
        return remade(means, name, record, record.positions["head"])
    raise NotFound("decision_unknown", "no decision by that id")
