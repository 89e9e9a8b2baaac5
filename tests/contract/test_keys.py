"""Keys over HTTP."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from app.edge import callers


def test_a_new_key_comes_in_with_its_scopes(client: FlaskClient, key: Any) -> None:
    admin = key("admin")
    made: Any = client.post("/v1/keys", json={"name": "till", "scopes": ["decide"]}, headers=admin)
    assert made.status_code == 201
    assert made.json["log_position"] > 0
    headers = {"Authorization": f"Bearer {made.json['key']}"}
    refused: Any = client.get("/v1/keys", headers=headers)
    assert refused.json["code"] == "missing_scope"


def test_the_text_of_a_key_is_shown_once(client: FlaskClient, key: Any) -> None:
    headers = {**key("admin"), "Idempotency-Key": "k"}
    body = {"name": "till", "scopes": ["decide"]}
    first: Any = client.post("/v1/keys", json=body, headers=headers)
    second: Any = client.post("/v1/keys", json=body, headers=headers)
    assert first.json["key"].startswith("rk_")
    assert second.json == {**first.json, "key": None}
    assert second.headers["Idempotent-Replayed"] == "true"
    listed: Any = client.get("/v1/keys", headers=headers)
    assert first.json["key"].encode() not in listed.data
    assert [item["name"] for item in listed.json["items"]] == ["test", "till"]


def test_a_revoked_key_is_refused_within_its_fresh_second(
    client: FlaskClient, key: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(callers, "FRESH_S", 0.0)
    admin = key("admin")
    made: Any = client.post("/v1/keys", json={"name": "n", "scopes": ["admin"]}, headers=admin)
    headers = {"Authorization": f"Bearer {made.json['key']}"}
    assert client.get("/v1/keys", headers=headers).status_code == 200
    gone: Any = client.delete(f"/v1/keys/{made.json['key_id']}", headers=admin)
    assert (gone.status_code, gone.json["revoked"]) == (200, True)
    assert client.get("/v1/keys", headers=headers).status_code == 401
    again: Any = client.delete(f"/v1/keys/{made.json['key_id']}", headers=admin)
    assert again.status_code == 200


def test_a_key_does_not_revoke_itself_nor_one_of_another_site(
    client: FlaskClient, key: Any
) -> None:
    admin = key("admin")
    own = client.get("/v1/keys", headers=admin)
    body: Any = own.json
    itself: Any = client.delete(f"/v1/keys/{body['items'][0]['key_id']}", headers=admin)
    assert (itself.status_code, itself.json["code"]) == (409, "own_key")
    missing: Any = client.delete("/v1/keys/0123456789abcdef", headers=admin)
    assert (missing.status_code, missing.json["code"]) == (404, "key_unknown")


def test_a_key_without_sense_is_refused(client: FlaskClient, key: Any) -> None:
    answer: Any = client.post(
        "/v1/keys", json={"name": "", "scopes": ["everything"]}, headers=key("admin")
    )
    assert answer.status_code == 422
    assert {item["pointer"] for item in answer.json["errors"]} == {"/name", "/scopes/0"}
