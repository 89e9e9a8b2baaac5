"""Typed identifiers and the one way streams are named."""

from __future__ import annotations

from hashlib import sha1
from typing import NewType
from uuid import UUID

SiteId = NewType("SiteId", str)
"""A site: Adobe's website, the unit of scope and of the log. `[a-z0-9-]{1,64}`."""

Pseudonym = NewType("Pseudonym", str)
"""Random name (32 hex digits) that stands for one client id in the log (app/eventlog/keys.py)."""

DecisionId = NewType("DecisionId", str)
"""`dec_` and 32 hex digits, growing with time."""

STREAMS = UUID("6f0a7c1e-6d0e-5f3b-9a53-0c6a3e1d2b44")
"""Namespace of all streams; changing it would orphan every stored stream."""

_NAMESPACE = STREAMS.bytes
_NAME_BASED = 5 << 76 | 0b10 << 62  # version 5, variant of RFC 4122
_NAME_BITS = ~(0xF << 76 | 0b11 << 62)


def stream_id(site: str, kind: str, name: str) -> UUID:
    """The stream of one thing of a site: `stream_id("shop", "message", message_id)`.

    Kinds in use: message, product, definition, ruleset, decision, link, site, key, models,
    redemption, reservation, budget, coupon-batch, coupon-upload, coupon-deletions, simulation,
    proposal, erasures. It is uuid5 of the namespace, without that function's detours: every message
    of a batch needs one.
    """
    digest = sha1(_NAMESPACE + f"{site}/{kind}/{name}".encode(), usedforsecurity=False).digest()
    return UUID(int=int.from_bytes(digest[:16]) & _NAME_BITS | _NAME_BASED)


def decision_id(at_micros: int, random_bits: int) -> DecisionId:
    """A decision's id: 48 bits of milliseconds, then 80 random bits, so ids sort by time."""
    return DecisionId(f"dec_{_growing(at_micros, random_bits)}")


def redemption_id(at_micros: int, random_bits: int) -> str:
    """A redemption's id, made like a decision's."""
    return f"red_{_growing(at_micros, random_bits)}"


def proposal_id(at_micros: int, random_bits: int) -> str:
    """A proposal's id, made like a decision's."""
    return f"prp_{_growing(at_micros, random_bits)}"


def reservation_of(decision: str) -> str:
    """A decision has one reservation at a time, so the one's id says the other's."""
    return f"rsv_{decision.removeprefix('dec_')}"


def decision_reserved(reservation: str) -> str:
    """The reverse."""
    return f"dec_{reservation.removeprefix('rsv_')}"


def _growing(at_micros: int, random_bits: int) -> str:
    return f"{(at_micros // 1000) << 80 | random_bits & ((1 << 80) - 1):032x}"
