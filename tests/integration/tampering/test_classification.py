"""Every table says by what a change of it is found, or why it is not."""

from __future__ import annotations

from app.verifying import tables
from app.wiring import immediate
from migrations.tables import metadata
from projections.followed import followed


def test_every_table_is_classified_once() -> None:
    classes = (tables.CHAINED, tables.FOLDED, tables.FOLLOWED, tables.COUNTED)
    classified = [name for each in (*classes, tables.NOT_OF_THE_LOG) for name in each]
    there = [name for store in ("log", "read", "keys") for name in metadata(store).tables]
    assert sorted(classified) == sorted(there)
    assert all(tables.NOT_OF_THE_LOG.values())


def test_what_followers_write_is_compared() -> None:
    own = {table.name for projection in followed() for table in projection.tables}
    assert own == tables.FOLLOWED


def test_columns_that_are_not_compared_are_there() -> None:
    for name, columns in tables.NOT_COMPARED.items():
        assert set(columns) < set(metadata("log").tables[name].columns.keys())


def test_no_immediate_projection_needs_what_an_erasure_destroys() -> None:
    assert all(not projection.unseals for projection in immediate())
