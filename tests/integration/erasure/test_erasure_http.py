"""DELETE /v1/shoppers/{person}: nobody can read anything of the person any more; all else stays."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from app.erasure.erase import finish
from app.jobs.erase import is_due
from app.verifying.verdict import verdict
from app.wiring import Services
from decisions.replay import MODES
from decisions.replay_range import replay_range
from projections import erased_shoppers
from tests.erasure_given import ADA
from tests.erasure_given import BOB
from tests.erasure_given import SITE
from tests.erasure_given import VALUES
from tests.erasure_given import Ask
from tests.erasure_given import batch
from tests.erasure_given import decided
from tests.erasure_given import lived
from tests.erasure_given import lived_too
from tests.erasure_given import looked_up
from tests.erasure_given import opened
from tests.erasure_given import ordered
from tests.fakes import SettableClock


@pytest.fixture
def ada(services: Services, ask: Ask) -> dict[str, str]:
    """Ids of what Ada did; Bob did the like."""
    opened(services, ask)
    bob = lived_too(ask)
    found = lived(ask)
    services.follower.catch_up(SITE)
    return {**found, "bob": bob["cart"]}


def erased(ask: Ask, person: str, body: Any = None) -> Any:
    status, answer = ask("DELETE", f"/v1/shoppers/{person}", body)
    assert status == 200, answer
    return answer


def test_an_erasure_is_an_event_that_names_only_pseudonyms(
    services: Services, ask: Ask, ada: dict[str, str], clock: SettableClock
) -> None:
    answer = erased(ask, ada["person"], {"reason": "gdpr_17"})
    assert answer["status"] == "erased"
    assert answer["erased_at"] == format_moment(clock.now())
    event = services.log.read_position(SITE, answer["log_position"])
    assert event is not None
    assert event.topic == "ShopperErased"
    assert ada["person"] in event.data["pseudonyms"]
    assert len(event.data["pseudonyms"]) == answer["pseudonyms"] == 2
    assert event.data["reason"] == "gdpr_17"


def test_what_was_decided_for_the_person_answers_410_with_the_moment(
    ask: Ask, ada: dict[str, str], clock: SettableClock
) -> None:
    at = clock.now()
    erased(ask, ada["person"])
    for decision in (ada["cart"], ada["guest"]):
        status, answer = ask("GET", f"/v1/decisions/{decision}")
        assert (status, answer["code"]) == (410, "decision_erased"), decision
        assert answer["erased_at"] == format_moment(at)
    assert ask("GET", f"/v1/decisions/{ada['bob']}")[0] == 200
    asked = {"customer_id": ADA["customer_id"]}
    assert ask("POST", "/v1/shoppers/lookup", asked)[0] == 404


def test_a_kept_answer_about_the_person_is_410_for_whoever_repeats_the_request(
    ask: Ask, ada: dict[str, str]
) -> None:
    body = {"decision_id": ada["cart"], "order_id": VALUES["second order number"]}
    repeat = ("POST", "/v1/redemptions", body)
    assert ask(*repeat, Idempotency_Key="ada-redeems")[0] == 201
    erased(ask, ada["person"])
    status, answer = ask(*repeat, Idempotency_Key="ada-redeems")
    assert (status, answer["code"]) == (410, "answer_erased")
    assert VALUES["second order number"] not in str(answer)


def test_the_same_ids_are_a_new_person_afterwards(
    services: Services, ask: Ask, ada: dict[str, str]
) -> None:
    erased(ask, ada["person"])
    batch(ask, {"type": "identify", "userId": ADA["customer_id"], "anonymousId": "new-browser"})
    decision = decided(ask, ADA)
    assert ask("GET", f"/v1/decisions/{decision}")[0] == 200
    assert looked_up(ask, ADA) != ada["person"]


def test_whoever_remembers_the_old_names_writes_nothing_under_them(
    services: Services, ask: Ask, ada: dict[str, str]
) -> None:
    """Another process learns of an erasure within a second; the log refuses it until then."""
    remembered = services.keys._asked, services.keys._names, services.keys._ciphers
    answer = erased(ask, ada["person"])
    services.keys._asked, services.keys._names, services.keys._ciphers = remembered
    batch(ask, ordered(ADA, "ORD-ADA-NEW", {}))
    events = services.log.read(SITE, answer["log_position"], 100)
    assert [event.topic for event in events] == ["OrderCompleted"]
    assert events[0].shopper_id not in (None, ada["person"])
    services.keys._asked, services.keys._names, services.keys._ciphers = remembered
    assert ask("GET", f"/v1/decisions/{decided(ask, ADA)}")[0] == 200


def test_a_later_word_about_a_forgotten_order_counts_and_says_nothing(
    services: Services, ask: Ask, ada: dict[str, str]
) -> None:
    answer = erased(ask, ada["person"])
    refund = {"order_id": VALUES["order number"], "total": "2.00", "currency": "USD"}
    message = {"type": "track", "event": "Order Refunded", "userId": "back-office"}
    batch(ask, {**message, "properties": {**refund, "note": "to Ada Lovelace"}})
    (event,) = services.log.read(SITE, answer["log_position"], 100, unseal=True)
    assert (event.topic, event.data["total_minor"]) == ("OrderRefunded", 200)
    assert event.shopper_id is None
    assert not {"order_id", "properties", "user_id"} & event.data.keys()


def test_erasing_again_goes_on_with_the_first_erasure(
    services: Services, ask: Ask, ada: dict[str, str], clock: SettableClock
) -> None:
    first = erased(ask, ada["person"])
    clock.advance(SECOND)
    assert erased(ask, ada["person"]) == first
    with services.stores.log.connect() as connection:
        (begun,) = erased_shoppers.unfinished(connection, SITE)
    assert is_due(services, SITE)
    finish(services, SITE, begun)
    assert not is_due(services, SITE)
    assert erased(ask, ada["person"])["status"] == "finished"


def test_the_chain_holds_and_everybody_elses_replays_are_identical(
    services: Services, ask: Ask, ada: dict[str, str]
) -> None:
    before = {mode: replay_range(services.means, SITE, mode) for mode in MODES}
    erased(ask, ada["person"])
    found = verdict(services, SITE)
    assert found["intact"], found
    for mode in MODES:
        after = replay_range(services.means, SITE, mode)
        assert (before[mode].replayed, before[mode].identical) == (3, 3)
        assert (after.replayed, after.identical, after.erased) == (1, 1, 2), mode


def test_only_an_admin_erases_and_only_a_person_is_erased(ask: Ask, ada: dict[str, str]) -> None:
    for name in ("site", "ada", "0" * 32, ada["person"].upper()):
        status, answer = ask("DELETE", f"/v1/shoppers/{name}")
        assert (status, answer["code"]) == (404, "person_unknown"), name
    status, answer = ask("DELETE", f"/v1/shoppers/{ada['person']}", {"reason": "Ada Lovelace"})
    assert (status, answer["errors"][0]["pointer"]) == (422, "/reason")
    assert looked_up(ask, BOB)
