"""`rationale erase`: forgets a person, by an id that stands on standard input."""

from __future__ import annotations

import sys

import click
import orjson

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.edge.validation import load
from app.erasure.erase import ON_REQUEST
from app.erasure.erase import erase
from app.erasure.erase import finish
from app.schemas.erasure import ErasureSchema
from app.wiring import Services
from app.wiring import build

_ID = click.Choice(["-"])


@click.command()
@click.option("--site", required=True)
@click.option("--customer-id", type=_ID, help="-: read from standard input.")
@click.option("--anonymous-id", type=_ID, help="-: read from standard input.")
@click.option("--reason", default=ON_REQUEST, show_default=True, help="A code, never a name.")
@click.option("--json", "as_json", is_flag=True)
def command(
    site: str, customer_id: str | None, anonymous_id: str | None, reason: str, as_json: bool
) -> None:
    """Erases whom an id belongs to, with all that is linked to it, for good. The id is read from
    standard input, so that it stands in no history of commands. Erasing again changes nothing."""
    if (customer_id is None) == (anonymous_id is None):
        raise click.UsageError("one of --customer-id - and --anonymous-id -")
    kind = "customer" if customer_id is not None else "anonymous"
    value = sys.stdin.read().strip()
    services = build(Settings.from_environment())
    try:
        (named,) = issuing.sites_asked(services.stores.log, services.log, site)
        name = _named(services, named, kind, value)
        asked = load(ErasureSchema(), {"reason": reason})
        begun = erase(services, named, name, actor="command line", reason=asked["reason"])
        done = begun if begun.finished_at is not None else finish(services, named, begun)
    finally:
        services.close()
    at = format_moment(done.erased_at)
    if as_json:
        told = {"pseudonyms": len(done.pseudonyms), "erased_at": at, "log_position": done.position}
        click.echo(orjson.dumps(told))
    else:
        click.echo(f"erased at {at}: {len(done.pseudonyms)} pseudonyms mean nobody any more")


def _named(services: Services, site: SiteId, kind: str, value: str) -> Pseudonym:
    found = services.keys.find(site, kind, value)
    if found is None:
        raise NotFound("person_unknown", "nothing is held under this id")
    return found
