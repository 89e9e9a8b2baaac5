"""Health, limits and documentation of the whole app."""

from __future__ import annotations

import os
import re
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import text

from aggregates.kernel import limits
from app.wiring import Services


def test_it_is_alive(client: FlaskClient) -> None:
    assert client.get("/livez").json == {"status": "alive"}


def test_it_is_ready_when_every_check_holds(client: FlaskClient, key: Any) -> None:
    key()
    answer: Any = client.get("/readyz")
    assert answer.status_code == 200, answer.json
    assert answer.json["checks"] == dict.fromkeys(
        ("database", "migrations", "key_store", "ruleset"), "ok"
    )
    assert answer.json["lag_events"] == 2


def test_it_is_not_ready_without_its_tables(client: FlaskClient, services: Services) -> None:
    with services.stores.log.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    answer: Any = client.get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert answer.json["checks"]["migrations"] != "ok"


def test_metrics_tell_requests_and_lag(client: FlaskClient, key: Any) -> None:
    key()
    client.get("/livez")
    answer = client.get("/metrics")
    assert b'rationale_follower_lag_events{site="shop"} 2.0' in answer.data
    assert b'route="/livez"' in answer.data


def test_every_limit_is_served_with_its_reason(client: FlaskClient) -> None:
    answer: Any = client.get("/v1/limits")
    served = {item["name"].upper(): item["value"] for item in answer.json["limits"]}
    defined = {name: value for name, value in vars(limits).items() if name.isupper()}
    assert served == defined
    assert all(item["reason"] for item in answer.json["limits"])


def test_the_contract_is_valid_openapi_and_names_every_route(
    app: Flask, client: FlaskClient
) -> None:
    document: Any = client.get("/openapi.json").json
    OpenAPIV31SpecValidator(document).validate()
    documented = {
        (path, method.upper())
        for path, operations in document["paths"].items()
        for method in operations
        if method in {"get", "post", "put", "delete"}
    }
    served = {
        (_template(rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.split("/")[2:3] != [(rule.defaults or {}).get("kind")]  # no kind of now
    }
    assert documented == served
    for operations in document["paths"].values():
        for method in set(operations) & {"get", "post", "put", "delete"}:
            assert operations[method]["summary"]
            assert "default" in operations[method]["responses"]


def _template(rule: str) -> str:
    """`/v1/keys/<string:key_id>` as OpenAPI writes it: `/v1/keys/{key_id}`."""
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule)


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/docs", "text/html"),
        ("/docs/docs.css", "text/css"),
        ("/docs/docs.js", "text/javascript"),
        ("/docs/problems", "text/html"),
    ],
)
def test_the_documentation_needs_no_other_host(client: FlaskClient, path: str, media: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert b"https://" not in answer.data
    assert b"http://" not in answer.data
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_contract_is_as_it_was(client: FlaskClient, request: pytest.FixtureRequest) -> None:
    """A changed contract is a decision: WRITE_SNAPSHOT=1 writes it anew, to be read in the diff."""
    path = request.path.parent / "openapi.json"
    document = orjson.loads(client.get("/openapi.json").data)
    found = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    if os.environ.get("WRITE_SNAPSHOT"):
        path.write_bytes(found)
    assert path.read_bytes() == found
