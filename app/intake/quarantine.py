"""Quarantine: a refused message is kept, sealed, so that its sender can be helped.

It is sealed under the key of whoever it names, so that an erasure reaches it too; the code and the
sentence stay open and never repeat what was sent. The same message refused twice is kept once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from app.intake.values import text

Owner = tuple[str, str]
"""Kind and value of a client id, as the key store takes them."""


def owner_of(message: Any) -> Owner | None:
    """Whom a refused message names, if that much of it can be read."""
    if message.__class__ is not dict:
        return None
    for kind, name in (("customer", "userId"), ("anonymous", "anonymousId")):
        try:
            value = text(message.get(name), name)
        except InvalidValue:
            continue
        if value is not None and "\0" not in value:
            return kind, value
    return None


def quarantined(
    site: SiteId,
    message: Any,
    refusal: InvalidValue,
    received_at: int,
    owner: Pseudonym | None,
    *,
    digest: Callable[[SiteId, str, str], str],
) -> NewEvent:
    """The event that keeps a refused message, as the text it would be sent as. Its stream is named
    by the key store's `digest`: a plain hash of what was said would confirm a guess."""
    sent = orjson.dumps(message, option=orjson.OPT_SORT_KEYS).decode()
    data = {
        "code": refusal.code,
        "detail": refusal.detail,
        "message": sent,
        "received_at": received_at,
    }
    stream = stream_id(site, "quarantine", digest(site, "quarantine", sent))
    return NewEvent(stream, 1, "MessageQuarantined", data, sealed_for=owner)
