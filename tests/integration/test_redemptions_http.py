"""Redemptions and reservations over HTTP: once for each order, never over a limit."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.coupon import ADDED
from aggregates.coupon import ASKED
from aggregates.coupon import DELETED
from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.coupon import deletions_stream
from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from decisions.budgets import note_thresholds
from decisions.reservations import release_expired
from tests.fakes import SettableClock
from tests.published import publish

SITE = SiteId("shop")
RULE: dict[str, Any] = {
    "name": "Rule",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
COUPON = {**RULE, "coupon": {"type": "specific", "code": "SAVE", "uses_per_coupon": 2}}
Ask = Callable[..., Any]


def cart(customer: str = "ada", **more: Any) -> dict[str, Any]:
    return {
        "cart_id": "c",
        "currency": "USD",
        "shopper": {"customer_id": customer},
        "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
        **more,
    }


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(environment), clock)
    yield made
    made.close()


@pytest.fixture
def ask(services: Services) -> Ask:
    """Sends with a key for decisions and audits; the answer with its status."""
    client = create_app(services).test_client()
    token = issued_key(services, SITE, ("audit", "author", "decide"), "test").token

    def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {token}", **headers}
        answer = client.open(path, method=method, json=body, headers=sent)
        return answer.status_code, answer.json

    return send


@pytest.fixture
def decide(ask: Ask) -> Callable[..., str]:
    """The id of a decision about a cart."""

    def decided(customer: str = "ada", **more: Any) -> str:
        status, answer = ask("POST", "/v1/decisions/cart", cart(customer, **more))
        assert status == 200, answer
        return str(answer["decision_id"])

    return decided


def redeemed(ask: Ask, decision: str, order: str) -> tuple[int, Any]:
    found = ask("POST", "/v1/redemptions", {"decision_id": decision, "order_id": order})
    return found[0], found[1]


def test_an_order_is_redeemed_once(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    decision = decide(coupons=["save"])
    status, first = redeemed(ask, decision, "o-1")
    assert status == 201, first
    rule = first["uses"][0]["rule_id"]
    assert first["uses"] == [{"rule_id": rule, "coupon": "SAVE", "amount": "2.00"}]
    status, again = redeemed(ask, decision, "o-1")
    assert status == 200
    assert {**again, "log_position": 0} == {**first, "log_position": 0}
    status, other = redeemed(ask, decide(coupons=["save"]), "o-1")
    assert (status, other["code"]) == (409, "order_already_redeemed")


def test_a_limit_that_is_reached_is_named_with_a_fresh_decision(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    decisions = [decide(f"customer-{number}", coupons=["save"]) for number in range(3)]
    assert redeemed(ask, decisions[0], "o-1")[0] == 201
    assert redeemed(ask, decisions[1], "o-2")[0] == 201
    status, refused = redeemed(ask, decisions[2], "o-3")
    assert (status, refused["code"], refused["limit"]) == (409, "limit_reached", "coupon_uses")
    assert refused["coupon"] == "SAVE"
    assert refused["decision"]["applied_rules"] == []
    assert refused["decision"]["coupons"] == [
        {"code": "save", "status": "rejected", "reason": "limit_reached"}
    ]
    assert "customer-0" not in str(refused)
    fresh = refused["decision"]["decision_id"]
    assert redeemed(ask, fresh, "o-3")[0] == 201  # the failed attempt left the order free


def test_what_is_released_may_be_used_again(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    first, second = decide("ada"), decide("bob")
    assert redeemed(ask, first, "o-1")[0] == 201
    assert redeemed(ask, second, "o-2")[0] == 409
    status, given = ask("DELETE", "/v1/redemptions/o-1")
    assert status == 200
    assert [use["amount"] for use in given["given_back"]] == ["2.00"]
    assert ask("DELETE", "/v1/redemptions/o-1")[1]["given_back"] == given["given_back"]
    assert redeemed(ask, second, "o-2")[0] == 201
    assert ask("DELETE", "/v1/redemptions/o-9")[1]["code"] == "redemption_unknown"


def test_a_customers_uses_are_theirs_alone(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"each": {**RULE, "uses_per_customer": 1}})
    one, two = decide("ada"), decide("ada")
    assert redeemed(ask, one, "o-1")[0] == 201
    status, refused = redeemed(ask, two, "o-2")
    assert (status, refused["limit"]) == (409, "customer_uses")
    assert redeemed(ask, decide("bob"), "o-3")[0] == 201


def test_a_budget_is_never_passed_and_gets_its_share_of_a_refund(
    ask: Ask, decide: Any, services: Services
) -> None:
    budget = {**RULE, "budget": {"amount": "5.00"}}
    publish(services.stores.log, SITE, cart_rules={"money": budget})
    decisions = [decide(f"c-{number}") for number in range(3)]
    assert redeemed(ask, decisions[0], "o-1")[0] == 201
    assert redeemed(ask, decisions[1], "o-2")[0] == 201
    status, refused = redeemed(ask, decisions[2], "o-3")
    assert (status, refused["limit"]) == (409, "spent")
    status, partial = ask("POST", "/v1/redemptions/o-1/partial", {"amount": "9.00"})
    assert (status, partial["refunded"], partial["given_back"]) == (200, "9.00", "1.00")
    assert redeemed(ask, decisions[2], "o-3")[0] == 201
    status, over = ask("POST", "/v1/redemptions/o-1/partial", {"amount": "9.01"})
    assert (status, over["code"]) == (422, "over_refund")
    ask("POST", "/v1/redemptions/o-1/partial", {"amount": "9.00"})
    ask("DELETE", "/v1/redemptions/o-1")
    ask("DELETE", "/v1/redemptions/o-2")
    ask("DELETE", "/v1/redemptions/o-3")
    assert counters(services) == {}


def test_a_reservation_holds_until_it_is_redeemed(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    mine, theirs = decide("ada"), decide("bob")
    status, held = ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    assert status == 201, held
    assert ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})[0] == 200
    assert redeemed(ask, theirs, "o-2")[1]["code"] == "limit_reached"
    assert redeemed(ask, mine, "o-1")[0] == 201
    assert sorted(counters(services).values()) == [1, 1, 200]
    status, gone = ask("DELETE", f"/v1/reservations/{held['reservation_id']}")
    assert (status, gone["status"]) == (200, "redeemed")
    assert sorted(counters(services).values()) == [1, 1, 200]  # what was redeemed stays


def test_a_reservation_that_is_let_go_or_late_frees_its_uses(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    mine, theirs = decide("ada"), decide("bob")
    _, held = ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    ask("DELETE", f"/v1/reservations/{held['reservation_id']}")
    assert counters(services) == {}
    ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    clock.advance(61 * SECOND)
    _, answer = ask("POST", "/v1/decisions/cart", cart("bob"))
    assert len(answer["applied_rules"]) == 1  # what is over counts for nobody
    assert redeemed(ask, theirs, "o-2")[0] == 201
    status, refused = redeemed(ask, mine, "o-1")  # it tries again, honestly
    assert (status, refused["code"]) == (409, "limit_reached")


def test_a_late_reservation_is_redeemed_if_its_uses_are_still_free(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    mine = decide("ada")
    ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    clock.advance(61 * SECOND)
    assert redeemed(ask, mine, "o-1")[0] == 201
    assert release_expired(services.means, SITE) == 0
    assert sorted(counters(services).values()) == [1, 1, 200]


def test_an_old_decision_is_refused_with_a_fresh_one(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 9}})
    decision = decide()
    clock.advance(1_801 * SECOND)
    status, refused = redeemed(ask, decision, "o-1")
    assert (status, refused["code"], refused["age_s"]) == (409, "decision_too_old", 1_801)
    assert redeemed(ask, refused["decision"]["decision_id"], "o-1")[0] == 201


def test_a_rule_that_is_gone_is_named(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 9}})
    decision = decide()
    publish(services.stores.log, SITE, cart_rules={})
    status, refused = redeemed(ask, decision, "o-1")
    assert (status, refused["code"]) == (409, "rule_not_live")
    assert refused["decision"]["applied_rules"] == []


def test_an_order_without_uses_is_linked_all_the_same(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"free": RULE})
    status, answer = redeemed(ask, decide(), "o-1")
    assert (status, answer["uses"]) == (201, [])


def test_a_repeated_key_gets_the_first_answer(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    body = {"decision_id": decide(), "order_id": "o-1"}
    first = ask("POST", "/v1/redemptions", body, **{"Idempotency-Key": "k"})
    assert ask("POST", "/v1/redemptions", body, **{"Idempotency-Key": "k"}) == first


def counters(services: Services) -> dict[str, int]:
    """Every counter that is not 0, by its last name."""
    with services.stores.log.connect() as connection:
        rows = connection.exec_driver_sql("SELECT key, used FROM counters ORDER BY key").fetchall()
    return {key: used for key, used in rows if used}


def test_decisions_replay_with_the_limits_of_their_moment(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    limits = {"uses_total": 2, "uses_per_customer": 1, "budget": {"amount": "9.00"}}
    publish(services.stores.log, SITE, cart_rules={"all": {**RULE, **limits}, "free": RULE})
    decisions = []
    for number, customer in enumerate(("ada", "bob", "ada", "cleo", "dan")):
        decisions.append(decide(customer))
        clock.advance(20 * SECOND)
        if number == 1:
            ask("POST", "/v1/reservations", {"decision_id": decisions[-1], "ttl_s": 60})
        else:
            redeemed(ask, decisions[-1], f"o-{number}")
    decisions += [decide("dan"), decide("ada")]
    for decision in decisions:
        for mode in ("recorded", "from_log"):
            _, told = ask("POST", f"/v1/decisions/{decision}/replay", {"mode": mode})
            assert told["identical"], (mode, told)


def with_codes(services: Services, number: int, *codes: str, **more: Any) -> None:
    """Codes of the first rule, as a batch adds them."""
    batch = {"batch": batch_id(number), "rule_id": "rul_0000000001"}
    asked = {**batch, "kind": "imported", "spec": {}, "quantity": len(codes), "actor": "test"}
    limits = {"expires_at": None, "uses_max": None, "customer_uses_max": None, **more}
    stream = batch_stream(SITE, batch_id(number))
    events = (
        NewEvent(stream, 1, ASKED, asked),
        NewEvent(stream, 2, ADDED, {**batch, "codes": list(codes), **limits}),
    )
    services.log.append(Append(SITE, events))


def applied_codes(answer: Any) -> dict[str, str]:
    return {one["code"]: one.get("reason", one["status"]) for one in answer["coupons"]}


def test_generated_codes_are_used_as_often_as_each_may_be(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    many = {**RULE, "coupon": {"type": "generated", "uses_per_coupon": 1}, "labels": {}}
    publish(services.stores.log, SITE, cart_rules={"many": many})
    with_codes(services, 1, "AB-1", "AB-2")
    with_codes(services, 2, "TWICE", uses_max=2, customer_uses_max=1)
    with_codes(services, 3, "LATE", expires_at=clock.now() + 60 * SECOND)
    _, answer = ask("POST", "/v1/decisions/cart", cart(coupons=["ab-1"]))
    (applied,) = answer["applied_rules"]
    assert (applied["coupon"], applied["label"], applied["amount"]) == ("AB-1", "AB-1", "2.00")
    status, first = redeemed(ask, answer["decision_id"], "o-1")
    assert (status, first["uses"][0]["coupon"]) == (201, "AB-1")
    _, again = ask("POST", "/v1/decisions/cart", cart(coupons=["AB-1"]))
    assert applied_codes(again) == {"AB-1": "limit_reached"}
    twice = [decide(customer, coupons=["twice"]) for customer in ("ada", "ada", "bob")]
    assert redeemed(ask, twice[0], "o-2")[0] == 201
    assert redeemed(ask, twice[1], "o-3")[1]["limit"] == "coupon_customer_uses"
    assert redeemed(ask, twice[2], "o-4")[0] == 201
    _, answer = ask("POST", "/v1/decisions/cart", cart(coupons=["late", "AB-2", "nothing"]))
    assert applied_codes(answer) == {
        "late": "applied",
        "AB-2": "not_combinable",
        "nothing": "unknown",
    }
    clock.advance(61 * SECOND)
    status, refused = redeemed(ask, answer["decision_id"], "o-5")
    assert (status, refused["code"], refused["coupon"]) == (409, "coupon_not_valid", "LATE")
    assert applied_codes(refused["decision"])["late"] == "expired"
    for made in (answer, again, refused["decision"]):
        for mode in ("recorded", "from_log"):
            path = f"/v1/decisions/{made['decision_id']}/replay"
            assert ask("POST", path, {"mode": mode})[1]["identical"], mode


def test_a_code_that_is_deleted_is_unknown_and_old_decisions_replay(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(
        services.stores.log, SITE, cart_rules={"many": {**RULE, "coupon": {"type": "generated"}}}
    )
    with_codes(services, 1, "AB-1")
    before = decide(coupons=["AB-1"])
    gone = {"rule_id": "rul_0000000001", "codes": ["AB-1"]}
    stream = deletions_stream(SITE, "rul_0000000001")
    services.log.append(Append(SITE, (NewEvent(stream, 1, DELETED, gone),)))
    _, after = ask("POST", "/v1/decisions/cart", cart(coupons=["AB-1"]))
    assert applied_codes(after) == {"AB-1": "unknown"}
    assert redeemed(ask, before, "o-1")[1]["code"] == "coupon_not_valid"
    for decision in (before, after["decision_id"]):
        _, told = ask("POST", f"/v1/decisions/{decision}/replay", {"mode": "from_log"})
        assert told["identical"], told


def test_rules_of_a_campaign_share_its_budget_also_in_one_cart(
    ask: Ask, decide: Any, services: Services
) -> None:
    thresholds = {"amount": "6.00", "thresholds": [50, 90]}
    campaign = {"name": "summer", "budget": thresholds, "uses_total": 5}
    rules = {f"r{number}": {**RULE, "campaign": campaign} for number in range(2)}
    publish(services.stores.log, SITE, cart_rules=rules)
    first, second = decide("ada"), decide("bob")  # 2.00 and 1.80 each
    assert redeemed(ask, first, "o-1")[0] == 201
    assert note_thresholds(services.means, SITE) == 0  # noted with the redemption
    status, refused = redeemed(ask, second, "o-2")
    assert (status, refused["limit"]) == (409, "campaign_spent")
    assert [one["amount"] for one in refused["decision"]["applied_rules"]] == ["2.00"]
    assert redeemed(ask, refused["decision"]["decision_id"], "o-2")[0] == 201
    assert note_thresholds(services.means, SITE) == 0
    (budget,) = ask("GET", "/v1/budgets")[1]["items"]
    assert (budget["subject"], budget["uses"], budget["uses_total"]) == ("campaign/summer", 3, 5)
    assert budget["money"] == [
        {"currency": "USD", "budget": "6.00", "spent": "5.80", "remaining": "0.20"}
    ]
    assert all(one["reached_at"] for one in budget["thresholds"])
    _, answer = ask("POST", "/v1/decisions/cart", cart("cleo", explain=True))
    assert {one["code"] for one in answer["rejected_rules"]} == {"budget_spent"}
    path = f"/v1/decisions/{answer['decision_id']}/replay"
    assert ask("POST", path, {"mode": "from_log"})[1]["identical"]


def test_who_guesses_codes_has_to_wait(ask: Ask, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    for number in range(20):
        status, answer = ask("POST", "/v1/decisions/cart", cart(coupons=[f"guess-{number}"]))
        assert applied_codes(answer) == {f"guess-{number}": "unknown"}
    status, refused = ask("POST", "/v1/decisions/cart", cart(coupons=["SAVE"]))
    assert (status, refused["code"]) == (429, "too_many_guesses")
    assert ask("POST", "/v1/decisions/cart", cart())[0] == 200
    assert ask("POST", "/v1/decisions/cart", cart("bob", coupons=["SAVE"]))[0] == 200


def test_a_code_of_a_rule_itself_shows_its_uses(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    redeemed(ask, decide(coupons=["save"]), "o-1")
    _, shown = ask("GET", "/v1/coupons/save")
    assert (shown["code"], shown["status"], shown["uses"], shown["uses_max"]) == (
        "SAVE",
        "active",
        1,
        2,
    )
    redeemed(ask, decide("bob", coupons=["save"]), "o-2")
    assert ask("GET", "/v1/coupons/SAVE")[1]["status"] == "used_up"
    assert ask("GET", "/v1/coupons/nothing")[0] == 404


def test_a_refused_decision_lets_its_reservation_go_for_the_fresh_one(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    decision = decide()
    ask("POST", "/v1/reservations", {"decision_id": decision, "ttl_s": 3_600})
    clock.advance(1_801 * SECOND)
    _, refused = redeemed(ask, decision, "o-1")
    assert [one["amount"] for one in refused["decision"]["applied_rules"]] == ["2.00"]
    assert len(redeemed(ask, refused["decision"]["decision_id"], "o-1")[1]["uses"]) == 1


def test_the_fresh_decision_is_for_who_redeems(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"each": {**RULE, "uses_per_customer": 1}})
    assert redeemed(ask, decide("ada"), "o-1")[0] == 201
    body = {"decision_id": decide("bob"), "order_id": "o-2", "shopper": {"customer_id": "ada"}}
    status, refused = ask("POST", "/v1/redemptions", body)
    assert (status, refused["limit"]) == (409, "customer_uses")
    assert refused["decision"]["applied_rules"] == []


def test_an_order_may_have_any_name(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    assert redeemed(ask, decide(), "2026/1001")[0] == 201
    path = "/v1/redemptions/2026%2F1001"
    assert ask("GET", path)[1]["order_id"] == "2026/1001"
    assert ask("POST", f"{path}/partial", {"amount": "1.00"})[0] == 200
    for amount, code in (("0", "nothing_refunded"), ("1.001", "too_many_digits")):
        status, wrong = ask("POST", f"{path}/partial", {"amount": amount})
        (error,) = wrong["errors"]
        assert (status, error["pointer"], error["code"]) == (422, "/amount", code)
    assert ask("DELETE", path)[0] == 200
    assert counters(services) == {}
