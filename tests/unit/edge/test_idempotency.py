"""Idempotency-Key: one effect, one answer, however often it is asked."""

from __future__ import annotations

from threading import Event
from threading import Thread
from typing import Any

import orjson
import pytest
from flask import Flask
from flask import Response

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import Unavailable
from aggregates.log import Append
from aggregates.log import StoredAnswer
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.body import read_json
from app.edge.idempotency import once
from tests.edge_fakes import AnswerLog
from tests.edge_fakes import Keys


@pytest.fixture
def calls() -> list[Any]:
    return []


@pytest.fixture
def ask(app: Flask, keys: Keys, answer_log: AnswerLog, calls: list[Any]) -> Any:
    token = keys.issue("a1", "decide")

    @app.post("/write")
    @require("decide")
    def write() -> Response:
        calls.append(read_json())
        body = {"n": len(calls)}
        done = answer_log.append(Append(caller().site, once=once(201, body, {"ETag": '"1"'})))
        return respond(201, body, done.log_position, {"ETag": '"1"'})

    @app.post("/ask")
    @require("decide")
    def plain() -> Response:
        calls.append(read_json())
        return respond(200, {"n": len(calls)})

    @app.delete("/empty")
    @require("decide")
    def empty() -> Response:
        calls.append(None)
        return Response(status=204)

    @app.post("/fails/<int:status>")
    @require("decide")
    def fails(status: int) -> Response:
        calls.append(status)
        if status == 503:
            raise Unavailable("overloaded", "too much")
        if status == 500:
            msg = "a secret"
            raise RuntimeError(msg)
        raise Conflict("taken", "it is taken", by="x")

    def _again(stored: StoredAnswer) -> Response:
        return respond(stored.status, {"again": orjson.loads(stored.body)}, stored.log_position)

    @app.post("/large")
    @require("decide", again=_again)
    def large() -> Response:
        done = answer_log.append(Append(caller().site, once=once(200, {"id": 7})))
        return respond(200, {"large": "x" * 100}, done.log_position)

    def post(path: str, key: str | None = "k1", body: Any = None, method: str = "POST") -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return app.test_client().open(
            path, method=method, headers=headers, data=orjson.dumps(body or {})
        )

    return post


@pytest.mark.parametrize("path", ["/write", "/ask"])
def test_the_same_key_and_body_get_the_first_answer(ask: Any, calls: list[Any], path: str) -> None:
    first = ask(path)
    second = ask(path)
    assert len(calls) == 1
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers.get("ETag") == first.headers.get("ETag")


def test_a_repeated_write_names_the_position_of_the_first(ask: Any) -> None:
    assert ask("/write").json == {"n": 1, "log_position": 1}
    assert ask("/write").json == {"n": 1, "log_position": 1}


def test_an_answer_without_a_body_is_repeated_so(ask: Any, calls: list[Any]) -> None:
    assert ask("/empty", method="DELETE").status_code == 204
    second = ask("/empty", method="DELETE")
    assert (second.status_code, second.data, len(calls)) == (204, b"", 1)


def test_another_body_is_refused(ask: Any, calls: list[Any]) -> None:
    ask("/write", body={"a": 1})
    answer = ask("/write", body={"a": 2})
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert len(calls) == 1
    assert ask("/write?b=1", body={"a": 1}).json["code"] == "idempotency_key_reused"


def test_another_key_path_or_none_is_another_request(ask: Any, calls: list[Any]) -> None:
    for path, key in [("/write", "k1"), ("/write", "k2"), ("/ask", "k1"), ("/write", None)]:
        ask(path, key)
    assert len(calls) == 4


def test_a_conflict_is_an_answer_too(ask: Any, calls: list[Any]) -> None:
    first = ask("/fails/409")
    second = ask("/fails/409")
    assert len(calls) == 1
    assert second.json == first.json == {**first.json, "code": "taken", "by": "x"}
    assert second.mimetype == "application/problem+json"


@pytest.mark.parametrize("status", [500, 503])
def test_what_failed_is_tried_again(ask: Any, calls: list[Any], status: int) -> None:
    assert ask(f"/fails/{status}").status_code == status
    assert ask(f"/fails/{status}").status_code == status
    assert len(calls) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "caf\xe9", "tab\t"])
def test_a_key_is_short_visible_ascii(ask: Any, key: str) -> None:
    answer = ask("/write", key)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_idempotency_key")


def test_a_large_answer_is_rebuilt_from_what_was_kept(ask: Any) -> None:
    assert ask("/large").json["large"]
    assert ask("/large").json == {"again": {"id": 7}, "log_position": 1}


def test_a_request_beside_the_running_one_is_told_so(app: Flask, ask: Any, keys: Keys) -> None:
    inside, leave = Event(), Event()

    @app.post("/slow")
    @require("decide")
    def slow() -> Response:
        inside.set()
        leave.wait(10)
        return respond(200, {})

    answers: list[Any] = []
    first = Thread(target=lambda: answers.append(ask("/slow")))
    first.start()
    assert inside.wait(10)
    beside = ask("/slow")
    leave.set()
    first.join()
    assert (beside.status_code, beside.json["code"]) == (409, "in_progress")
    assert answers[0].status_code == 200


def test_the_loser_of_a_race_between_processes_gets_the_winners_answer(
    app: Flask, ask: Any, answer_log: AnswerLog, calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask("/write")
    monkeypatch.setattr(answer_log, "stored_answer", lambda site, scope: None)
    second = ask("/write")
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
