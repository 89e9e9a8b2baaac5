"""Files of products, orders and events, as `rationale import` and the demo take them in.

Whatever the file, it goes the way a request goes: the same checks, pages of a few hundred, and ids
made of the content, so that rows that come again change nothing. app/intake/import_files.py goes on
where an import broke off.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any
from typing import Protocol

from sqlalchemy import Engine

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import BATCH_MESSAGES_MAX
from aggregates.log import EventLog
from app.intake import message_rows
from app.intake import product_rows
from app.intake.catalogue import CatalogueIntake
from app.intake.events import Intake
from app.intake.events import Names
from app.intake.product_lines import ERRORS_MAX
from app.intake.product_lines import ImportedProducts
from app.intake.product_lines import list_rows
from app.intake.rows import FileRows
from app.intake.rows import Row

Progress = Callable[[int], None]
"""Hears how many rows were done since it was last told: they are durable, and counted."""

_ROWS_MAX = 10 * BATCH_MESSAGES_MAX  # of a page that hardly fills, since its rows are refused


class Stores(Protocol):
    """As much of app.database.Stores as an import needs."""

    @property
    def log(self) -> Engine: ...


class Services(Protocol):
    """As much of app.wiring.Services as an import needs."""

    @property
    def stores(self) -> Stores: ...
    @property
    def keys(self) -> Names: ...
    @property
    def log(self) -> EventLog: ...
    @property
    def clock(self) -> Clock: ...


@dataclass(slots=True)
class Imported:
    """What an import of messages did. `errors` has the first hundred rows that were refused."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    log_position: int = 0

    def refuse(self, line: int, code: str, detail: str) -> None:
        """Counts a refused row, and describes it if it is one of the first."""
        self.rejected += 1
        if len(self.errors) < ERRORS_MAX:
            self.errors.append({"line": line, "code": code, "detail": detail})


def _quiet(count: int) -> None:
    """No progress wanted."""


def import_products(
    services: Services,
    site: SiteId,
    rows: Iterable[Row] | Path,
    progress: Progress = _quiet,
    done: ImportedProducts | None = None,
) -> ImportedProducts:
    """Lists the products of a file: the fields of the API; in CSV `attributes.<name>` columns."""
    intake = CatalogueIntake(services.stores.log, services.log)
    products = (product_rows.product_row(row) for row in _rows(rows))
    return list_rows(intake, site, products, progress, done)


def import_orders(
    services: Services,
    site: SiteId,
    rows: Iterable[Row] | Path,
    progress: Progress = _quiet,
    done: Imported | None = None,
) -> Imported:
    """Takes in orders (app/intake/message_rows.py says in which form) as `Order Completed`."""
    return _import(services, site, message_rows.order_messages(_rows(rows)), progress, done)


def import_events(
    services: Services,
    site: SiteId,
    rows: Iterable[Row] | Path,
    progress: Progress = _quiet,
    done: Imported | None = None,
) -> Imported:
    """Takes in messages as /v1/batch would; in CSV a column that is no field is a property."""
    return _import(services, site, message_rows.event_messages(_rows(rows)), progress, done)


def _rows(rows: Iterable[Row] | Path) -> Iterable[Row]:
    return FileRows(rows) if isinstance(rows, Path) else rows


def _import(
    services: Services,
    site: SiteId,
    messages: Iterator[message_rows.Numbered],
    progress: Progress,
    done: Imported | None,
) -> Imported:
    """A page ends where a row does: an order's cancellation is of the same rows as the order."""
    intake = Intake(services.stores.log, services.keys, services.log, services.clock)
    done = Imported() if done is None else done
    page: list[message_rows.Numbered] = []
    rows = 0
    for numbered in messages:
        if numbered.rows and (len(page) >= BATCH_MESSAGES_MAX or rows >= _ROWS_MAX):
            _receive(intake, site, page, done)
            progress(rows)
            page, rows = [], 0
        rows += numbered.rows
        if isinstance(numbered.message, InvalidInput):
            problem = numbered.message.problems[0]
            done.refuse(numbered.line, problem.code, problem.detail)
        else:
            page.append(numbered)
    _receive(intake, site, page, done)
    progress(rows)
    return done


def _receive(
    intake: Intake, site: SiteId, page: list[message_rows.Numbered], done: Imported
) -> None:
    received = intake.receive(site, [numbered.message for numbered in page], trusted=True)
    done.accepted += received.accepted
    done.duplicates += received.duplicates
    done.log_position = received.log_position
    for rejection in received.rejected:
        line = page[rejection["index"]].line
        done.refuse(line, rejection["code"], rejection["detail"])
