"""GET /v1/jobs: the runs of a site, newest first, filtered and paged."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from aggregates.kernel.ids import SiteId
from app.edge.pagination import cursor_of
from app.wiring import Services

SHOP = SiteId("shop")


@pytest.fixture
def runs(services: Services) -> None:
    """Three runs of the site, one of another."""
    for site, job, occasion, fails in (
        (SHOP, "train", "2026-11-23T08:00:00Z", False),
        (SHOP, "train", "2026-11-23T12:00:00Z", True),
        (SHOP, "prune", "2026-11-23T12:00:00Z", False),
        (SiteId("other"), "train", "2026-11-23T12:00:00Z", False),
    ):
        run = services.runs.claim(site, job, occasion)
        assert run is not None
        run.progress("types", 6, 6)
        (run.failed if fails else run.succeeded)("what came of it")


def _asked(client: FlaskClient, headers: dict[str, str], query: str = "") -> Any:
    answer: Any = client.get(f"/v1/jobs{query}", headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_run_is_shown_with_all_that_is_known(client: FlaskClient, key: Any, runs: None) -> None:
    found = _asked(client, key("author"), "?status=failed")
    (item,) = found["items"]
    moments = {name: item.pop(name) for name in ("started_at", "heartbeat_at", "finished_at")}
    assert all(moment.endswith("Z") for moment in moments.values())
    assert item == {
        "job": "train",
        "occasion": "2026-11-23T12:00:00Z",
        "status": "failed",
        "attempt": 1,
        "progress": "types 6/6",
        "detail": "what came of it",
    }


def test_pages_go_from_the_newest_to_the_oldest(client: FlaskClient, key: Any, runs: None) -> None:
    headers, query, seen = key("author"), "?limit=1", []
    while True:
        found = _asked(client, headers, query)
        seen += [(item["job"], item["occasion"][11:13]) for item in found["items"]]
        if found["next_cursor"] is None:
            break
        query = f"?limit=1&cursor={found['next_cursor']}"
    assert seen == [("prune", "12"), ("train", "12"), ("train", "08")]
    assert len(_asked(client, headers, "?job=train")["items"]) == 2
    assert _asked(client, headers, "?job=nothing")["items"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=lost", "not_one_of"),
        ("job=%00", "nul_in_string"),
        ("jobs=train", "unknown_parameter"),
        (f"cursor={cursor_of(7)}", "invalid_cursor"),
        (f"cursor={cursor_of([1, 'a', chr(0)])}", "invalid_cursor"),
    ],
)
def test_a_question_that_cannot_be_is_refused(
    client: FlaskClient, key: Any, query: str, code: str
) -> None:
    answer: Any = client.get(f"/v1/jobs?{query}", headers=key("author"))
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json["errors"]] == [code]
