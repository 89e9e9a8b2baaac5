"""Every error leaves as problem+json with the status of its rule."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from flask import Flask
from flask import Response
from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from sqlalchemy.exc import TimeoutError as PoolTimeout

from aggregates.kernel import errors
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Problem
from app.edge import logging
from app.edge.blueprint import Blueprint
from app.edge.problems import STATUS
from app.edge.problems import TooMany
from app.edge.validation import load
from app.edge.validation import problems_of

SECRET = "ann@example.com"


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    """The log of the test."""
    written = io.BytesIO()
    logging.configure("info", written)
    yield written
    logging.configure("error", io.BytesIO())


def _answer(app: Flask, error: Exception) -> Any:
    @app.get("/fails")
    def fails() -> Response:
        raise error

    return app.test_client().get("/fails")


@pytest.mark.parametrize(("kind", "status"), STATUS)
def test_each_rule_has_its_status(app: Flask, kind: type[DomainError], status: int) -> None:
    if kind is errors.InvalidInput:
        error: DomainError = errors.InvalidInput([Problem("/a", "required", "is missing")])
    else:
        error = kind("some_code", "a sentence", by="rul_1")
    answer = _answer(app, error)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) >= {"type", "title", "status", "detail", "code"}
    assert answer.json["status"] == status
    assert answer.headers["Cache-Control"] == "no-store"
    if kind is errors.InvalidInput:
        assert answer.json["errors"] == [
            {"pointer": "/a", "code": "required", "detail": "is missing"}
        ]
    else:
        assert (answer.json["code"], answer.json["by"]) == ("some_code", "rul_1")


def test_every_domain_error_but_two_has_a_status() -> None:
    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    mapped = tuple(kind for kind, _ in STATUS)
    missing = {kind for kind in below(DomainError) if not issubclass(kind, mapped)}
    assert missing == {DomainError, errors.AlreadyDone, errors.TamperedLog}


@pytest.mark.parametrize(
    "error",
    [
        errors.Unavailable("overloaded", "the queue is full"),
        PoolTimeout("all connections are in use"),
    ],
)
def test_what_may_be_tried_again_says_when(app: Flask, lines: io.BytesIO, error: Exception) -> None:
    answer = _answer(app, error)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


def test_too_many_says_how_long(app: Flask) -> None:
    answer = _answer(app, TooMany("too_many_requests", "slow down", retry_after_s=7))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_a_surprise_is_a_500_that_says_nothing_of_it(app: Flask, lines: io.BytesIO) -> None:
    answer = _answer(app, RuntimeError(SECRET))
    assert (answer.status_code, answer.json["code"]) == (500, "unexpected_error")
    assert SECRET.encode() not in answer.data
    logged = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    failure = next(line for line in logged if line["event"] == "unexpected_error")
    assert failure["error"] == "builtins.RuntimeError"
    assert any("test_problems.py" in frame for frame in failure["where"])
    assert SECRET.encode() not in lines.getvalue()


def test_flasks_own_errors_look_the_same(app: Flask) -> None:
    @app.post("/only-post")
    def only_post() -> Response:
        raise AssertionError

    client = app.test_client()
    missing: Any = client.get("/no/such")
    assert (missing.status_code, missing.json["code"]) == (404, "no_such_route")
    wrong: Any = client.get("/only-post")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]
    assert missing.mimetype == wrong.mimetype == "application/problem+json"


def _even(value: int) -> None:
    if value % 2:
        msg = "not_even: the number is odd"
        raise ValidationError(msg)


class _LineSchema(Schema):
    """A line of the test's document."""

    quantity = fields.Integer(strict=True, required=True, validate=[validate.Range(1), _even])
    name = fields.String(validate=validate.Length(max=3))


class _CartSchema(Schema):
    """The test's document."""

    lines = fields.List(fields.Nested(_LineSchema), required=True)
    kind = fields.String(validate=validate.OneOf(["a"]), required=True)


def test_marshmallows_messages_become_pointers_and_codes() -> None:
    document = {
        "lines": [{"quantity": 0, "name": "long"}, {"quantity": 3}, {"quantity": "1"}, 5, {}],
        "kind": None,
        "a/b": 1,
    }
    with pytest.raises(errors.InvalidInput) as caught:
        load(_CartSchema(), document)
    found = {(problem.pointer, problem.code) for problem in caught.value.problems}
    assert found == {
        ("/lines/0/quantity", "out_of_range"),
        ("/lines/0/name", "too_long"),
        ("/lines/1/quantity", "not_even"),
        ("/lines/2/quantity", "wrong_type"),
        ("/lines/3", "wrong_type"),
        ("/lines/4/quantity", "required"),
        ("/kind", "not_null"),
        ("/a~1b", "unknown_field"),
    }


def test_a_message_of_the_whole_document_points_to_it() -> None:
    assert problems_of({"_schema": ["Invalid input type."]}) == [
        Problem("", "wrong_type", "Invalid input type.")
    ]


def test_documented_arguments_are_read_by_the_edge(app: Flask) -> None:
    routes = Blueprint("routes", __name__)

    @routes.route("/cart", methods=["POST"])
    @routes.arguments(_CartSchema)
    def cart(asked: dict[str, Any]) -> Response:
        return Response(asked["kind"])

    app.register_blueprint(routes)
    client = app.test_client()
    assert client.post("/cart", data=b'{"kind":"a","lines":[]}').data == b"a"
    unreadable: Any = client.post("/cart", data=b"{")
    assert unreadable.json["code"] == "malformed_json"
    wrong: Any = client.post("/cart", data=b'{"kind":"b","lines":[]}')
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/kind")
    assert client.post("/cart", data=b"[]").status_code == 422
