"""What a simulation knows of a cart: recorded facts, facts of the log, and what nobody knows."""

from __future__ import annotations

from typing import Any

from tests.coupon_processes import fill
from tests.integration.simulation.conftest import TEN
from tests.integration.simulation.conftest import Change
from tests.integration.simulation.conftest import Shop

LOOK = {"length": 8, "format": "alphanumeric"}
VIP = {"attribute": "shopper.traits.vip", "operator": "==", "value": True}
ADA = {"shopper": {"customer_id": "ada"}}


def is_vip(shop: Shop, vip: bool) -> None:
    shop.author.made("POST", "/v1/identify", {"userId": "ada", "traits": {"vip": vip}})


def changed(result: dict[str, Any]) -> tuple[int, int, int]:
    decisions = result["decisions"]
    return decisions["changed"], decisions["rebuilt"], decisions["unknown"]


def test_facts_that_were_not_needed_then_are_found_in_the_log_as_of_then(
    shop: Shop, rule: Change
) -> None:
    is_vip(shop, True)
    shop.decide(**ADA)
    is_vip(shop, False)
    shop.decide(**ADA)
    assert changed(shop.simulated(rule(conditions=VIP))["result"]) == (1, 2, 0)


def test_shoppers_stay_in_their_segments_unless_these_are_to_be_evaluated_anew(
    shop: Shop, rule: Change
) -> None:
    segment = {"name": "S", "key": "s", "apply_to": "all", "conditions": {"all": []}}
    shop.live("segments", segment)
    inside = {"attribute": "shopper.segments", "operator": "contains", "value": "s"}
    shop.live("cart-rules", {**TEN, "conditions": inside})
    is_vip(shop, False)
    shop.decide(**ADA)
    narrowed = {"kind": "segments", **segment, "conditions": VIP}
    recorded = shop.simulated(narrowed)["result"]
    assert changed(recorded) == (0, 0, 0)
    assert [note["code"] for note in recorded["notes"]] == [
        "segments_not_reevaluated",
    ]
    anew = shop.simulated(narrowed, segments="reevaluated")["result"]
    assert changed(anew) == (1, 1, 0)
    assert anew["money"][0]["difference"] == "-10.00"


def test_carts_of_forgotten_persons_are_left_out_and_counted(shop: Shop, rule: Change) -> None:
    shop.decide(**ADA)
    shop.decide()
    person = shop.author.made("POST", "/v1/shoppers/lookup", {"customer_id": "ada"})["person"]
    shop.author.made("DELETE", f"/v1/shoppers/{person}", {"reason": "asked"})
    result = shop.simulated(rule())["result"]
    assert (result["decisions"]["erased"], result["decisions"]["compared"]) == (1, 1)
    assert result["decisions"]["changed"] == 1


def test_limits_are_read_as_they_stood_at_each_decision(shop: Shop, rule: Change) -> None:
    once = {**TEN, "uses_total": 1}
    ten = shop.live("cart-rules", once)
    first = shop.decide()
    shop.order(first, "o-1")
    shop.decide()  # the one use is gone
    twice = shop.simulated(rule(id=ten, uses_total=2))["result"]
    assert twice["money"][0]["difference"] == "10.00"
    assert twice["notes"][0]["code"] == "counters_not_rerun"
    half = rule(id=ten, uses_total=1, uses_per_customer=1, action={"type": "fixed", "amount": "5"})
    assert shop.simulated(half)["result"]["money"][0]["discount_after"] == "5.00"


def test_generated_codes_that_nobody_looked_up_then_are_found_as_of_then(shop: Shop) -> None:
    body = {**TEN, "coupon": {"type": "generated"}}
    drafted = shop.author.made("PUT", "/v1/cart-rules/ten", body)["id"]
    path = f"/v1/cart-rules/{drafted}/coupons"
    shop.author.made("POST", f"{path}/generate", {**LOOK, "quantity": 1})
    fill(shop.author.services)
    code = shop.author.made("GET", path)["items"][0]["code"]
    for coupons in ([code], ["OTHER"]):
        assert shop.decide(coupons=coupons)["coupons"][0]["status"] == "rejected"
    result = shop.simulated({"kind": "cart-rules", "id": drafted})["result"]
    assert result["coupons"]["applied"] == {"before": 0, "after": 1}
