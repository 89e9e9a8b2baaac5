"""`rationale keys`: API keys from the command line, the first one of a site above all."""

from __future__ import annotations

import click
import orjson

from aggregates.kernel.errors import NotFound
from app import issuing
from app.authoring.noting import noted
from app.config import Settings
from app.edge.callers import SCOPES
from app.wiring import Services
from app.wiring import build
from projections import api_keys


@click.group()
def command() -> None:
    """API keys of a site."""


@command.command()
@click.option("--site", required=True, help="Made if it is new.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    metavar="SCOPE...",
    help=f"One or more of {', '.join(sorted(SCOPES))}, with spaces or commas; may be repeated.",
)
@click.argument("more", nargs=-1, metavar="")
@click.option("--name", default="command line", show_default=True)
@click.option("--note", help="Why.")
@click.option("--json", "as_json", is_flag=True, help="Key and id as one JSON object.")
def create(
    site: str,
    scopes: tuple[str, ...],
    more: tuple[str, ...],
    name: str,
    *,
    note: str | None,
    as_json: bool,
) -> None:
    """Issues a key and prints it once, alone on standard output."""
    asked = _scopes((*scopes, *more))
    services = build(Settings.from_environment())
    try:
        issued = issued_key(services, site, asked, name, note)
    finally:
        services.close()
    if as_json:
        click.echo(orjson.dumps({"key_id": issued.key_id, "key": issued.token}))
    else:
        click.echo(issued.token)


@command.command("list")
@click.option("--site", required=True)
@click.option("--json", "as_json", is_flag=True)
def listing(site: str, as_json: bool) -> None:
    """The keys of a site, without their texts."""
    services = build(Settings.from_environment())
    try:
        (named,) = issuing.sites_asked(services.stores.log, services.log, site)
        with services.stores.log.connect() as connection:
            found = api_keys.listed(connection, named)
    finally:
        services.close()
    for key in found:
        state = "revoked" if key.revoked else "live"
        fields = {"key_id": key.key_id, "name": key.name, "scopes": sorted(key.scopes)}
        if as_json:
            click.echo(orjson.dumps({**fields, "revoked": key.revoked}))
        else:
            click.echo(f"{key.key_id}  {state:7}  {','.join(sorted(key.scopes))}  {key.name}")


@command.command()
@click.argument("key_id")
@click.option("--site", required=True)
@click.option("--note", help="Why.")
def revoke(key_id: str, site: str, note: str | None) -> None:
    """Revokes a key: within a second no process takes it any more."""
    services = build(Settings.from_environment())
    try:
        with services.stores.log.connect() as connection:
            key = api_keys.find(connection, key_id)
        if key is None or key.site != site:
            raise NotFound("key_unknown", "no key by that id")
        by = issuing.By(note=noted(services.stores.log, key.site, note))
        issuing.revoke(services.log, key.site, key_id, by)
    finally:
        services.close()
    click.echo(f"{key_id} is revoked", err=True)


def _scopes(words: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are named, each once; what follows `--scope` counts as well."""
    found = dict.fromkeys(name for word in words for name in word.replace(",", " ").split())
    wrong = [name for name in found if name not in SCOPES]
    if wrong or not found:
        said = f"{wrong[0]!r} is not one of" if wrong else "name at least one of"
        raise click.BadParameter(f"{said} {', '.join(sorted(SCOPES))}.", param_hint="--scope")
    return (*found,)


def issued_key(
    services: Services, site: str, scopes: tuple[str, ...], name: str, note: str | None = None
) -> issuing.Issued:
    """Opens the site if it is new and issues the key."""
    named = issuing.site_named(site)
    issuing.check_key(name, scopes)
    issuing.open_site(services.log, named)
    new, digest = issuing.made(services.settings.secret_key)
    by = issuing.By(note=noted(services.stores.log, named, note))
    issuing.issue(services.log, named, new.key_id, digest, name=name, scopes=scopes, by=by)
    return new
