"""Typed identifiers and the one way streams are named."""

from __future__ import annotations

from typing import NewType
from uuid import UUID
from uuid import uuid5

SiteId = NewType("SiteId", str)
"""A site: Adobe's website, the unit of scope and of the log. `[a-z0-9-]{1,64}`."""

Pseudonym = NewType("Pseudonym", str)
"""Random name (32 hex digits) that stands for one client id in the log (app/eventlog/keys.py)."""

DecisionId = NewType("DecisionId", str)
"""`dec_` and 32 hex digits, growing with time."""

STREAMS = UUID("6f0a7c1e-6d0e-5f3b-9a53-0c6a3e1d2b44")
"""Namespace of all streams; changing it would orphan every stored stream."""


def stream_id(site: str, kind: str, name: str) -> UUID:
    """The stream of one thing of a site: `stream_id("shop", "message", message_id)`.

    Kinds in use: message, product, definition, ruleset, decision, link, site, key.
    """
    return uuid5(STREAMS, f"{site}/{kind}/{name}")


def decision_id(at_micros: int, random_bits: int) -> DecisionId:
    """A decision's id: 48 bits of milliseconds, then 80 random bits, so ids sort by time."""
    return DecisionId(f"dec_{(at_micros // 1000) << 80 | random_bits & ((1 << 80) - 1):032x}")
