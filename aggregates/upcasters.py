"""Old shapes of events to new ones, applied on reading: a stored event is never rewritten.

An entry `("CouponRedeemed", 1)` takes the fields of version 1 and returns those of version 2. When
the sealed part was not asked for, or is erased, its fields are absent.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from aggregates.events import VOCABULARY

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""(topic, version it upgrades from) to the function. Empty: every event is in its first shape."""


def upcast(
    topic: str,
    version: int,
    data: dict[str, Any],
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> dict[str, Any]:
    """The fields of an event in the newest shape of its class."""
    while (topic, version) in upcasters:
        data = upcasters[topic, version](data)
        version += 1
    return data


def is_known(
    topic: str, version: int, upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS
) -> bool:
    """Whether the shape is the newest one of its class, or one that becomes it."""
    known = VOCABULARY.get(topic)
    if known is None:
        return False
    while (topic, version) in upcasters:
        version += 1
    return version == known.version
