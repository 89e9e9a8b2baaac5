"""Quarantine over HTTP: listed by status, resubmitted by servers only."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.wiring import Services

BAD = {"type": "track", "userId": "anna", "messageId": "m1"}
GOOD = {**BAD, "event": "Cart Viewed"}


@pytest.fixture
def position(client: FlaskClient, key: Any) -> int:
    """Where a message of a server was quarantined."""
    answer: Any = client.post("/v1/track", json=BAD, headers=key("ingest"))
    found: int = answer.json["log_position"]
    return found


def listed(client: FlaskClient, services: Services, headers: Any, query: str = "") -> Any:
    """The items of one page."""
    services.follower.catch_up("shop")  # type: ignore[arg-type]
    answer: Any = client.get(f"/v1/quarantine{query}", headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_it_is_listed_newest_first(client: FlaskClient, key: Any, services: Services) -> None:
    headers = key()
    for user in ("anna", "ben"):
        client.post("/v1/track", json={"userId": user}, headers=headers)
    first = listed(client, services, headers, "?limit=1")
    (item,) = first["items"]
    assert item["message"] == {"userId": "ben"}
    assert (item["code"], item["trust"], item["status"]) == ("required", "server", "open")
    assert item["resubmitted_position"] is None
    assert item["received_at"][:10] == item["recorded_at"][:10]
    rest = listed(client, services, headers, f"?limit=1&cursor={first['next_cursor']}")
    assert [item["message"] for item in rest["items"]] == [{"userId": "anna"}]
    assert rest["next_cursor"] is None


def test_a_repair_takes_it_out_of_the_list(
    client: FlaskClient, key: Any, services: Services, position: int
) -> None:
    headers = key()
    path = f"/v1/quarantine/{position}/resubmit"
    done: Any = client.post(path, json={"message": GOOD}, headers=headers)
    assert done.status_code == 200
    assert done.json == {
        "position": position, "status": "resubmitted", "accepted": 1, "duplicates": 0,
        "log_position": position + 3,
    }  # fmt: skip
    assert listed(client, services, headers)["items"] == []
    for status in ("resubmitted", "all"):
        (item,) = listed(client, services, headers, f"?status={status}")["items"]
        assert (item["position"], item["status"]) == (position, "resubmitted")
        assert item["resubmitted_position"] == position + 3
    again: Any = client.post(path, json={"message": GOOD}, headers=headers)
    assert (again.status_code, again.json["duplicates"]) == (200, 1)
    other: Any = client.post(path, json={"message": {**GOOD, "event": "X"}}, headers=headers)
    assert (other.status_code, other.json["code"]) == (409, "already_resubmitted")


def test_what_is_still_wrong_is_422_with_its_code(
    client: FlaskClient, key: Any, services: Services, position: int
) -> None:
    headers = key()
    path = f"/v1/quarantine/{position}/resubmit"
    for body in (None, {}, {"message": BAD}):
        answer: Any = client.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (422, "required")
    assert len(listed(client, services, headers)["items"]) == 1


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"message": None}, "/message", "not_null"),
    ({"message": [1]}, "/message", "wrong_type"),
    ({"messages": GOOD}, "/messages", "unknown_field"),
    ({"message": {**GOOD, "userId": "a\0"}}, "/message/userId", "nul_in_string"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=[row[2] for row in WRONG])
def test_a_body_that_is_no_repair_is_refused(
    client: FlaskClient, key: Any, position: int, wrong: tuple[dict[str, Any], str, str]
) -> None:
    body, pointer, code = wrong
    path = f"/v1/quarantine/{position}/resubmit"
    answer: Any = client.post(path, json=body, headers=key("ingest"))
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [(pointer, code)]


def test_a_public_key_reads_and_resubmits_nothing(
    client: FlaskClient, key: Any, position: int
) -> None:
    for scope, method, path in (
        ("collect", "GET", "/v1/quarantine"),
        ("ingest", "GET", "/v1/quarantine"),
        ("collect", "POST", f"/v1/quarantine/{position}/resubmit"),
        ("audit", "POST", f"/v1/quarantine/{position}/resubmit"),
    ):
        answer: Any = client.open(path, method=method, headers=key(scope))
        assert (answer.status_code, answer.json["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(
    ("position", "status", "code"),
    [
        ("1", 404, "message_unknown"),
        ("9" * 18, 404, "message_unknown"),
        ("9" * 19, 422, "not_a_position"),
        ("x", 422, "not_a_position"),
    ],
)
def test_a_position_where_nothing_stands(
    client: FlaskClient, key: Any, position: str, status: int, code: str
) -> None:
    answer: Any = client.post(f"/v1/quarantine/{position}/resubmit", headers=key("ingest"))
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [("status=closed", "/status", "not_one_of"), ("state=open", "/state", "unknown_parameter")],
)
def test_a_filter_that_is_none_is_refused(
    client: FlaskClient, key: Any, query: str, pointer: str, code: str
) -> None:
    answer: Any = client.get(f"/v1/quarantine?{query}", headers=key("audit"))
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [(pointer, code)]


def test_a_repeat_under_an_idempotency_key_is_the_first_answer(
    client: FlaskClient, key: Any, position: int
) -> None:
    headers = {**key("ingest"), "Idempotency-Key": "k"}
    path = f"/v1/quarantine/{position}/resubmit"
    first: Any = client.post(path, json={"message": GOOD}, headers=headers)
    again: Any = client.post(path, json={"message": GOOD}, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json
