"""Many products, line by line: NDJSON from a request or a file, in pages, in bounded memory.

A line that is no product is refused by itself; the others are listed.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from app.intake.catalogue import CatalogueIntake
from app.intake.catalogue import Product
from app.intake.catalogue import normalised
from app.intake.rows import Row
from app.schemas.acceptor import compiled
from app.schemas.products import ProductSchema

PAGE_PRODUCTS = 500
ERRORS_MAX = 100
"""Refused lines that an answer describes; the others are only counted."""

read_product = compiled(ProductSchema())


@dataclass(slots=True)
class ImportedProducts:
    """What an import did."""

    listed: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    log_position: int = 0

    def refuse(self, line: int, problem: Problem) -> None:
        """Counts a refused line, and describes it if it is one of the first."""
        self.rejected += 1
        if len(self.errors) < ERRORS_MAX:
            place = {"line": line, "pointer": problem.pointer}
            self.errors.append({**place, "code": problem.code, "detail": problem.detail})

    def to_json(self) -> dict[str, Any]:
        """The answer without its log position."""
        return {
            "listed": self.listed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "errors": self.errors,
        }


def list_rows(
    intake: CatalogueIntake,
    site: SiteId,
    rows: Iterable[Row],
    progress: Callable[[int], None] = lambda count: None,
    done: ImportedProducts | None = None,
) -> ImportedProducts:
    """Lists the products of these rows; `progress` hears how many rows were done since, when they
    are durable and counted in `done`."""
    done = ImportedProducts() if done is None else done
    page: list[Product] = []
    waiting = 0
    for row in rows:
        waiting += 1
        try:
            page.append(normalised(read_product(row.read())))
        except InvalidInput as refusal:
            done.refuse(row.line, refusal.problems[0])
        if waiting == PAGE_PRODUCTS:
            _list(intake, site, page, done)
            progress(waiting)
            page, waiting = [], 0
    _list(intake, site, page, done)
    progress(waiting)
    return done


def _list(
    intake: CatalogueIntake, site: SiteId, page: list[Product], done: ImportedProducts
) -> None:
    upserted = intake.upsert(site, page)
    done.listed += upserted.listed
    done.unchanged += upserted.unchanged
    done.log_position = upserted.log_position
