"""What a request leaves behind: one line and one count, and nothing of what it said."""

from __future__ import annotations

import io
import logging as standard
from collections.abc import Iterator

import orjson
import pytest
from flask import Flask
from flask import Response

from app.edge import logging
from app.edge.answers import respond
from app.edge.auth import require
from app.edge.body import read_json
from tests.edge_fakes import Keys

PERSONAL = "ann@example.com"


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    written = io.BytesIO()
    logging.configure("info", written)
    yield written
    logging.configure("error", io.BytesIO())


@pytest.fixture
def asked(app: Flask, keys: Keys) -> Flask:
    token = keys.issue("a1", "decide")

    @app.post("/things/<name>")
    @require("decide")
    def things(name: str) -> Response:
        return respond(200, {"read": read_json()})

    client = app.test_client()
    headers = {"Authorization": f"Bearer {token}", "User-Agent": PERSONAL}
    client.post(f"/things/{PERSONAL}?q={PERSONAL}", data=f'"{PERSONAL}"', headers=headers)
    client.post(f"/things/{PERSONAL}", data=f'{{"{PERSONAL}": NaN', headers=headers)
    client.get(f"/nowhere/{PERSONAL}", headers=headers)
    client.post(f"/things/{PERSONAL}", headers={"Authorization": f"Bearer {PERSONAL}"})
    return app


def test_one_line_a_request_by_its_pattern(lines: io.BytesIO, asked: Flask) -> None:
    logged = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in logged] == [
        ("/things/<name>", 200),
        ("/things/<name>", 400),
        ("(none)", 404),
        ("/things/<name>", 401),
    ]
    assert logged[0]["site"] == "shop"
    assert logged[0]["key_id"] == "a1"
    assert logged[1]["code"] == "malformed_json"
    assert len({line["request_id"] for line in logged}) == 4


def test_nothing_personal_is_in_any_line(lines: io.BytesIO, asked: Flask) -> None:
    assert lines.getvalue()
    assert PERSONAL.encode() not in lines.getvalue()
    assert b"a1secret" not in lines.getvalue()


def test_requests_are_counted_by_pattern(asked: Flask) -> None:
    text = asked.extensions["edge"].metrics.exposition().decode()
    line = 'rationale_requests_total{method="POST",route="/things/<name>",status="200"} 1.0'
    assert line in text
    assert 'rationale_request_seconds_count{route="/things/<name>"} 3.0' in text
    assert PERSONAL not in text


def test_lines_of_libraries_lose_their_arguments(lines: io.BytesIO) -> None:
    standard.getLogger("sqlalchemy").warning("slow query for %s", PERSONAL)
    try:
        raise ValueError(PERSONAL)
    except ValueError:
        standard.getLogger("library").exception("failed")
    logged = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["logger"] for line in logged] == ["sqlalchemy", "library"]
    assert logged[1]["error"] == "builtins.ValueError"
    assert PERSONAL.encode() not in lines.getvalue()


def test_request_lines_are_left_out_above_info(app: Flask) -> None:
    written = io.BytesIO()
    logging.configure("warning", written)
    app.test_client().get("/nowhere")
    assert written.getvalue() == b""
