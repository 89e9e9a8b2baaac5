"""`rationale signing`: the public keys that checkpoints and reports are checked by."""

from __future__ import annotations

import click
import orjson

from app.config import Settings
from app.signing.signing import Signing


@click.group()
def command() -> None:
    """The installation's signing key."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="All keys as one JSON array.")
def public(as_json: bool) -> None:
    """Prints the public key as PEM, or with --json all that were ever used, the current first.
    Makes the key if there is none yet."""
    signing = Signing(Settings.from_environment())
    current = signing.public
    if as_json:
        click.echo(orjson.dumps([key.to_json() for key in signing.known().values()]))
    else:
        click.echo(f"key {current.key_id}", err=True)
        click.echo(current.pem, nl=False)


@command.command()
def rotate() -> None:
    """Makes a new key for all that is signed from now on; running processes take it up when they
    start again. What the former key signed stays valid."""
    key = Signing(Settings.from_environment()).rotate()
    click.echo(f"key {key.key_id}", err=True)
    click.echo(key.pem, nl=False)
