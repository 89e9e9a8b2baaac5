"""`rationale as-of`: what was known, listed, live and used as of a moment or a log position."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import NamedTuple

import click
import orjson

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from app import issuing
from app.authoring.bodies import on_the_wire
from app.authoring.views import entry_view
from app.authoring.views import revision_view
from app.config import Settings
from app.intake.catalogue import shown
from app.persons_named import person_named
from app.persons_named import person_options
from app.wiring import Services
from app.wiring import build
from decisions.as_of import AsOf
from decisions.as_of import as_of
from decisions.catalogue_as_of import product_as_of
from decisions.known import known
from decisions.rules_as_of import compiled_as_of
from decisions.rules_as_of import revision_as_of
from decisions.usage_as_of import Subject
from decisions.usage_as_of import counters
from decisions.usage_as_of import told_usage
from decisions.usage_as_of import usage_as_of
from projections import revisions

_site = click.option("--site", required=True)
_at = click.option("--at", "at", help="A log position, or a moment such as 2026-11-23T00:00:00Z.")
_json = click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object.")


class _Asked(NamedTuple):
    """A site's past."""

    services: Services
    site: SiteId
    then: AsOf


@click.group()
def command() -> None:
    """What was so as of a moment (what was recorded by then) or a log position; without --at now.
    Told by the log alone."""


@command.command()
@_site
@_at
@person_options
@_json
def shopper(site: str, at: str | None, *, as_json: bool, **named: str | None) -> None:
    """What was known of a person: profile, links, segments, activity, orders."""
    with _asked(site, at) as asked:
        person = person_named(asked.services, asked.site, asked.then.position, **named)
        told = known(asked.services.means, asked.site, person, asked.then)
    if as_json:
        _tell_json(told)
        return
    _tell_then(asked.then)
    profile = told["profile"]
    click.echo(f"person {told['person']}, {len(told['pseudonyms'])} pseudonyms")
    if profile is not None:
        click.echo(f"first seen {profile['first_seen_at']}, group {profile['group']}")
        for name, trait in profile["traits"].items():
            click.echo(f"  {name}: {trait['value']} (position {trait['log_position']})")
    segments = told["segments"]
    names = ", ".join(segment["name"] for segment in segments["members"]) or "none"
    click.echo(f"segments by revision {segments['revision']}: {names}")
    for summed in told["orders"]["by_currency"]:
        click.echo(f"orders: {summed['count']}, {summed['sum']} {summed['currency']} in all")
    for row in told["activity"]:
        click.echo(f"{row['event']}: {row['count']}, last {row['last_at']}")


@command.command()
@click.argument("sku")
@_site
@_at
@_json
def product(sku: str, site: str, at: str | None, *, as_json: bool) -> None:
    """A product as it was listed."""
    with _asked(site, at) as asked:
        told = shown(product_as_of(asked.services.log, asked.site, sku, asked.then))
    if as_json:
        _tell_json({"as_of": asked.then.to_json(), **told})
        return
    _tell_then(asked.then)
    for name, value in told.items():
        click.echo(f"{name}: {value}")


@command.command()
@_site
@_at
@_json
def ruleset(site: str, at: str | None, *, as_json: bool) -> None:
    """The revision that decided, and what it held."""
    with _asked(site, at) as asked:
        number = revision_as_of(asked.services.log, asked.site, asked.then.position)
        told: dict[str, Any] = {"revision": number, "entries": []}
        if number:
            with asked.services.stores.log.connect() as connection:
                told = revision_view(revisions.find(connection, asked.site, number))
                entries = revisions.entries(connection, asked.site, number)
                bodies = revisions.bodies(connection, asked.site, {one.digest for one in entries})
            told["entries"] = [
                {**entry_view(one), "body": on_the_wire(bodies[one.digest])} for one in entries
            ]
    if as_json:
        _tell_json({"as_of": asked.then.to_json(), **told})
        return
    _tell_then(asked.then)
    click.echo(f"revision {number}: {len(told['entries'])} definitions")
    for entry in told["entries"]:
        name = entry["body"].get("name") or entry["key"]
        click.echo(f"  {entry['kind']} {entry['id']} version {entry['version']}: {name}")


@command.command()
@_site
@_at
@click.option("--rule-id")
@click.option("--campaign")
@click.option("--coupon")
@_json
def usage(site: str, at: str | None, *, as_json: bool, **subject: Any) -> None:
    """How much of limits and budgets was used."""
    with _asked(site, at) as asked:
        means = asked.services.means
        compiled = compiled_as_of(means, asked.site, asked.then.position)
        used = usage_as_of(means, asked.site, asked.then)
        found = counters(used, Subject(**subject))
        items = [told_usage(compiled, one, used[one.key]) for one in found]
    if as_json:
        told = {"as_of": asked.then.to_json(), "revision": compiled.revision, "items": items}
        _tell_json(told)
        return
    _tell_then(asked.then)
    for item in items:
        whose = f" of person {item['person']}" if item["person"] else ""
        most = "" if item["most"] is None else f" of {item['most']}"
        unit = f" {item['currency']}" if item["currency"] else ""
        click.echo(f"{item['subject']} {item['name']}{whose}: {item['used']}{most}{unit}")


@contextmanager
def _asked(site: str, at: str | None) -> Iterator[_Asked]:
    services = build(Settings.from_environment())
    try:
        (name,) = issuing.sites_asked(services.stores.log, services.log, site)
        yield _Asked(services, name, as_of(services.log, services.clock, name, at, "--at"))
    finally:
        services.close()


def _tell_then(then: AsOf) -> None:
    click.echo(f"as of position {then.position}, {format_moment(then.at)}")


def _tell_json(told: dict[str, Any]) -> None:
    click.echo(orjson.dumps(told))
