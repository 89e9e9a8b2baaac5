"""Nothing that is answered tells whether a code exists for somebody else."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient

from aggregates.log import Append
from aggregates.log import Counter
from app.commands.keys import issued_key
from app.factory import create_app
from app.wiring import Services
from projections.coupons import uses_counter
from tests.fakes import SettableClock
from tests.integration.redemptions.test_codes_and_campaigns_http import with_codes
from tests.published import publish
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE
from tests.redemptions_given import cart

GOLD = {"attribute": "shopper.segments", "operator": "contains", "value": "gold"}
TIER = {"attribute": "context.custom.tier", "operator": "==", "value": "gold"}
HIDDEN = ("GROUP", "VIEW", "SEGMENT", "OVER", "G-FREE", "G-LATE", "G-USED")
"""Codes that are not for the shopper of `cart`, in every state that a code can be in."""


def specific(code: str, **more: Any) -> dict[str, Any]:
    return {**RULE, "coupon": {"type": "specific", "code": code}, **more}


@pytest.fixture
def codes(services: Services, clock: SettableClock) -> None:
    """Rules for others, and MINE for everybody."""
    generated = {**RULE, "coupon": {"type": "generated", "uses_per_coupon": 1}, "conditions": GOLD}
    rules = {
        "generated": generated,
        "group": specific("GROUP", customer_groups=["vip"]),
        "view": specific("VIEW", store_views=["fr"]),
        "segment": specific("SEGMENT", conditions=GOLD),
        "over": specific("OVER", customer_groups=["vip"], to_date="2001-01-01"),
        "mine": specific("MINE"),
    }
    segment = {"name": "Gold", "apply_to": "all", "conditions": TIER}
    block = {"name": "B", "types": ["content"], "priority": 1, "content": {"html": "b"}}
    slot = {"key": "top", "name": "Top", "source": "cart_rules", "rotation": "all"}
    publish(
        services.stores.log,
        SITE,
        cart_rules=rules,
        segments={"gold": segment},
        dynamic_blocks={"b": {**block, "cart_rules": ["mine"]}},
        slots={"top": slot},
    )
    with_codes(services, 1, "G-FREE", "G-USED")
    with_codes(services, 2, "G-LATE", expires_at=clock.now())
    services.log.append(Append(SITE, move=(Counter(uses_counter("g-used"), 1),)))


Send = Callable[..., Any]


@pytest.fixture
def service(services: Services, codes: None) -> Callable[..., Any]:
    """A service as just started, and how a key with these scopes asks it."""

    @contextmanager
    def begun(*scopes: str) -> Iterator[Send]:
        client: FlaskClient = create_app(services).test_client()
        token = issued_key(services, SITE, scopes, "test").token

        def send(body: dict[str, Any], kind: str = "cart") -> Any:
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.post(f"/v1/decisions/{kind}", json=body, headers=headers)
            told = answer.json
            for name in ("decision_id", "decided_at", "log_position", "request_id"):
                told.pop(name, None)
            return answer.status_code, told

        yield send

    return begun


def without(answer: Any, code: str) -> str:
    return repr(answer).replace(code, "CODE")


def test_a_code_of_others_is_answered_like_none(service: Callable[..., Any]) -> None:
    for code in HIDDEN:
        with service("decide") as send:
            for asked in ([code], ["MINE", code], [code, "MINE"]):
                body = cart(coupons=asked, explain=True)
                instead = cart(coupons=[one.replace(code, "NONE") for one in asked], explain=True)
                assert without(send(body), code) == without(send(instead), "NONE"), asked


def test_an_auditor_is_told_and_gold_may_use_it(service: Callable[..., Any]) -> None:
    with service("decide", "audit") as send:
        for code in HIDDEN:
            (told,) = send(cart(coupons=[code], shopper={"customer_id": code}))[1]["coupons"]
            assert told["reason"] == "not_for_this_shopper"
    with service("decide") as send:
        gold = {"context": {"custom": {"tier": "gold"}}}
        for code, status in (("SEGMENT", None), ("G-FREE", None), ("G-USED", "limit_reached")):
            (told,) = send(cart(coupons=[code], **gold))[1]["coupons"]
            assert told.get("reason") == status


def test_a_code_of_others_is_a_guess_that_failed(service: Callable[..., Any]) -> None:
    content = {"slot": "top", "shopper": {"customer_id": "ada"}}
    for kind, code in (("cart", "GROUP"), ("cart", "NONE"), ("content", "G-FREE")):
        with service("decide") as send:
            body = cart(coupons=[code])
            if kind == "content":
                body = {**content, "cart": {k: v for k, v in body.items() if k != "shopper"}}
            statuses = [send(body, kind)[0] for _ in range(21)]
        assert statuses == [200] * 20 + [429], (kind, code)
