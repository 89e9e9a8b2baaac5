"""The types of recommendation units: pages and backups as the field has them."""

from __future__ import annotations

from rulesets.unit_types import PAGE_TYPES
from rulesets.unit_types import UNIT_TYPES


def test_a_type_stands_on_pages_that_there_are() -> None:
    assert len(set(PAGE_TYPES)) == 6
    for one in UNIT_TYPES.values():
        assert one.pages
        assert one.pages <= set(PAGE_TYPES)


def test_a_type_that_needs_products_stands_only_where_there_are_some() -> None:
    with_products = {"product", "cart", "confirmation"}
    found = {one.name for one in UNIT_TYPES.values() if one.uses == "context"}
    assert found == {"bought-bought", "viewed-viewed"}
    assert all(UNIT_TYPES[name].pages == with_products for name in found)


def test_a_backup_stands_wherever_its_type_does_and_has_none_itself() -> None:
    backed = {one.name: one.backup for one in UNIT_TYPES.values() if one.backup is not None}
    assert backed == dict.fromkeys(("trending", "bought-bought", "viewed-viewed"), "most-viewed")
    for name, backup in backed.items():
        assert UNIT_TYPES[name].pages <= UNIT_TYPES[backup].pages
        assert UNIT_TYPES[backup].backup is None
