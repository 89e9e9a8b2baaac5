"""Naming a person on the command line: ids of clients come from standard input, never as arguments,
which every user of the machine sees in its list of processes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from typing import TypeVar

import click

from aggregates.kernel.ids import SiteId
from app.wiring import Services
from decisions.persons import Person
from decisions.persons import looked_up
from decisions.persons import person_at

F = TypeVar("F", bound=Callable[..., Any])


def person_options(command: F) -> F:
    """`--customer-id -`, `--anonymous-id -` or `--person PSEUDONYM`."""
    stdin = click.Choice(["-"])
    options = (
        click.option("--person", help="A pseudonym, which POST /v1/shoppers/lookup finds."),
        click.option("--anonymous-id", type=stdin, help="-: read from standard input."),
        click.option("--customer-id", type=stdin, help="-: read from standard input."),
    )
    for option in options:
        command = option(command)
    return command


def person_named(
    services: Services,
    site: SiteId,
    position: int,
    *,
    customer_id: str | None,
    anonymous_id: str | None,
    person: str | None,
) -> Person:
    """The person at a position; UsageError unless exactly one name is given, NotFound, Erased."""
    given = [one for one in (customer_id, anonymous_id, person) if one is not None]
    if len(given) != 1:
        raise click.UsageError("give one of --customer-id -, --anonymous-id -, --person")
    means = services.means
    if person is None:
        value = sys.stdin.readline().rstrip("\r\n")
        kind = "customer" if customer_id is not None else "anonymous"
        person = looked_up(means, site, kind, value).id
    return person_at(means, site, person, position)
