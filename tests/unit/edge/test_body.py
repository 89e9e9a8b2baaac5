"""Bodies: what is read, and with which code the rest is refused."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from flask import Flask
from flask import Response
from flask.testing import FlaskClient

from app.edge.answers import respond
from app.edge.body import nul_in
from app.edge.body import read_json

LIMIT = 200_000


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    @app.post("/echo")
    def echo() -> Response:
        return respond(200, {"read": read_json(LIMIT)})

    @app.post("/any")
    def anything() -> Response:
        return respond(200, {"read": read_json(LIMIT, allow_nul=True)})

    return app.test_client()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b"{", 400, "malformed_json"),
        (b"{'a': 1}", 400, "malformed_json"),
        (b'{"a": 1} x', 400, "malformed_json"),
        (b'{"a": NaN}', 400, "not_json_number"),
        (b'{"a": -Infinity}', 400, "not_json_number"),
        (b'{"a": 1e400}', 400, "number_out_of_range"),
        (b'{"a": "\xff"}', 400, "not_utf8"),
        (b'{"a": "\\ud800"}', 400, "lone_surrogate"),
        (b"[" * 2_000 + b"]" * 2_000, 400, "too_deep"),
        (b"[" * 33 + b"]" * 33, 422, "invalid_input"),
        (b'{"a": "x\\u0000y"}', 422, "invalid_input"),
        (b'"' + b"x" * LIMIT + b'"', 413, "body_too_large"),
    ],
)
def test_what_cannot_be_read_has_its_code(
    reader: FlaskClient, data: bytes, status: int, code: str
) -> None:
    answer: Any = reader.post("/echo", data=data)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"1e2", 100.0),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\u0000"', "\\u0000"),
        (b"[" * 32 + b"]" * 32, None),
        (b"[" + b"{}," * 500 + b"[]]", None),
    ],
)
def test_odd_but_sound_json_is_read(reader: FlaskClient, data: bytes, read: Any) -> None:
    answer: Any = reader.post("/echo", data=data)
    assert answer.status_code == 200
    assert read is None or answer.json["read"] == read


def test_the_content_type_does_not_matter(reader: FlaskClient) -> None:
    answer: Any = reader.post("/echo", data=b"{}", content_type="text/plain")
    assert answer.status_code == 200


def test_a_nul_names_its_place(reader: FlaskClient) -> None:
    answer: Any = reader.post("/echo", data=b'{"lines": [{"a/b": "\\u0000"}]}')
    assert [item["pointer"] for item in answer.json["errors"]] == ["/lines/0/a~1b"]
    let_through: Any = reader.post("/any", data=b'{"a": "\\u0000"}')
    assert let_through.json["read"] == {"a": "\0"}
    assert nul_in({"k\0": 1}) == "/k\0"


def test_gzip_is_read_within_the_limit_of_the_plain_body(reader: FlaskClient) -> None:
    def post(data: bytes) -> Any:
        return reader.post("/echo", data=data, headers={"Content-Encoding": "gzip"})

    assert post(gzip.compress(b'{"a":1}')).json["read"] == {"a": 1}
    assert post(gzip.compress(b'"' + b"x" * 10_000_000 + b'"')).status_code == 413
    assert post(b"no gzip").json["code"] == "malformed_gzip"
    assert post(gzip.compress(b'{"a":1}')[:-9]).json["code"] == "malformed_gzip"


def test_other_encodings_are_refused(reader: FlaskClient) -> None:
    answer: Any = reader.post("/echo", data=b"{}", headers={"Content-Encoding": "br"})
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_encoding")


def test_a_body_shorter_than_it_says_is_refused(reader: FlaskClient) -> None:
    answer: Any = reader.post("/echo", data=b"{}", environ_overrides={"CONTENT_LENGTH": "9"})
    assert (answer.status_code, answer.json["code"]) == (400, "body_cut_short")
    answer = reader.post("/echo", data=b"{}", environ_overrides={"CONTENT_LENGTH": "9999999"})
    assert answer.status_code == 413


def test_a_chunked_body_is_read_to_its_end(reader: FlaskClient) -> None:
    def post(data: bytes) -> Any:
        return reader.post(
            "/echo",
            data=data,
            headers={"Content-Length": "", "Transfer-Encoding": "chunked"},
        )

    assert post(b'{"a":1}').json["read"] == {"a": 1}
    assert post(b"x" * (LIMIT + 5)).status_code == 413
