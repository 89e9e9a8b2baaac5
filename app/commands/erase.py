"""`rationale erase`: forgets a person, by an id that stands on standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

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
from app.erasure.export import export
from app.schemas.erasure import ErasureSchema
from app.wiring import Services
from app.wiring import build

_ID = click.Choice(["-"])
FILE = click.Path(dir_okay=False, path_type=Path)
_PRIVATE = 0o600


@click.command()
@click.option("--site", required=True)
@click.option("--customer-id", type=_ID, help="-: read from standard input.")
@click.option("--anonymous-id", type=_ID, help="-: read from standard input.")
@click.option("--export", "to", type=FILE, help="Writes all that is held to this file before.")
@click.option("--reason", default=ON_REQUEST, show_default=True, help="A code, never a name.")
@click.option("--json", "as_json", is_flag=True)
def command(
    site: str,
    customer_id: str | None,
    anonymous_id: str | None,
    *,
    to: Path | None,
    reason: str,
    as_json: bool,
) -> None:
    """Erases whom an id belongs to, with all that is linked to it, for good. The id is read from
    standard input, so that it stands in no history of commands. Once erased, nothing is held under
    the id any more, which ends with 1."""
    if (customer_id is None) == (anonymous_id is None):
        raise click.UsageError("one of --customer-id - and --anonymous-id -")
    asked = load(ErasureSchema(), {"reason": reason})
    kind = "customer" if customer_id is not None else "anonymous"
    value = sys.stdin.read().strip()
    services = build(Settings.from_environment())
    try:
        (named,) = issuing.sites_asked(services.stores.log, services.log, site)
        name = _named(services, named, kind, value)
        if to is not None:
            _write(to, export(services, named, name))
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


def _write(path: Path, lines: Iterator[bytes]) -> None:
    """All of it or nothing, for its owner alone, and on the disk before anybody is erased."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)  # half of it is personal data in a forgotten place
    except OSError as error:
        detail = f"nobody is erased: the export cannot be written: {error.strerror}"
        raise click.ClickException(detail) from None
