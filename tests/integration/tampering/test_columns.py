"""Each column of each table that matters, changed behind the service's back: every one is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Table

from aggregates.kernel.errors import TamperedLog
from app.engines import reading
from app.eventlog.sealing import RowSeals
from app.verifying import tables
from app.verifying.afresh import Afresh
from app.verifying.comparing import compare
from app.verifying.projections import compare_all
from app.verifying.verdict import sites_with_traces
from app.verifying.verdict import verdict
from migrations.tables import metadata
from projections import positions
from tests.fakes import SettableClock
from tests.log_events import SITE
from tests.tampering_given import Row
from tests.tampering_given import Site
from tests.tampering_given import a_row
from tests.tampering_given import changed
from tests.tampering_given import exchange


@pytest.fixture
def site(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    made = Site(database_url, tmp_path, clock)
    made.fill()
    yield made
    made.close()


@contextmanager
def _instead(engine: Engine, table: Table, before: Row | None, after: Row | None) -> Iterator[None]:
    exchange(engine, table, before, after)
    yield
    exchange(engine, table, after, before)


def _tampered(engine: Engine, table: Table) -> Iterator[str]:
    """Names each way to change a row while the database has it so."""
    row = a_row(engine, table)
    for column in table.columns:
        if column.name not in tables.NOT_COMPARED.get(table.name, {}):
            after = {**row, column.name: changed(column, row[column.name])}
            with _instead(engine, table, row, after):
                yield f"{table.name}.{column.name}"
    with _instead(engine, table, row, None):
        yield f"{table.name}: a row is gone"


def _differs(here: Connection, there: Connection, table: Table, seals: RowSeals) -> bool:
    try:
        compare(here, there, SITE, table, seals)
    except TamperedLog as error:
        return bool(error.data["table"] == table.name)
    return False


def test_a_change_of_the_log_and_its_checkpoints_is_found(site: Site) -> None:
    engine = site.services.stores.log
    assert verdict(site.services, SITE)["intact"]
    missed = [
        name
        for table in sorted(tables.CHAINED)
        for name in _tampered(engine, metadata("log").tables[table])
        if verdict(site.services, SITE)["intact"]
    ]
    assert missed == []
    assert verdict(site.services, SITE)["intact"]


def test_a_change_beside_the_log_is_found(site: Site, tmp_path: Path) -> None:
    services = site.services
    assert compare_all(services, SITE) > 20
    folder = tmp_path / "afresh"
    folder.mkdir()
    afresh = Afresh(services, SITE, folder)
    afresh.fold(services.log.head(SITE).position)
    with services.stores.read.connect() as connection:
        places = positions.places(connection, SITE)
    assert afresh.follow(places) == places.keys()
    compared = {
        **dict.fromkeys(tables.FOLDED, (services.stores.log, afresh.log, "log")),
        **dict.fromkeys(tables.FOLLOWED, (services.stores.read, afresh.read, "read")),
    }
    seals = RowSeals(services.keys)
    missed: list[str] = []
    for table_name, (engine, made, store) in sorted(compared.items()):
        table = metadata(store).tables[table_name]
        for name in _tampered(engine, table):
            with reading(engine) as here, made.connect() as there:
                missed += [] if _differs(here, there, table, seals) else [name]
    afresh.close()
    assert missed == []


def test_counters_are_the_sum_of_what_events_moved(site: Site) -> None:
    table = metadata("log").tables["counters"]
    missed = [
        name
        for name in _tampered(site.services.stores.log, table)
        if verdict(site.services, SITE, projections=True)["intact"]
    ]
    assert missed == []


def test_a_row_of_a_site_without_a_log_is_found(site: Site) -> None:
    engine = site.services.stores.log
    for name in ("coupons", "definitions", "api_keys", "event_keys"):
        table = metadata("log").tables[name]
        row = a_row(engine, table)
        key = {"key_id": "key_of_nobody"} if name == "api_keys" else {}
        with _instead(engine, table, None, {**row, "site": "shed", **key}):
            assert "shed" in sites_with_traces(site.services)
            assert not verdict(site.services, "shed", projections=True)["intact"], name  # type: ignore[arg-type]
