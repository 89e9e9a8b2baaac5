"""Requests in flight while their person is erased: none fails, none leaves anything behind."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from app.erasure.erase import erase
from app.erasure.erase import finish
from app.training.train import train
from app.verifying.verdict import verdict
from app.wiring import Services
from projections import erased_shoppers
from tests.erasure_given import ADA
from tests.erasure_given import SITE
from tests.erasure_given import Ask
from tests.erasure_given import lived
from tests.erasure_given import lived_too
from tests.erasure_given import opened
from tests.erasure_given import ordered
from tests.erasure_given import track

ROUNDS = 12


@pytest.fixture
def life(services: Services, ask: Ask) -> dict[str, str]:
    opened(services, ask)
    lived_too(ask)
    return lived(ask)


def _sending(ask: Ask, number: int, answers: list[tuple[int, Any]]) -> None:
    """What a shop does for a shopper all the time: messages, carts, orders."""
    cart = {
        "cart_id": "c",
        "currency": "USD",
        "shopper": ADA,
        "lines": [{"line_id": "1", "sku": "A", "quantity": 1, "unit_price": "10.00"}],
    }
    ids = {"userId": ADA["customer_id"], "anonymousId": ADA["anonymous_id"]}
    for turn in range(ROUNDS):
        order = f"race-{number}-{turn}"
        named = {"type": "identify", **ids, "traits": {"turn": order}}
        messages = [track("Product Viewed", ADA, {"sku": "A"}), named, ordered(ADA, order, {})]
        answers.append(ask("POST", "/v1/batch", {"batch": messages}))
        status, decided = ask("POST", "/v1/decisions/cart", cart, Idempotency_Key=order)
        answers.append((status, decided))
        redeeming = {"decision_id": decided.get("decision_id", ""), "order_id": order}
        status, redeemed = ask("POST", "/v1/redemptions", redeeming)
        answers.append((200 if status in {201, 409, 410} else status, redeemed))


def test_nothing_fails_and_nothing_is_written_for_whom_is_forgotten_meanwhile(
    services: Services, ask: Ask, life: dict[str, str]
) -> None:
    answers: list[tuple[int, Any]] = []
    senders = [
        threading.Thread(target=_sending, args=(ask, number, answers)) for number in range(3)
    ]
    for sender in senders:
        sender.start()
    begun = erase(services, SITE, life["person"], actor="test")
    finish(services, SITE, begun)
    for sender in senders:
        sender.join()
    assert [answer for answer in answers if answer[0] != 200] == []
    after = services.log.read(SITE, begun.position, 100_000, unseal=True)
    assert len({event.topic for event in after}) > 4
    assert not [event for event in after if event.erased]
    assert not [event for event in after if _names(event, begun.pseudonyms)]
    assert verdict(services, SITE)["intact"]
    with services.stores.log.connect() as connection:
        assert not erased_shoppers.unfinished(connection, SITE)
    now = services.keys.find(SITE, "customer", ADA["customer_id"])
    assert now not in {None, *begun.pseudonyms}


def _names(event: Any, names: frozenset[str]) -> bool:
    told = {name: value for name, value in event.data.items() if name not in {"moves", "holds"}}
    return event.shopper_id in names or any(name in str(told) for name in names)


def test_models_are_trained_to_the_same_before_and_after(
    services: Services, ask: Ask, life: dict[str, str]
) -> None:
    """They count what was bought and viewed, whoever it was."""

    def digests() -> dict[str, Any]:
        report = train(services, SITE, None, lambda what, done, total: None)
        return {name: entry["digest"] for name, entry in report.types.items()}

    before = digests()
    assert any(before.values())
    finish(services, SITE, erase(services, SITE, life["person"], actor="test"))
    assert digests() == before
