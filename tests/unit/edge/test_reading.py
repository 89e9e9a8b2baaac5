"""Pages and positions as requests ask for them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Unavailable
from app.edge import min_position
from app.edge.pagination import page


def _paged(app: Flask, query: str, rows: list[str]) -> tuple[list[Any], str | None]:
    with app.test_request_context(f"/?{query}"):
        asked = page()
        start = 0 if asked.after is None else rows.index(asked.after) + 1
        return asked.of(rows[start : start + asked.limit + 1], lambda row: row)


def test_cursors_lead_through_all_items_once(app: Flask) -> None:
    rows = [f"r{index:02}" for index in range(25)]
    seen: list[Any] = []
    query = "limit=10"
    while True:
        items, cursor = _paged(app, query, rows)
        seen += items
        if cursor is None:
            break
        query = f"limit=10&cursor={cursor}"
    assert seen == rows


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "limit=",
        "cursor=!!",
        "cursor=e30x",
        "limit=²",
    ],
)
def test_a_page_that_cannot_be_is_refused(app: Flask, query: str) -> None:
    with app.test_request_context(f"/?{query}"), pytest.raises(InvalidInput):
        page()


def test_waiting_ends_when_the_position_is_there() -> None:
    reached = iter([1, 2, 3])
    min_position.wait_for(3, lambda: next(reached))
    min_position.wait_for(None, lambda: 0)
    min_position.wait_for(0, lambda: 0)


def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(min_position, "MIN_POSITION_WAIT_S", 0.05)
    with pytest.raises(Unavailable) as caught:
        min_position.wait_for(9, lambda: 4)
    assert (caught.value.code, caught.value.data) == ("not_caught_up", {"reached": 4})


@pytest.mark.parametrize("value", ["x", "-1", "", "1.5", True, -1, 2**63, "9" * 40, None, "٣"])
def test_a_position_is_a_whole_number(value: Any) -> None:
    with pytest.raises(InvalidValue):
        min_position.checked(value)


def test_a_read_may_name_its_position(app: Flask) -> None:
    with app.test_request_context("/?min_position=12"):
        assert min_position.from_query() == 12
    with app.test_request_context("/"):
        assert min_position.from_query() is None
