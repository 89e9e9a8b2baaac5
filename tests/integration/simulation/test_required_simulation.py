"""Publishing that wants a simulation of exactly what would be live."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from tests.integration.simulation.conftest import SITE
from tests.integration.simulation.conftest import TEN
from tests.integration.simulation.conftest import Change
from tests.integration.simulation.conftest import Shop

HALF = {"type": "percent", "amount": "50"}


def test_rules_are_published_once_exactly_they_were_simulated(shop: Shop, rule: Change) -> None:
    author = shop.author
    ten = shop.live("cart-rules", TEN)
    shop.decide()
    author.made("PUT", "/v1/site", {"require_simulation": "cart_rules"})
    author.made("PUT", f"/v1/cart-rules/{ten}", {**TEN, "action": HALF}, If_Match='"1"')
    told = author.refused(409, "POST", f"/v1/cart-rules/{ten}/publish", {})
    assert told["code"] == "simulation_required"
    simulated = shop.simulated({"kind": "cart-rules", "id": ten})
    assert simulated["digest"] == told["digest"]
    author.made("PUT", f"/v1/cart-rules/{ten}", {**TEN, "priority": 1}, If_Match='"2"')
    author.refused(409, "POST", f"/v1/cart-rules/{ten}/publish", {})  # other bodies
    author.made("POST", f"/v1/cart-rules/{ten}/publish", {"version": 2})


def test_a_body_may_be_simulated_before_it_is_saved(shop: Shop, rule: Change) -> None:
    shop.author.made("PUT", "/v1/site", {"require_simulation": "cart_rules"})
    shop.simulated(rule(key="new"))
    drafted = shop.author.made("POST", "/v1/cart-rules", {**TEN, "key": "new"})["id"]
    shop.author.publish(("cart-rules", drafted))


def test_a_simulation_is_good_for_some_hours(shop: Shop, rule: Change) -> None:
    shop.author.made(
        "PUT", "/v1/site", {"require_simulation": "cart_rules", "simulation_max_age_h": 2}
    )
    shop.simulated(rule(key="new"))
    drafted = shop.author.made("POST", "/v1/cart-rules", {**TEN, "key": "new"})["id"]
    shop.clock.advance(2 * 3_600 * SECOND + 1)
    shop.author.refused(409, "POST", f"/v1/cart-rules/{drafted}/publish", {})


@pytest.mark.parametrize(
    "empty",
    [
        {"over": {"from": "1999-01-01T00:00:00Z", "to": "2000-01-01T00:00:00Z"}},
        {"sample": {"share": "0.000000001"}},
    ],
    ids=["range", "sample"],
)
def test_a_simulation_that_looked_at_nothing_is_none(
    shop: Shop, rule: Change, empty: dict[str, Any]
) -> None:
    author = shop.author
    author.made("PUT", "/v1/site", {"require_simulation": "cart_rules"})
    drafted = author.made("POST", "/v1/cart-rules", {**TEN, "key": "new"})["id"]
    shop.decide()
    author.services.follower.catch_up(SITE)
    assert shop.simulated(rule(key="new"), **empty)["result"]["decisions"]["looked_at"] == 0
    told = author.refused(409, "POST", f"/v1/cart-rules/{drafted}/publish", {})
    assert (told["code"], "looked at" in told["detail"]) == ("simulation_required", True)
    shop.simulated(rule(key="new"))
    shop.simulated(rule(key="new"), **empty)  # takes nothing from the one before
    author.made("POST", f"/v1/cart-rules/{drafted}/publish", {})


def test_what_only_takes_away_and_what_is_no_rule_needs_none(shop: Shop) -> None:
    ten = shop.live("cart-rules", TEN)
    shop.author.made("PUT", "/v1/site", {"require_simulation": "cart_rules"})
    shop.author.made("POST", f"/v1/cart-rules/{ten}/pause", {})
    shop.author.refused(409, "POST", f"/v1/cart-rules/{ten}/resume", {})
    slot = {"key": "hero", "name": "Hero", "source": "specified", "rotation": "all", "blocks": []}
    block = {"key": "b", "name": "B", "types": ["content"], "content": {"html": "b"}, "priority": 1}
    shop.live("dynamic-blocks", block)
    shop.live("slots", {**slot, "blocks": ["b"]})
    shop.author.made("POST", f"/v1/cart-rules/{ten}/archive", {})
