"""Every place that can hold personal data is in the registry, or the build fails."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from sqlalchemy import Table

from aggregates.events import VOCABULARY
from app.config import Settings
from app.database import open_stores
from app.erasure.places import FILES
from app.erasure.places import MEMORY
from app.erasure.places import OPEN_FIELDS
from app.erasure.places import TABLES
from app.erasure.places import TEMPORARY
from app.wiring import build
from migrations.tables import metadata
from projections.followed import followed

ROOT = Path(__file__).parent.parent.parent
STORES = ("log", "read", "keys")
EVERY = [(store, table) for store in STORES for table in metadata(store).sorted_tables]


@pytest.mark.parametrize(("store", "table"), EVERY, ids=lambda value: str(value))
def test_every_column_of_every_table_is_classified_once(store: str, table: Table) -> None:
    (place,) = [p for p in TABLES if (p.store, p.table) == (store, table.name)]
    assert sorted(place.columns) == sorted(column.name for column in table.columns)


def test_no_table_is_classified_that_is_not_there() -> None:
    assert {(p.store, p.table) for p in TABLES} == {(store, t.name) for store, t in EVERY}


def test_every_open_field_of_every_event_is_classified_once() -> None:
    listed = [name for names in OPEN_FIELDS.values() for name in names.split()]
    assert len(listed) == len(set(listed))
    assert set(listed) == {name for event in VOCABULARY.values() for name in event.open}


def test_rows_that_name_a_person_in_the_read_store_are_deleted_by_their_projection() -> None:
    forgetting = {
        str(statement.table.name)  # type: ignore[attr-defined]
        for projection in followed()
        for statement in projection.forgets
    }
    assert forgetting == {p.table for p in TABLES if p.store == "read" and p.person}


def test_every_file_of_a_running_service_is_in_the_registry(tmp_path: Path) -> None:
    settings = Settings.from_environment({"RATIONALE_DATA_DIR": str(tmp_path)})
    services = build(settings)
    try:
        open_stores(settings.database_url).log.connect().close()
        found = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    finally:
        services.close()
    assert found
    assert [name for name in found if not any(fnmatch(name, known) for known in FILES)] == []


def test_every_module_that_makes_files_of_its_own_is_in_the_registry() -> None:
    making = re.compile(r"\btempfile\b|mkstemp|mkdtemp")
    found = {
        str(path.relative_to(ROOT))
        for folder in ("app", "decisions", "projections", "rulesets", "aggregates")
        for path in (ROOT / folder).rglob("*.py")
        if making.search(path.read_text("utf-8"))
    }
    assert found == set(TEMPORARY)


def test_every_memory_in_the_registry_is_a_module() -> None:
    assert [name for name in MEMORY if not (ROOT / name).exists()] == []
