"""Allowances of public clients."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask import Response

from aggregates.kernel import limits
from app.edge.answers import respond
from app.edge.auth import require
from app.edge.problems import TooMany
from app.edge.rate_limits import Buckets
from app.edge.rate_limits import RateLimits
from tests.edge_fakes import Keys


class Seconds:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    seconds = Seconds()
    buckets = Buckets(2.0, 5.0, seconds)
    for _ in range(5):
        buckets.take("a")
    with pytest.raises(TooMany) as caught:
        buckets.take("a")
    assert caught.value.data["retry_after_s"] == 1
    buckets.take("b")
    seconds.now += 1.0
    buckets.take("a", 2)
    with pytest.raises(TooMany):
        buckets.take("a")


def test_what_is_refused_takes_nothing() -> None:
    seconds = Seconds()
    buckets = Buckets(1.0, 3.0, seconds)
    with pytest.raises(TooMany) as caught:
        buckets.take("a", 10)
    assert caught.value.data["retry_after_s"] == 7
    buckets.take("a", 3)


def test_each_anonymous_id_has_its_own_allowance() -> None:
    allowances = RateLimits(Seconds())
    allowances.take_anonymous("shop", ["a"] * limits.COLLECT_ANONYMOUS_BURST)
    with pytest.raises(TooMany):
        allowances.take_anonymous("shop", ["b", "a"])
    allowances.take_anonymous("other", ["a"])


def test_a_collect_key_is_held_back_and_a_servers_is_not(
    app: Flask, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    @app.post("/events")
    @require("ingest", "collect")
    def events() -> Response:
        return respond(200, {})

    def post(token: str) -> Any:
        return app.test_client().post("/events", headers={"Authorization": f"Bearer {token}"})

    monkeypatch.setattr(app.extensions["edge"].limits, "_keys", Buckets(1.0, 3.0))
    public, server = keys.issue("a1", "collect"), keys.issue("b1", "ingest")
    answers = [post(public) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert all(post(server).status_code == 200 for _ in range(6))


def test_what_was_guessed_is_spent_and_comes_back() -> None:
    seconds = Seconds()
    allowances = RateLimits(seconds)
    allowances.guessed("key", "ada", limits.GUESSED_CODES_BURST + 5)
    with pytest.raises(TooMany) as caught:
        allowances.may_guess("key", "ada")
    assert caught.value.data["retry_after_s"] == 20
    allowances.may_guess("key", "bob")
    allowances.may_guess("key", None)
    seconds.now += 20.0
    allowances.may_guess("key", "ada")
    allowances.guessed("key", None, limits.GUESSED_CODES_KEY_BURST)
    with pytest.raises(TooMany):
        allowances.may_guess("key", "bob")
