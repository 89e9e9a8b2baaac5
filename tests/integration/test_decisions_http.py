"""Questions over HTTP: answers, explanations, replays, caches, and what bad input gets."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from structlog.testing import capture_logs

from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from rulesets.engine import EngineFailed
from rulesets.stratum import Stratum
from tests.published import publish

SITE = SiteId("shop")
CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [
        {"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"},
        {"line_id": "2", "sku": "B", "quantity": 1, "unit_price": "5.00"},
    ],
    "shipping": {"method": "post", "amount": "4.00"},
}
RULES: dict[str, dict[str, Any]] = {
    "ten": {
        "name": "Ten percent for Germany",
        "priority": 1,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"attribute": "shopper.segments", "operator": "contains", "value": "german"},
        "action": {"type": "percent", "amount": "10"},
        "labels": {"default": "Ten"},
    },
    "loyal": {
        "name": "Loyal",
        "priority": 2,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"orders": "count", "operator": ">=", "value": 3},
        "action": {"type": "percent", "amount": "50"},
    },
}
SEGMENTS: dict[str, dict[str, Any]] = {
    "german": {
        "name": "German",
        "apply_to": "all",
        "conditions": {"attribute": "context.country", "operator": "==", "value": "DE"},
    },
    "buyers": {
        "name": "Buyers",
        "apply_to": "all",
        "conditions": {"orders": "count", "operator": ">=", "value": 1},
    },
}
BLOCKS: dict[str, dict[str, Any]] = {
    "flag": {
        "name": "Flag",
        "types": ["content"],
        "segments": ["german"],
        "content": {"html": "<p>Hallo</p>"},
        "priority": 1,
    },
    "thanks": {
        "name": "Thanks",
        "types": ["content"],
        "segments": ["buyers"],
        "content": {"html": "<p>Danke</p>"},
        "priority": 1,
    },
    "all": {"name": "All", "types": ["content"], "content": {"html": "<p>Hi</p>"}, "priority": 2},
}
SLOTS: dict[str, dict[str, Any]] = {
    key: {"key": key, "name": key, "source": "specified", "blocks": blocks, "rotation": "all"}
    for key, blocks in {
        "flags": ["flag", "all"],
        "personal": ["thanks", "all"],
        "public": ["all"],
    }.items()
}
Ask = Callable[..., Any]


@pytest.fixture
def services(sqlite_url: str, tmp_path: Path) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": sqlite_url}
    made = build(Settings.from_environment(environment))
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def key(services: Services) -> Callable[..., dict[str, str]]:
    def issue(*scopes: str) -> dict[str, str]:
        issued = issued_key(services, SITE, scopes or tuple(sorted(SCOPES)), "test")
        return {"Authorization": f"Bearer {issued.token}"}

    return issue


@pytest.fixture
def ask(services: Services, client: FlaskClient, key: Callable[..., dict[str, str]]) -> Ask:
    """POSTs or GETs with a key of all scopes, over one published revision."""
    headers = key()
    publish(
        services.stores.log,
        SITE,
        segments=SEGMENTS,
        cart_rules=RULES,
        dynamic_blocks=BLOCKS,
        slots=SLOTS,
    )

    def send(path: str, body: Any = None, **more: str) -> Any:
        method = "GET" if body is None else "POST"
        return client.open(path, method=method, json=body, headers={**headers, **more})

    return send


def german(**more: Any) -> dict[str, Any]:
    return {**deepcopy(CART), "context": {"country": "DE"}, **more}


def test_an_answer_is_explained_and_replays_both_ways(ask: Ask) -> None:
    answer = ask("/v1/decisions/cart", german()).json
    assert answer["totals"]["discount"] == "2.50"
    assert [rule["label"] for rule in answer["applied_rules"]] == ["Ten"]
    path = f"/v1/decisions/{answer['decision_id']}"
    told = ask(f"{path}/explanation").json
    assert [(s["segment_id"], s["name"], s["member"]) for s in told["segments"]] == [
        ("seg_0000000001", "German", True),
        ("seg_0000000002", "Buyers", False),
    ]
    assert told["rules"][0]["fired"]
    assert told["rules"][1]["because"]["actual"] == 0
    assert told["summary"] == [
        "The shopper is in the segment “German”.",
        "“Ten percent for Germany” took off 2.50 USD: the shopper's segments are “German”"
        " (they had to contain “German”).",
        "“Loyal” did not apply: the number of orders is 0 (it had to be at least 3).",
    ]
    for mode in ("recorded", "from_log"):
        result = ask(f"{path}/replay", {"mode": mode}).json
        assert result["identical"], result
    whole = ask(path).json
    assert whole["answer"] == {n: v for n, v in answer.items() if n != "log_position"}
    assert whole["request"] == german()


def test_the_index_lists_decisions_newest_first(ask: Ask, services: Services) -> None:
    first = ask("/v1/decisions/cart", german()).json["decision_id"]
    second = ask("/v1/decisions/cart", CART).json["decision_id"]
    services.follower.catch_up(SITE)
    items = ask("/v1/decisions?kind=cart").json["items"]
    assert [item["decision_id"] for item in items] == [second, first]
    by_rule = ask("/v1/decisions?rule_id=rul_0000000001").json["items"]
    assert [item["decision_id"] for item in by_rule] == [first]
    page = ask("/v1/decisions?limit=1").json
    rest = ask(f"/v1/decisions?limit=1&cursor={page['next_cursor']}").json
    assert [page["items"][0], rest["items"][0]] == items


def test_a_repeated_key_gets_the_same_answer_and_no_second_decision(
    ask: Ask, services: Services
) -> None:
    once = {"Idempotency-Key": "k"}
    first = ask("/v1/decisions/cart", german(explain=True), **once)
    head = services.log.head(SITE).position
    again = ask("/v1/decisions/cart", german(explain=True), **once)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json
    assert services.log.head(SITE).position == head
    assert ask("/v1/decisions/cart", german(), **once).json["code"] == "idempotency_key_reused"


def test_without_audit_the_profile_stays_hidden(
    ask: Ask, client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    headers = key("decide")
    question = german(explain=True)
    answer: Any = client.post("/v1/decisions/cart", json=question, headers=headers).json
    assert answer["explanation"]["rules"][1]["because"]["actual"] == "(profile)"
    assert "facts" not in answer["explanation"]
    path = f"/v1/decisions/{answer['decision_id']}/explanation"
    assert client.get(path, headers=headers).status_code == 403


def test_an_explained_answer_names_the_rejected_rules(ask: Ask) -> None:
    answer = ask("/v1/decisions/cart", german(explain=True)).json
    (rejected,) = answer["rejected_rules"]
    assert (rejected["rule_id"], rejected["code"]) == ("rul_0000000002", "conditions_not_met")


def test_a_dry_run_has_no_id(ask: Ask, services: Services) -> None:
    head = services.log.head(SITE).position
    assert ask("/v1/decisions/cart", german(dry_run=True)).json["decision_id"] is None
    assert services.log.head(SITE).position == head


def test_a_decision_waits_for_no_position_that_never_comes(ask: Ask) -> None:
    answer = ask("/v1/decisions/cart", german(min_position=10**6))
    assert (answer.status_code, answer.json["code"]) == (503, "not_caught_up")


def test_content_says_why_a_block_is_shown(ask: Ask) -> None:
    question = {"slot": "flags", "context": {"country": "DE"}}
    answer = ask("/v1/decisions/content", question).json
    assert [block["name"] for block in answer["blocks"]] == ["Flag", "All"]
    assert answer["blocks"][0]["because"] == {"segment": "seg_0000000001"}
    told = ask(f"/v1/decisions/{answer['decision_id']}/explanation").json
    assert "The block “Flag” is shown because of the segment “German”." in told["summary"]
    for mode in ("recorded", "from_log"):
        result = ask(f"/v1/decisions/{answer['decision_id']}/replay", {"mode": mode}).json
        assert result["identical"], result


def test_a_public_slot_is_filled_once_and_cached(ask: Ask, services: Services) -> None:
    first = ask("/v1/content/public?store_view=en")
    head = services.log.head(SITE).position
    second = ask("/v1/content/public?store_view=en")
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert first.headers["Vary"] == "Accept-Language, aep-segments-membership"
    assert second.json == first.json
    assert services.log.head(SITE).position == head
    tag = first.headers["ETag"]
    known = ask("/v1/content/public?store_view=en", None, **{"If-None-Match": tag})
    assert (known.status_code, known.data) == (304, b"")
    assert ask("/v1/content/public?store_view=de").json["decision_id"] != first.json["decision_id"]


def test_a_public_slot_is_filled_anew_by_a_new_revision(ask: Ask, services: Services) -> None:
    first = ask("/v1/content/public").json
    changed = {**BLOCKS, "all": {**BLOCKS["all"], "content": {"html": "<p>New</p>"}}}
    publish(services.stores.log, SITE, segments=SEGMENTS, dynamic_blocks=changed, slots=SLOTS)
    second = ask("/v1/content/public").json
    assert second["revision"] == first["revision"] + 1
    assert second["blocks"][0]["content"] == {"html": "<p>New</p>"}


def test_a_personal_slot_is_private_and_recorded_each_time(ask: Ask) -> None:
    who = {"Rationale-Customer-Id": "42"}
    first, second = (ask("/v1/content/personal", None, **who) for _ in range(2))
    assert first.headers["Cache-Control"] == "private, no-store"
    assert first.json["decision_id"] != second.json["decision_id"]


def test_an_unknown_slot_is_not_found(ask: Ask) -> None:
    assert ask("/v1/content/nowhere").status_code == 404
    assert ask("/v1/decisions/content", {"slot": "nowhere"}).status_code == 404
    assert ask("/v1/decisions/dec_0").json["code"] == "decision_unknown"


def test_the_chain_is_verified(ask: Ask, services: Services) -> None:
    ask("/v1/decisions/cart", german())
    head = services.log.head(SITE)
    told = {"intact": True, "events": head.position, "head": head.hash.hex()}
    assert ask("/v1/log/verify", {}).json == {**told, "checkpoint": None, "checkpoints": 0}


def test_a_tampered_chain_is_an_answer_not_an_error(ask: Ask, services: Services) -> None:
    ask("/v1/decisions/cart", german())
    with services.stores.log.begin() as connection:
        connection.execute(text("UPDATE events SET occurred_at = 1 WHERE position = 2"))
    answer = ask("/v1/log/verify", {})
    assert answer.status_code == 200
    assert answer.json == {
        "intact": False,
        "position": 2,
        "code": "hash_mismatch",
        "detail": "the log does not hold at position 2",
    }


@pytest.mark.parametrize("name", ["order", "rule", "since"])
def test_the_index_refuses_a_filter_that_it_does_not_know(ask: Ask, name: str) -> None:
    answer = ask(f"/v1/decisions?kind=cart&{name}=1")
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [
        (f"/{name}", "unknown_parameter")
    ]


def _changed(path: str, value: Any) -> dict[str, Any]:
    cart: Any = deepcopy(CART)
    *steps, last = path.split("/")[1:]
    place = cart
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return cart  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/currency", "XYZ", "unknown_currency"),
        ("/currency", "usd", "unknown_currency"),
        ("/lines/0/currency", "EUR", "unknown_field"),
        ("/lines/0/quantity", 0, "out_of_range"),
        ("/lines/0/quantity", -1, "out_of_range"),
        ("/lines/0/quantity", 100_001, "out_of_range"),
        ("/lines/0/quantity", True, "not_a_number"),
        ("/lines/0/quantity", "two", "not_a_number"),
        ("/lines/0/quantity", 0.00001, "too_many_digits"),
        ("/lines/0/unit_price", "-1.00", "negative_amount"),
        ("/lines/0/unit_price", "1.005", "too_many_digits"),
        ("/lines/0/unit_price", "9999999999999", "amount_too_large"),
        ("/lines/0/unit_price", "ten", "not_money"),
        ("/lines/0/unit_price", None, "not_null"),
        ("/lines/1/line_id", "1", "duplicate_line_id"),
        ("/lines/1/parent_line_id", "9", "parent_unknown"),
        ("/lines/1/parent_line_id", "2", "parent_unknown"),
        ("/lines/0/sku", "", "wrong_length"),
        ("/lines/0/sku", "x" * 1_025, "wrong_length"),
        ("/lines/0/sku", "a\0b", "nul_in_string"),
        ("/lines", [CART["lines"][0]] * 501, "too_long"),
        ("/coupons", ["C"] * 21, "too_long"),
        ("/shipping/amount", "4.001", "too_many_digits"),
        ("/shopper", "42", "wrong_type"),
        ("/surprise", 1, "unknown_field"),
    ],
)
def test_a_wrong_cart_is_refused_with_its_place(
    ask: Ask, services: Services, pointer: str, value: Any, code: str
) -> None:
    head = services.log.head(SITE).position
    answer = ask("/v1/decisions/cart", _changed(pointer, value))
    assert answer.status_code == 422, answer.json
    assert (pointer, code) in {(e["pointer"], e["code"]) for e in answer.json["errors"]}
    assert services.log.head(SITE).position == head


def test_a_refused_cart_of_content_points_into_the_cart(ask: Ask) -> None:
    wrong = _changed("/currency", "XYZ")
    answer = ask("/v1/decisions/content", {"slot": "public", "cart": wrong})
    assert [error["pointer"] for error in answer.json["errors"]] == ["/cart/currency"]


def test_nothing_is_answered_when_it_cannot_be_recorded(
    ask: Ask, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aggregates.kernel.errors import Unavailable

    def refuse(unit: Append) -> Any:
        raise Unavailable("overloaded", "the queue is full")

    monkeypatch.setattr(type(services.log), "append", lambda self, unit: refuse(unit))
    answer = ask("/v1/decisions/cart", german())
    assert (answer.status_code, answer.json["code"]) == (503, "overloaded")


def test_a_rule_published_over_http_decides_the_next_cart(
    client: FlaskClient, key: Callable[..., dict[str, str]]
) -> None:
    headers = key()
    body = {**RULES["loyal"], "conditions": {"all": []}}
    assert client.put("/v1/cart-rules/half", json=body, headers=headers).status_code == 201
    half = {"publish": [{"kind": "cart-rules", "id": "half"}]}
    published = client.post("/v1/rulesets", json=half, headers=headers)
    assert published.status_code in {200, 201}, published.json
    answer: Any = client.post("/v1/decisions/cart", json=CART, headers=headers).json
    assert answer["totals"]["discount"] == "12.50"
    path = f"/v1/decisions/{answer['decision_id']}"
    told: Any = client.get(f"{path}/explanation", headers=headers).json
    assert told["summary"] == ["“Loyal” took off 12.50 USD: it has no conditions."]
    for mode in ("recorded", "from_log"):
        result: Any = client.post(f"{path}/replay", json={"mode": mode}, headers=headers).json
        assert result["identical"], result


def test_an_engine_error_is_told_in_the_log(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> list[str]:
        raise EngineFailed("the C code gave up")

    expected = ask("/v1/decisions/cart", german()).json
    monkeypatch.setattr(Stratum, "fired", fail)
    with capture_logs() as told:
        answer = ask("/v1/decisions/cart", german()).json
    assert answer["totals"] == expected["totals"]
    lines = [(line["log_level"], line["event"], line["decision_id"]) for line in told]
    assert lines == [("error", "engine_fallback", answer["decision_id"])]
