"""Guessing codes: whoever brings too many that fail has to wait, by key and by shopper.

A code that is for others alone is a guess that failed like one that does not exist: otherwise the
wait would tell them apart. Every kind of decision that takes a cart counts.
"""

from __future__ import annotations

from typing import Any

from app.edge.auth import caller
from app.edge.edge import current_edge
from decisions.guesses import guesses_of
from decisions.made import Made


def check_guesses(request: dict[str, Any]) -> None:
    """Before codes are looked up: TooMany for who guessed too often; carts without codes pass."""
    if (request.get("cart") or request).get("coupons"):
        current_edge().limits.may_guess(caller().key_id, _shopper(request))


def note_guesses(made: Made) -> None:
    """After: the codes of the cart that do not exist for this shopper."""
    failed = guesses_of(made)
    if failed:
        request = made.record.sources.request
        current_edge().limits.guessed(caller().key_id, _shopper(request), failed)


def _shopper(request: dict[str, Any]) -> str | None:
    shopper = request.get("shopper") or {}
    for name in ("customer_id", "anonymous_id"):
        if name in shopper:
            return f"{caller().site}/{name}/{shopper[name]}"
    return None
