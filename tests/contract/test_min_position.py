"""Read your writes: every list and look-up waits for the position that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.edge import min_position

READS = (
    "/v1/catalog/products/shoe",
    "/v1/cart-rules",
    "/v1/decisions",
    "/v1/keys",
    "/v1/quarantine",
    "/v1/rulesets",
    "/v1/site",
)


@pytest.mark.parametrize("path", READS)
def test_a_read_waits_for_its_position_and_says_if_it_does_not_come(
    client: FlaskClient, key: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(min_position, "MIN_POSITION_WAIT_S", 0.02)
    headers = key()
    answer: Any = client.get(f"{path}?min_position=1000000", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (503, "not_caught_up")
    answer = client.get(f"{path}?min_position=-1", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, "not_a_position")


def test_a_refused_message_is_listed_once_its_position_is_there(
    client: FlaskClient, key: Any, services: Any
) -> None:
    headers = key()
    sent: Any = client.post("/v1/track", json={"userId": "anna"}, headers=headers)
    services.follower.catch_up("shop")
    path = f"/v1/quarantine?min_position={sent.json['log_position']}"
    listed: Any = client.get(path, headers=headers)
    assert [item["code"] for item in listed.json["items"]] == ["required"]
