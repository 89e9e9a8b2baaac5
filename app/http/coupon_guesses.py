"""Guessing codes: whoever brings too many that do not exist has to wait, by key and by shopper."""

from __future__ import annotations

from typing import Any

from app.edge.auth import caller
from app.edge.edge import current_edge
from decisions.made import Made
from rulesets.outcome import CartOutcome


def check_guesses(request: dict[str, Any]) -> None:
    """Before codes are looked up: TooMany for who guessed too often; carts without codes pass."""
    if request.get("coupons"):
        current_edge().limits.may_guess(caller().key_id, _shopper(request))


def note_guesses(made: Made) -> None:
    """After: the codes of the cart that do not exist."""
    outcome = made.decided.outcome
    if not isinstance(outcome, CartOutcome) or not outcome.coupons:
        return
    unknown = sum(coupon.reason == "unknown" for coupon in outcome.coupons)
    if unknown:
        request = made.record.sources.request
        current_edge().limits.guessed(caller().key_id, _shopper(request), unknown)


def _shopper(request: dict[str, Any]) -> str | None:
    shopper = request.get("shopper") or {}
    for name in ("customer_id", "anonymous_id"):
        if name in shopper:
            return f"{caller().site}/{name}/{shopper[name]}"
    return None
