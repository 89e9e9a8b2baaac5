"""GET /v1/content/{slot}: what may be kept, by whom, and until when."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from tests.fakes import SettableClock
from tests.published import publish

SITE = SiteId("shop")
PRIVATE = "private, no-store"
Get = Callable[..., Any]
Publish = Callable[..., None]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(parse_moment("2026-11-23T12:00:00Z"))


@pytest.fixture
def services(sqlite_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": sqlite_url}
    made = build(Settings.from_environment(environment), clock)
    yield made
    made.close()


@pytest.fixture
def get(services: Services) -> Get:
    token = issued_key(services, SITE, ("decide",), "test").token
    client = create_app(services).test_client()

    def send(path: str, **headers: str) -> Any:
        return client.get(path, headers={"Authorization": f"Bearer {token}", **headers})

    return send


@pytest.fixture
def slot(services: Services, get: Get) -> Publish:
    """Publishes a slot `s` with one block for everybody and one by the given conditions."""

    def live(
        conditions: Any = None, html: str = "all", rotation: str = "all", **segment: Any
    ) -> None:
        block: dict[str, Any] = {"name": "All", "types": ["content"], "priority": 2}
        blocks = {"all": {**block, "content": {"html": html}}}
        segments = {}
        if conditions is not None or segment:
            body = {"name": "Some", "apply_to": "all", "conditions": conditions or {"all": []}}
            segments["some"] = {**body, **segment}
            blocks["own"] = {**block, "segments": ["some"], "content": {"html": "own"}}
        one = {"key": "s", "name": "S", "source": "specified", "rotation": rotation}
        slots = {"s": {**one, "blocks": sorted(blocks)}}
        publish(services.stores.log, SITE, segments=segments, dynamic_blocks=blocks, slots=slots)

    return live


def leaf(attribute: str, value: Any, operator: str = "==") -> dict[str, Any]:
    return {"attribute": attribute, "operator": operator, "value": value}


@pytest.mark.parametrize(
    "conditions",
    [
        leaf("shopper.traits.vip", True),
        leaf("shopper.is_registered", True),
        leaf("shopper.group", "general"),
        leaf("context.customer_group", "general"),
        {"orders": "count", "operator": ">=", "value": 1},
        {"history": "Product Viewed", "within_days": 3, "operator": ">=", "value": 1},
        leaf("cart.subtotal", "1.00", ">="),
        {"lines": "found", "where": {"all": []}},
    ],
)
def test_what_looks_at_the_shopper_or_a_cart_is_private(
    get: Get, slot: Publish, conditions: Any
) -> None:
    slot(conditions)
    first, second = get("/v1/content/s"), get("/v1/content/s")
    assert first.headers["Cache-Control"] == PRIVATE
    assert "ETag" not in first.headers
    assert first.json["decision_id"] != second.json["decision_id"]


def test_a_segment_of_visitors_is_private(get: Get, slot: Publish) -> None:
    slot(apply_to="visitors")
    assert get("/v1/content/s").headers["Cache-Control"] == PRIVATE


@pytest.mark.parametrize("rotation", ["random", "series", "shuffle"])
def test_what_turns_is_private(get: Get, slot: Publish, rotation: str) -> None:
    slot(rotation=rotation)
    assert get("/v1/content/s").headers["Cache-Control"] == PRIVATE


@pytest.mark.parametrize(
    ("conditions", "query", "headers"),
    [
        (leaf("context.store_view", "de"), "?store_view=de", {}),
        (leaf("context.locale", "de-DE"), "?locale=de-DE", {}),
        (leaf("context.locale", "de-DE"), "", {"Accept-Language": "de-DE"}),
        (
            leaf("shopper.audiences", "vip", "contains"),
            "",
            {"aep-segments-membership": "new, vip"},
        ),
    ],
)
def test_what_a_cache_can_tell_apart_is_public(
    get: Get, slot: Publish, conditions: Any, query: str, headers: dict[str, str]
) -> None:
    slot(conditions)
    without = get("/v1/content/s")
    with_it = get(f"/v1/content/s{query}", **headers)
    assert [answer.headers["Cache-Control"] for answer in (without, with_it)] == [
        "public, max-age=30"
    ] * 2
    assert len(without.json["blocks"]) == 1
    assert len(with_it.json["blocks"]) == 2
    assert without.headers["ETag"] != with_it.headers["ETag"]


@pytest.mark.parametrize(
    "conditions",
    [
        leaf("time.hour", 12),
        leaf("time.date", "2026-11-23"),
        {"all": [leaf("time.day_of_week", 1), leaf("time.hour", 13, "<")]},
    ],
)
def test_what_reads_the_clock_is_kept_until_the_hour_ends(
    get: Get, slot: Publish, clock: SettableClock, conditions: Any
) -> None:
    slot(conditions)
    assert get("/v1/content/s").headers["Cache-Control"] == "public, max-age=30"
    clock.advance(59 * 60 * SECOND + 48 * SECOND)
    answer = get("/v1/content/s")
    assert answer.headers["Cache-Control"] == "public, max-age=12"
    clock.advance(12 * SECOND)
    assert get("/v1/content/s").json["decision_id"] != answer.json["decision_id"]


def test_what_does_not_read_the_clock_ignores_the_hour(
    get: Get, slot: Publish, clock: SettableClock
) -> None:
    slot(leaf("context.store_view", "de"))
    clock.advance(59 * 60 * SECOND + 48 * SECOND)
    assert get("/v1/content/s").headers["Cache-Control"] == "public, max-age=30"


def test_new_content_has_another_tag(get: Get, slot: Publish) -> None:
    slot(html="old")
    tag = get("/v1/content/s").headers["ETag"]
    assert get("/v1/content/s", **{"If-None-Match": tag}).status_code == 304
    slot(html="new")
    answer = get("/v1/content/s", **{"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json["blocks"][0]["content"] == {"html": "new"}


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", W/{}', "*"])
def test_a_tag_that_a_proxy_has_weakened_still_counts(get: Get, slot: Publish, known: str) -> None:
    slot()
    tag = get("/v1/content/s").headers["ETag"]
    answer = get("/v1/content/s", **{"If-None-Match": known.format(tag)})
    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


def test_the_same_content_keeps_its_tag(get: Get, slot: Publish, clock: SettableClock) -> None:
    slot()
    first = get("/v1/content/s")
    clock.advance(31 * SECOND)
    second = get("/v1/content/s")
    assert second.json["decision_id"] != first.json["decision_id"]
    assert second.headers["ETag"] == first.headers["ETag"]
