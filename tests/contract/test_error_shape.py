"""The shape of errors, over every route of the app.

Every route answers problem+json: 401 without a key, 403 without the scope, 405 for another method,
400 for a body that is no JSON, 413 for one that is too long, 422 for readable JSON that is not
what the route asks for. Unknown paths are 404. No route answers any of it with another media type.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

OPEN = {"/livez", "/readyz", "/metrics", "/openapi.json", "/v1/limits", "/v1/signing-keys"}
"""Routes without a key; those of /docs are open as well."""

NO_BODY = {"pause", "resume", "archive", "verify"}
"""Last steps of POST routes that take an empty body."""


def _routes(app: Flask) -> list[tuple[str, str, Any]]:
    return [
        (method, rule.rule, app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _guarded(app: Flask) -> list[tuple[str, str, Any]]:
    return [
        (method, path, view)
        for method, path, view in _routes(app)
        if path not in OPEN and not path.startswith("/docs")
    ]


def _filled(path: str) -> str:
    return "/".join("x" if step.startswith("<") else step for step in path.split("/"))


def _assert_problem(answer: Any, status: int, where: str) -> None:
    assert answer.status_code == status, f"{where}: {answer.status_code} {answer.data[:300]!r}"
    assert answer.mimetype == "application/problem+json", where
    body = answer.json
    assert set(body) >= {"type", "title", "status", "detail", "code"}, where
    assert body["status"] == status, where
    assert body["code"] == body["code"].lower(), where
    assert body["type"] == f"/docs/problems#{body['code']}", where
    for item in body.get("errors", []):
        assert set(item) == {"pointer", "code", "detail"}, where
        assert item["pointer"] == "" or item["pointer"].startswith("/"), where


def test_every_guarded_route_stands_under_require(app: Flask) -> None:
    for method, path, view in _guarded(app):
        assert getattr(view, "scopes", None), f"{method} {path} has no @require"


def test_without_a_key_every_route_is_unauthorized(app: Flask, client: FlaskClient) -> None:
    for method, path, _ in _guarded(app):
        answer = client.open(_filled(path), method=method)
        _assert_problem(answer, 401, f"{method} {path}")


def test_with_a_key_of_other_scopes_every_route_is_forbidden(
    app: Flask, client: FlaskClient, key: Any
) -> None:
    every = {"ingest", "collect", "decide", "author", "audit", "admin"}
    keys: dict[frozenset[str], dict[str, str]] = {}
    for method, path, view in _guarded(app):
        others = frozenset(every - view.scopes)
        headers = keys.setdefault(others, keys.get(others) or key(*sorted(others)))
        answer = client.open(_filled(path), method=method, headers=headers)
        _assert_problem(answer, 403, f"{method} {path}")


def test_another_method_is_not_allowed(app: Flask, client: FlaskClient) -> None:
    paths: dict[str, set[str]] = {}
    for method, path, _ in _routes(app):
        paths.setdefault(path, set()).add(method)
    for path in paths:
        answer: Any = client.open(_filled(path), method="PATCH")
        _assert_problem(answer, 405, f"PATCH {path}")
        assert answer.headers["Allow"]


def test_unknown_paths_are_not_found(client: FlaskClient) -> None:
    for path in ("/", "/v1", "/nothing", "/v1/decisions/cart/x/y/z"):
        _assert_problem(client.get(path), 404, path)


NO_NAMES = [
    "9" * 5_000,
    *(f"{prefix}_{'9' * digits}" for prefix in ("cpb", "sim") for digits in (10, 20, 5_000)),
    "%00",
    "x" * 5_000,
]
"""Steps of a path that name nothing: numbers that no column holds, bytes that no text holds."""


def test_no_name_in_a_path_is_an_error_of_the_service(
    app: Flask, client: FlaskClient, key: Any
) -> None:
    headers = key()
    for method, path, _ in _guarded(app):
        if method in {"GET", "DELETE"} and "<" in path:
            for name in NO_NAMES:
                filled = "/".join(name if step[:1] == "<" else step for step in path.split("/"))
                answer: Any = client.open(filled, method=method, headers=headers)
                assert answer.status_code < 500, f"{method} {path} {name[:20]}: {answer.json}"


BAD_BODIES = [
    (b"{", 400, "malformed_json"),
    (b'{"a": NaN}', 400, "not_json_number"),
    (b'{"a": "\\ud800"}', 400, "lone_surrogate"),
    (b"\xff", 400, None),
    (b" " * 4_000_001, 413, "body_too_large"),
    (b"[" * 40 + b"]" * 40, 422, None),
    (b"[1]", 422, None),
    (b'"text"', 422, None),
    (b"null", 422, None),
    (b"7", 422, None),
    (b'{"no_such_field_here": "\\u0000"}', 422, None),
    (b'{"no_such_field_here": 1}', 422, None),
]


@pytest.mark.parametrize("bad", BAD_BODIES, ids=lambda bad: repr(bad[0][:20]))
def test_a_bad_body_is_refused_by_every_route_that_takes_one(
    app: Flask, client: FlaskClient, key: Any, bad: tuple[bytes, int, str | None]
) -> None:
    data, status, code = bad
    headers = {**key(), "If-Match": '"1"'}
    for method, path, _ in _guarded(app):
        if method not in {"POST", "PUT"} or path.rsplit("/", 1)[1] in NO_BODY:
            continue
        answer: Any = client.open(_filled(path), method=method, data=data, headers=headers)
        if path in UNCHECKED or answer.status_code == 404:
            continue
        if path.endswith("/lint") and status == 422:
            assert answer.status_code == 422 or answer.json["problems"], path
            continue
        if path in MESSAGES and data.startswith(b"{") and status == 422:
            assert answer.json["rejected"] or answer.json["accepted"], path
            continue
        _assert_problem(answer, status, f"{method} {path} {data[:40]!r}")
        assert code is None or answer.json["code"] == code, path


MESSAGES = {f"/v1/{kind}" for kind in ("track", "identify", "page", "screen", "group", "alias")}
"""A message is kept with fields nobody knows, and a wrong one is rejected within a 200."""

UNCHECKED = {"/v1/catalog/import"}
"""NDJSON: a bad line is reported in the answer."""


def test_an_idempotency_key_that_is_none_is_refused_everywhere(
    app: Flask, client: FlaskClient, key: Any
) -> None:
    headers = {**key(), "Idempotency-Key": "with space"}
    for method, path, _ in _guarded(app):
        if method in {"POST", "PUT", "DELETE"}:
            answer = client.open(_filled(path), method=method, data=b"{}", headers=headers)
            _assert_problem(answer, 400, f"{method} {path}")
