"""`rationale explain`: why a decision came out as it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import orjson

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from decisions.explain import explained_for_audit
from decisions.explaining import Explaining
from decisions.made import Made
from decisions.messages.catalogue import CATALOGUES
from decisions.messages.catalogue import ENGLISH
from decisions.replay import find
from decisions.replay import remade
from decisions.sentences import Telling
from decisions.told_trees import tree_lines


@click.command()
@click.argument("decision_id")
@click.option("--site", help="Where to look; without it in every site.")
@click.option(
    "--locale",
    default=ENGLISH,
    show_default=True,
    help=f"The language of the sentences: {', '.join(CATALOGUES)}; English for any other.",
)
@click.option("--json", "as_json", is_flag=True, help="All of it, as the HTTP route answers it.")
def command(decision_id: str, site: str | None, locale: str, as_json: bool) -> None:
    """Says why a decision came out as it did: in sentences, step by step, and rule by rule."""
    services = build(Settings.from_environment())
    try:
        name, made = _found(services, decision_id, site)
        told = explained_for_audit(services.means, name, made, locale)
    finally:
        services.close()
    if as_json:
        click.echo(orjson.dumps(told))
        return
    telling = Explaining.of(made, audit=True, locale=locale).telling
    for line in _lines(made, told, telling):
        click.echo(line)


def _lines(made: Made, told: dict[str, Any], telling: Telling) -> Iterator[str]:
    """The whole explanation as text; `+` and `-` say what was true and what was not."""
    record = made.record
    moment = format_moment(record.decided_at)
    yield f"{record.decision_id}: {record.kind}, revision {record.revision}, {moment}"
    for sentence in told["summary"]:
        yield f"  {sentence}"
    for step in told["steps"]:
        yield f"\n{step['step']}. {step['detail']}"
        for line in step.get("lines", ()):
            yield f"     {line['line_id']}: {line['before']} - {line['discount']} = {line['after']}"
    for name, explained in (("rule_id", told["rules"]), ("segment_id", told["segments"])):
        for one in explained:
            yield f"\n{one['name']} ({one[name]})"
            yield from (f"  {line}" for line in tree_lines(one["because"], telling))
    for item in (*told.get("items", ()), *_of_units(told)):
        counts = item.get("evidence", item).get("events", {})
        own = counts.get("own", {}).get("events", ())
        yield f"\n{item['sku']}: {item['score']}"
        if "of" in counts:
            yield f"  {counts['of']}, {counts['since']} .. #{counts['upto_position']}"
        if own:
            yield f"  #{', #'.join(map(str, own))}"


def _of_units(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The products of all units of a page."""
    return (item for unit in told.get("units", ()) for item in unit["items"])


def _found(services: Services, decision_id: str, site: str | None) -> tuple[SiteId, Made]:
    means = services.means
    for name in issuing.sites_asked(services.stores.log, services.log, site):
        try:
            record = find(means, name, decision_id)
        except NotFound:
            continue
        return name, remade(means, name, record, record.positions["head"])
    raise NotFound("decision_unknown", "no decision by that id")
