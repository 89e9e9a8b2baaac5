"""Guessed codes: what somebody typed that is no code of the shop may be anything, an address too.

So the outcome that everybody may read, and its digest, say only that a code was unknown. The words
themselves stand in the sealed part; whoever may open it has the outcome whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rulesets.coupons import UNKNOWN


def without_guesses(outcome: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """An outcome without the codes that do not exist, and these codes in order."""
    told = outcome.get("coupons") or []
    guesses = [code for code, reason in told if reason == UNKNOWN]
    if not guesses:
        return outcome, []
    said = [[None if reason == UNKNOWN else code, reason] for code, reason in told]
    return {**outcome, "coupons": said}, guesses


def with_guesses(outcome: dict[str, Any], guesses: Iterable[str]) -> dict[str, Any]:
    """The reverse; an outcome that says its guesses itself stays as it is."""
    if not says_nothing(outcome):
        return outcome
    left = iter(guesses)
    told = [[next(left) if code is None else code, reason] for code, reason in outcome["coupons"]]
    return {**outcome, "coupons": told}


def says_nothing(outcome: dict[str, Any]) -> bool:
    """Whether guessed codes were taken out: of decisions of earlier versions they were not."""
    return any(code is None for code, _ in outcome.get("coupons") or ())
