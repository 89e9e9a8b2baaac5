"""`rationale unsettled`: orders that settlement could not act on, and trying them again."""

from __future__ import annotations

import click
import orjson

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.edge import logging
from app.wiring import Services
from app.wiring import build
from projections import unsettled_orders
from projections.unsettled_orders import Unsettled


@click.command()
@click.option("--site", help="One site; without it every site.")
@click.option("--try-again", is_flag=True, help="Lets the job try those that are set aside.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object for each order.")
def command(site: str | None, try_again: bool, as_json: bool) -> None:
    """Lists orders whose events could not be settled, by the position of the first that failed.

    The job `settle` tries each ten times, a minute apart, and then sets it aside.
    """
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    services = build(settings)
    try:
        for name in issuing.sites_asked(services.stores.log, services.log, site):
            if try_again:
                _again(services, name)
            else:
                _list(services, name, as_json)
    finally:
        services.close()


def _again(services: Services, site: SiteId) -> None:
    with services.stores.read.execution_options(writing=True).begin() as connection:
        count = unsettled_orders.try_again(connection, site)
    click.echo(f"{site}: {count} orders are tried again in the next run of the job settle")


def _list(services: Services, site: SiteId, as_json: bool) -> None:
    with services.stores.read.connect() as connection:
        found = unsettled_orders.of_site(connection, site)
    for one in found:
        click.echo(_json(site, one) if as_json else _sentence(site, one))


def _json(site: SiteId, one: Unsettled) -> bytes:
    return orjson.dumps(
        {
            "site": site,
            "order": one.order,
            "position": one.position,
            "error": one.error,
            "tries": one.tries,
            "failed_at": format_moment(one.failed_at),
            "set_aside": one.is_aside,
        }
    )


def _sentence(site: SiteId, one: Unsettled) -> str:
    state = "set aside" if one.is_aside else "tried again in the next run"
    return f"{site}: event {one.position}: {one.error}, {one.tries} tries, {state}"
