"""Keys and scopes: who comes in."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from flask import Flask
from flask import Response
from flask.testing import FlaskClient

from aggregates.kernel.ids import SiteId
from app.edge import callers
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import collecting
from app.edge.auth import require
from tests.edge_fakes import Keys


@pytest.fixture
def door(app: Flask, keys: Keys) -> FlaskClient:
    @app.post("/events")
    @require("ingest", "collect")
    def events() -> Response:
        return respond(200, {"site": caller().site, "collecting": collecting()})

    @app.get("/admin")
    @require("admin")
    def admin() -> Response:
        return respond(200, {"key_id": caller().key_id})

    return app.test_client()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _basic(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{token}:".encode()).decode()}


def test_a_key_with_the_scope_comes_in(door: FlaskClient, keys: Keys) -> None:
    token = keys.issue("a1", "admin")
    assert door.get("/admin", headers=_bearer(token)).json == {"key_id": "a1"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_key"),
        ("Bearer", "invalid_key"),
        ("Bearer rk_", "invalid_key"),
        ("Bearer rk_a1_wrong", "invalid_key"),
        ("Bearer rk_zz_a1secret", "invalid_key"),
        ("Bearer \xff\xfe", "invalid_key"),
        ("Digest rk_a1_a1secret", "unknown_scheme"),
        ("Basic cmtfYTFfYTFzZWNyZXQ6", "unknown_scheme"),
    ],
)
def test_anything_else_is_unauthorized(
    door: FlaskClient, keys: Keys, header: str | None, code: str
) -> None:
    keys.issue("a1", "admin")
    headers = {} if header is None else {"Authorization": header}
    answer: Any = door.get("/admin", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (401, code)
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_key_without_the_scope_is_forbidden(door: FlaskClient, keys: Keys) -> None:
    token = keys.issue("a1", "decide")
    answer: Any = door.get("/admin", headers=_bearer(token))
    assert (answer.status_code, answer.json["code"]) == (403, "missing_scope")


def test_event_routes_take_the_key_as_basic_user_name(door: FlaskClient, keys: Keys) -> None:
    token = keys.issue("a1", "ingest")
    assert door.post("/events", headers=_basic(token)).json == {
        "site": "shop",
        "collecting": False,
    }
    assert door.post("/events", headers={"Authorization": "Basic !!"}).status_code == 401


def test_a_revoked_key_is_refused_once_it_is_asked_for_again(
    door: FlaskClient, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = keys.issue("a1", "admin")
    monkeypatch.setattr(callers, "FRESH_S", 0.0)
    assert door.get("/admin", headers=_bearer(token)).status_code == 200
    del keys.stored["a1"]
    assert door.get("/admin", headers=_bearer(token)).status_code == 401


def test_a_fresh_key_is_not_read_again(door: FlaskClient, keys: Keys) -> None:
    token = keys.issue("a1", "admin")
    for _ in range(5):
        assert door.get("/admin", headers=_bearer(token)).status_code == 200
    assert keys.asked == 1


def test_a_made_key_is_found_by_its_own_digest() -> None:
    key_id, token = callers.new_key()
    stored = callers.StoredKey(
        SiteId("s"), frozenset({"audit"}), callers.digest_of(b"p", token).hex()
    )
    found = callers.Callers(b"p", {key_id: stored}.get).find(token)
    assert (found.key_id, found.scopes) == (key_id, frozenset({"audit"}))


def test_only_collect_routes_answer_foreign_origins(door: FlaskClient, keys: Keys) -> None:
    origin = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    asked: Any = door.options("/events", headers=origin)
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    refused = door.post("/events", headers=origin)
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in door.options("/admin", headers=origin).headers
    token = keys.issue("a1", "admin")
    answer = door.get("/admin", headers={**origin, **_bearer(token)})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_unknown_scope_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ValueError, match="not scopes"):
        require("everything")
