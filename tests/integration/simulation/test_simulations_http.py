"""Simulations over HTTP: what would have been decided by rules that nobody published."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import format_moment
from aggregates.kernel.limits import SIMULATIONS_OPEN_MAX
from tests.fakes import NOON
from tests.integration.simulation.conftest import TEN
from tests.integration.simulation.conftest import Change
from tests.integration.simulation.conftest import Shop

OVER_50 = {"attribute": "cart.subtotal", "operator": ">=", "value": "50.00"}


def test_a_changed_rule_is_told_in_total_by_rule_and_by_decision(
    stored_shop: Shop, rule: Change
) -> None:
    shop = stored_shop
    ten = shop.live("cart-rules", TEN)
    small, large = shop.decide("20.00"), shop.decide("200.00")
    shop.order(large, "o-1")
    action = {"type": "percent", "amount": "20"}
    result = shop.simulated(rule(id=ten, action=action, conditions=OVER_50))["result"]
    assert result["decisions"] == {
        "in_range": 2,
        "looked_at": 2,
        "compared": 2,
        "changed": 2,
        "erased": 0,
        "unknown": 0,
        "rebuilt": 0,  # what the rule reads is in the request
    }
    assert result["orders"] == {"looked_at": 1, "touched": 1}
    money = result["money"][0]
    assert (money["discount_before"], money["discount_after"]) == ("22.00", "40.00")
    assert money["ordered"]["difference"] == "20.00"
    assert [one["decision_id"] for one in money["winners"]] == [large["decision_id"]]
    assert money["losers"][0]["link"] == f"/v1/decisions/{small['decision_id']}"
    assert shop.author.call("GET", money["losers"][0]["link"]).status_code == 200
    told = result["rules"][0]
    assert (told["rule_id"], told["name"], told["change"]) == (ten, "Ten percent", "changed")
    assert told["applied"] == {"before": 2, "after": 1}
    assert told["money"][0]["difference"] == "18.00"


def test_nothing_is_published_and_what_was_decided_stays(shop: Shop, rule: Change) -> None:
    ten = shop.live("cart-rules", TEN)
    decided = shop.decide()
    shop.simulated(rule(id=ten, action={"type": "percent", "amount": "50"}))
    assert shop.author.made("GET", "/v1/rulesets")["items"][0]["revision"] == 1
    assert shop.decide()["totals"]["discount"] == decided["totals"]["discount"]
    again = shop.author.made("POST", f"/v1/decisions/{decided['decision_id']}/replay", {})
    assert again["identical"]


def test_rules_are_added_and_removed_and_drafts_named(shop: Shop, rule: Change) -> None:
    ten = shop.live("cart-rules", TEN)
    shop.decide()
    draft = shop.author.made("POST", "/v1/cart-rules", {**TEN, "key": "five", "name": "Five"})
    body = {**TEN, "key": "five", "name": "Five", "action": {"type": "percent", "amount": "5"}}
    shop.author.made("PUT", f"/v1/cart-rules/{draft['id']}", body, If_Match='"1"')
    result = shop.simulated(
        {"kind": "cart-rules", "id": "ten", "remove": True},
        {"kind": "cart-rules", "id": "five"},
        rule(
            name="Free",
            key="ships",
            action={"type": "percent", "amount": "0"},
            free_shipping="shipment",
        ),
    )["result"]
    changes = {one["name"]: one["change"] for one in result["rules"]}
    assert changes == {"Ten percent": "removed", "Five": "added", "Free": "added"}
    assert result["money"][0]["discount_after"] == "5.00"
    assert result["free_shipping"] == {"before": 0, "after": 1}
    first = shop.simulated({"kind": "cart-rules", "id": "five", "version": 1})["result"]
    assert first["money"][0]["discount_after"] == "19.00"
    removed = next(one for one in result["rules"] if one["rule_id"] == ten)
    assert removed["applied"] == {"before": 1, "after": 0}


def test_an_older_revision_is_a_candidate(shop: Shop) -> None:
    shop.live("cart-rules", TEN)
    shop.live("cart-rules", {**TEN, "key": "more"})
    shop.decide()
    asked = {**shop.asked(), "candidate": {"revision": 1}}
    simulation = shop.author.made("POST", "/v1/simulations", asked)["id"]
    shop.run()
    result = shop.author.made("GET", f"/v1/simulations/{simulation}")["result"]
    assert result["money"][0]["difference"] == "-9.00"
    assert [note["code"] for note in result["notes"]] == ["other_revisions"]
    assert result["revisions"] == [{"revision": 2, "decisions": 1}]


def test_coupons_gifts_and_free_shipping_are_counted(shop: Shop, rule: Change) -> None:
    shop.decide(coupons=["SAVE"], shipping={"method": "post", "amount": "5.00"})
    gift = {"skus": ["toy"], "quantity": 1, "choose": 1}
    result = shop.simulated(
        rule(coupon={"type": "specific", "code": "save"}, free_shipping="shipment"),
        rule(action={"type": "free_gift", "gift": gift}),
    )["result"]
    assert result["coupons"]["applied"] == {"before": 0, "after": 1}
    assert result["coupons"]["rejected"] == {"before": 1, "after": 0}
    assert result["gifts"] == {"before": 0, "after": 1}
    assert result["free_shipping"] == {"before": 0, "after": 1}


def test_a_schedule_that_lies_elsewhere_is_told_or_opened(shop: Shop, rule: Change) -> None:
    shop.decide()
    later = rule(from_date="2027-01-01")
    kept = shop.simulated(later)["result"]
    assert (kept["decisions"]["changed"], kept["notes"][0]["code"]) == (0, "never_in_schedule")
    opened = shop.simulated(later, schedules="open")["result"]
    assert (opened["decisions"]["changed"], opened["notes"]) == (1, [])


def test_the_range_takes_its_first_moment_and_not_its_last(shop: Shop, rule: Change) -> None:
    moments = [shop.decide() and shop.clock.now() for _ in range(3)]
    over = {"from": format_moment(moments[0]), "to": format_moment(moments[2])}
    assert shop.simulated(rule(), over=over)["result"]["decisions"]["in_range"] == 2
    over = {"from": format_moment(NOON - DAY), "to": format_moment(NOON)}
    assert shop.simulated(rule(), over=over)["result"]["decisions"]["in_range"] == 0


WRONG: list[tuple[dict[str, Any], str, str]] = [
    (
        {"kind": "cart-rules", "name": "R"},
        "/candidate/changes/0/priority",
        "required",
    ),
    (
        {"conditions": {"attribute": "cart.nothing", "operator": ">=", "value": "1"}},
        "/candidate/changes/0/conditions/attribute",
        "unknown_attribute",
    ),
    (
        {"dynamic_blocks": ["blk_0000000009"]},
        "/candidate/changes/0/dynamic_blocks/0",
        "reference_not_live",
    ),
    ({"id": "rul_0000000009"}, "/candidate/changes/0/id", "definition_unknown"),
    ({"id": "ten", "key": "other"}, "/candidate/changes/0/key", "key_is_fixed"),
]


@pytest.mark.parametrize(("more", "pointer", "code"), WRONG)
def test_a_candidate_that_could_not_be_published_is_refused_before_it_runs(
    shop: Shop, rule: Change, more: dict[str, Any], pointer: str, code: str
) -> None:
    shop.live("cart-rules", TEN)
    change = more if "kind" in more else rule(**more)
    told = shop.author.refused(422, "POST", "/v1/simulations", shop.asked(change))
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in told["errors"]}
    assert shop.author.made("GET", "/v1/simulations")["items"] == []


def test_what_contradicts_what_is_live_is_told_at_its_change(shop: Shop, rule: Change) -> None:
    group = {"name": "g", "mode": "best", "per": "cart"}
    shop.live("cart-rules", {**TEN, "group": group})
    body = {"name": "S", "key": "s", "apply_to": "all", "conditions": {"all": []}}
    shop.live("segments", body)
    named = {"attribute": "shopper.segments", "operator": "contains", "value": "s"}
    shop.live("cart-rules", {**TEN, "key": "named", "conditions": named})
    for changes, pointer, code in (
        (
            [rule(group={**group, "mode": "first"})],
            "/candidate/changes/0/group",
            "group_contradicts",
        ),
        (
            [{"kind": "segments", "id": "s", "remove": True}],
            "/candidate/changes/0",
            "referenced_by",
        ),
        (
            [{"kind": "segments", "id": "t", "remove": True}],
            "/candidate/changes/0/id",
            "definition_unknown",
        ),
        ([rule(id="ten"), rule(key="ten")], "/candidate/changes/1", "named_twice"),
        (
            [{"kind": "cart-rules", "id": "ten", "version": 7}],
            "/candidate/changes/0/version",
            "version_unknown",
        ),
    ):
        told = shop.author.refused(422, "POST", "/v1/simulations", shop.asked(*changes))
        assert (told["errors"][0]["pointer"], told["errors"][0]["code"]) == (pointer, code)


def test_questions_that_make_no_sense_are_refused(shop: Shop) -> None:
    asked = shop.asked()
    early, late = asked["over"]["from"], asked["over"]["to"]
    for more, pointer, code in (
        ({"over": {"from": late, "to": early}}, "/over/to", "from_after_to"),
        (
            {"over": {"from": early, "to": late, "kind": "content"}},
            "/over/kind",
            "kind_not_simulated",
        ),
        ({"candidate": {"revision": 9}}, "/candidate/revision", "revision_unknown"),
        ({"sample": {"share": "0.1", "count": 5}}, "/sample", "share_or_count"),
        ({"sample": {"share": "0.0"}}, "/sample/share", "out_of_range"),
        ({"segments": "none"}, "/segments", "not_one_of"),
    ):
        told = shop.author.refused(422, "POST", "/v1/simulations", {**asked, **more})
        assert (told["errors"][0]["pointer"], told["errors"][0]["code"]) == (pointer, code)


def test_a_simulation_is_cancelled_once_and_for_good(stored_shop: Shop, rule: Change) -> None:
    shop = stored_shop
    shop.decide()
    id_ = shop.author.made("POST", "/v1/simulations", shop.asked(rule()))["id"]
    for _ in range(2):
        assert shop.author.made("DELETE", f"/v1/simulations/{id_}")["status"] == "cancelled"
    shop.run()
    found = shop.author.made("GET", f"/v1/simulations/{id_}")
    assert (found["status"], found["result"], found["attempts"]) == ("cancelled", None, 0)
    done = shop.simulated(rule())
    told = shop.author.refused(409, "DELETE", f"/v1/simulations/{done['id']}")
    assert told["code"] == "simulation_ended"
    shop.author.refused(404, "DELETE", "/v1/simulations/sim_0000000099")
    shop.author.refused(404, "GET", "/v1/simulations/sim_9999999999")
    listed = shop.author.made("GET", "/v1/simulations?limit=1")
    assert [one["id"] for one in listed["items"]] == [done["id"]]


def test_so_many_wait_and_no_more(shop: Shop) -> None:
    asked = shop.asked()
    for _ in range(SIMULATIONS_OPEN_MAX):
        shop.author.made("POST", "/v1/simulations", asked)
    told = shop.author.refused(409, "POST", "/v1/simulations", asked)
    assert (told["code"], told["limit"]) == ("too_many_simulations", SIMULATIONS_OPEN_MAX)


def test_the_same_idempotency_key_asks_once(shop: Shop) -> None:
    asked = shop.asked()
    ids = {
        shop.author.made("POST", "/v1/simulations", asked, Idempotency_Key="k")["id"]
        for _ in range(2)
    }
    assert len(ids) == 1
