"""What requests about a person leave in the log and the metrics: nothing of that person."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from app.edge import logging

PERSON = ("ann@example.com", "Ann Example", "c-4711", "a-4712", "o-4713", "203.0.113.7")
MAIL, NAME, CUSTOMER, ANONYMOUS, ORDER, ADDRESS = PERSON


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    written = io.BytesIO()
    logging.configure("debug", written)
    yield written
    logging.configure("error", io.BytesIO())


def _messages() -> list[dict[str, Any]]:
    ids = {"userId": CUSTOMER, "anonymousId": ANONYMOUS, "context": {"ip": ADDRESS}}
    order = {"order_id": ORDER, "total": "12.50", "currency": "USD", "email": MAIL}
    return [
        {**ids, "type": "identify", "messageId": "m1", "traits": {"email": MAIL, "name": NAME}},
        {
            **ids,
            "type": "track",
            "messageId": "m2",
            "event": "Order Completed",
            "properties": order,
        },
        {**ids, "type": "track", "messageId": MAIL, "event": "Order Completed", "properties": {}},
        {**ids, "type": "nothing", "messageId": NAME},
    ]


def test_nothing_of_a_person_is_logged_or_counted(
    client: FlaskClient, key: Any, lines: io.BytesIO
) -> None:
    headers = {**key(), "User-Agent": MAIL, "Referer": f"https://shop.example/?mail={MAIL}"}
    shopper = {"customer_id": CUSTOMER, "anonymous_id": ANONYMOUS}
    cart = {"cart_id": NAME, "currency": "USD", "shopper": shopper, "context": {}, "lines": []}
    client.post("/v1/batch", json={"batch": _messages()}, headers=headers)
    client.post("/v1/decisions/cart", json=cart, headers=headers)
    client.post("/v1/decisions/cart", json={**cart, MAIL: 1}, headers=headers)
    client.post("/v1/decisions/cart", json={**cart, "currency": MAIL}, headers=headers)
    client.post(f"/v1/decisions/{MAIL}/replay", json={"mode": NAME}, headers=headers)
    client.get(f"/v1/decisions?person={MAIL}&from={NAME}", headers=headers)
    client.get(f"/v1/content/{NAME}", headers={**headers, "Rationale-Customer-Id": CUSTOMER})
    client.get(f"/{MAIL}", headers={"Authorization": f"Bearer rk_{MAIL}_x"})
    client.post("/v1/keys", data=f'{{"{MAIL}', headers={**headers, "Idempotency-Key": MAIL})
    written = lines.getvalue()
    assert len([line for line in written.splitlines() if b'"request"' in line]) == 9
    counted = client.get("/metrics").data
    for word in PERSON:
        assert word.encode() not in written, word
        assert word.encode() not in counted, word
    assert all(isinstance(orjson.loads(line), dict) for line in written.splitlines())
