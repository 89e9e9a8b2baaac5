"""Two tables row by row, in the order of their primary keys: memory does not grow with them."""

from __future__ import annotations

from collections.abc import Generator
from collections.abc import Iterator
from contextlib import closing
from contextlib import suppress
from typing import Any
from typing import NoReturn

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import select

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from app.verifying.tables import NOT_COMPARED
from app.verifying.tables import SEALED
from projections.seals import UNSEALED
from projections.seals import Seals

_AT_ONCE = 1_000
Row = tuple[Any, ...]


def compare(
    live: Connection, afresh: Connection, site: SiteId, table: Table, seals: Seals = UNSEALED
) -> int:
    """How many rows agree; TamperedLog `projection_differs` at the first that does not."""
    with closing(_rows(live, table, site)) as here, closing(_rows(afresh, table, site)) as there:
        opened = (_opened(table, rows, site, seals) for rows in (here, there))
        return _compared(table, *opened)


def _opened(table: Table, rows: Iterator[Row], site: SiteId, seals: Seals) -> Iterator[Row]:
    """The rows with what is sealed in them opened; a seal that was changed stays as it is."""
    names = [column.name for column in table.columns]
    sealed = [
        (names.index(name), names.index(whose))
        for name, whose in SEALED.get(table.name, {}).items()
    ]
    for row in rows:
        values = list(row)
        for at, whose in sealed:
            name = Pseudonym(row[whose])
            with suppress(InvalidTag, ValueError):
                text = seals.open(site, {name: row[at]}).get(name)
                values[at] = None if text is None else text.decode()
        yield tuple(values)


def _compared(table: Table, here: Iterator[Row], there: Iterator[Row]) -> int:
    passed_over = NOT_COMPARED.get(table.name, {})
    places = [list(table.columns).index(column) for column in table.primary_key]
    count = 0
    for one, other in _side_by_side(here, there, places):
        if one is None or other is None:
            key = _key(one or other or (), places)
            _differs(table, key, "is missing" if one is None else "is no row that the log makes")
        for column, value, wanted in zip(table.columns, one, other, strict=True):
            if column.name not in passed_over and not _same(value, wanted):
                what = f"has another {column.name} than the log makes"
                _differs(table, _key(one, places), what)
        count += 1
    return count


def _side_by_side(
    here: Iterator[Row], there: Iterator[Row], places: list[int]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows of one key together, and each that is alone."""
    one, other = next(here, None), next(there, None)
    while one is not None or other is not None:
        if other is None or (one is not None and _key(one, places) < _key(other, places)):
            yield one, None
            one = next(here, None)
        elif one is None or _key(other, places) < _key(one, places):
            yield None, other
            other = next(there, None)
        else:
            yield one, other
            one, other = next(here, None), next(there, None)


def _rows(connection: Connection, table: Table, site: SiteId) -> Generator[Row, None, None]:
    query = _ordered(table, connection.dialect.name).where(table.c.site == site)
    paged = connection.execution_options(yield_per=_AT_ONCE)
    with closing(paged.execute(query)) as result:
        for row in result:
            yield tuple(row)


def _ordered(table: Table, dialect: str) -> Select[Any]:
    """By the bytes of texts on both databases."""
    by_bytes = dialect == "postgresql"
    order = [
        column.collate("C") if by_bytes and isinstance(column.type, String) else column
        for column in table.primary_key
    ]
    return select(*table.columns).order_by(*order)


def _key(row: Row, places: list[int]) -> Row:
    return tuple(row[place] for place in places)


def _same(value: Any, wanted: Any) -> bool:
    """Texts of JSON are the same in whatever order their names stand."""
    if value == wanted and type(value) is type(wanted):
        return True
    if isinstance(value, str) and isinstance(wanted, str) and wanted[:1] in ("{", "["):
        try:
            return bool(orjson.loads(value) == orjson.loads(wanted))
        except orjson.JSONDecodeError:
            return False
    return False


def _differs(table: Table, key: Row, what: str) -> NoReturn:
    named = ", ".join(str(value) for value in key)
    raise TamperedLog("projection_differs", f"{table.name} ({named}) {what}", table=table.name)
