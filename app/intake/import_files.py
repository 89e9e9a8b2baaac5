"""A file's import that can be killed: it goes on after the last page that was committed.

The rows before that page's end are read and not sent again. A file that was imported to its end is
known, and changes nothing; a file with other content is another import. What can be read only once
(a pipe) is imported without any of this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from aggregates.kernel.ids import SiteId
from app.intake.import_runs import ImportRun
from app.intake.import_runs import ImportRuns
from app.intake.imports import Imported
from app.intake.imports import Services
from app.intake.imports import import_events
from app.intake.imports import import_orders
from app.intake.imports import import_products
from app.intake.product_lines import ImportedProducts
from app.intake.rows import FileRows

Heard = Callable[[int, int], None]
"""Hears how many rows are in the log, and how many bytes of the file that took."""

_Importer = Callable[..., Imported | ImportedProducts]
KINDS: dict[str, tuple[_Importer, type[Imported] | type[ImportedProducts]]] = {
    "products": (import_products, ImportedProducts),
    "orders": (import_orders, Imported),
    "events": (import_events, Imported),
}


class FileImport:
    """One file's import; `run` takes in what is left of it."""

    def __init__(
        self, services: Services, site: SiteId, kind: str, path: Path, *, again: bool = False
    ) -> None:
        self._services = services
        self._site = site
        self._rows = FileRows(path)
        self._importer, self._counts = KINDS[kind]
        self._runs = ImportRuns(services.stores.log, services.clock)
        self._run: ImportRun | None = None
        self.size: int | None = None
        """In bytes; None for what can be read only once."""
        if path.is_file():
            self.size = path.stat().st_size
            asked = ImportRun(site, kind, self._rows.form, _digest(path), counts={})
            self._run = self._runs.begin(asked, again=again)

    @property
    def finished_at(self) -> int | None:
        """When the same file was imported to its end; None: it was not."""
        return None if self._run is None else self._run.finished_at

    @property
    def resumed_at_row(self) -> int | None:
        """The first row that was not taken in yet, from 1; None if none was."""
        if self._run is None or self._run.rows == 0 or self._run.finished_at is not None:
            return None
        return self._run.rows + 1

    def run(self, heard: Heard = lambda rows, read: None) -> Imported | ImportedProducts:
        """Takes in the rows that are left; all that was counted, also by those who did the others.
        Conflict if another process imports the same file."""
        begun = self._run
        done = self._counts(**(begun.counts or {})) if begun is not None else self._counts()
        if begun is not None and begun.finished_at is not None:
            return done
        total = 0 if begun is None else begun.rows

        def progress(rows: int) -> None:
            nonlocal total
            total += rows
            self._move(total, asdict(done))
            heard(total, self._rows.reached)

        with closing(iter(self._rows)) as rows:
            left = islice(rows, total, None)
            self._importer(self._services, self._site, left, progress, done)
        self._move(total, asdict(done), finished=True)
        return done

    def _move(self, rows: int, counts: dict[str, Any], *, finished: bool = False) -> None:
        if self._run is not None:
            self._run = self._runs.move(self._run, rows, counts, finished=finished)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
