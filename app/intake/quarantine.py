"""Quarantine: a refused message is kept, sealed, so that its sender can be helped.

It is sealed under the key of whoever it names, so that an erasure reaches it too; what names nobody
is sealed under a key of its day, which is destroyed after NOBODYS_DAYS (app/jobs/prune.py). The
code and the sentence stay open and never repeat what was sent. The same message refused twice is
kept once, but what public clients sent stands apart, so that none of them makes a server's word a
client's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from app.intake.message import Envelope
from app.intake.values import text
from projections.identities import SERVER

NOBODYS_DAYS = 30
"""How long a message that names nobody can be read and repaired: it may be about anybody."""
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


def nobody(received_at: int) -> Owner:
    """Whose key seals what came on that day and names nobody."""
    return "nobody", f"quarantine/{format_moment(received_at)[:10]}"


def quarantined(
    site: SiteId,
    message: Any,
    refusal: InvalidValue,
    envelope: Envelope,
    owner: Pseudonym | None,
    *,
    digest: Callable[[SiteId, str, str], str],
) -> NewEvent:
    """The event that keeps a refused message, as the text it would be sent as, with all that its
    envelope said. Its stream is named by the key store's `digest`: a plain hash of what was said
    would confirm a guess."""
    sent = text_of(message)
    data = {
        "code": refusal.code,
        "detail": refusal.detail,
        "trust": envelope.trust,
        "message": sent,
        "received_at": envelope.received_at,
    }
    if envelope.type is not None:
        data["kind"] = envelope.type
    if envelope.sent_at:
        data["sent_at"] = envelope.sent_at
    kind = "quarantine-server" if envelope.trust == SERVER else "quarantine"
    stream = stream_id(site, "quarantine", digest(site, kind, sent))
    return NewEvent(stream, 1, "MessageQuarantined", data, sealed_for=owner)


def text_of(message: Any) -> str:
    """A message as text, the same for the same content."""
    return orjson.dumps(message, option=orjson.OPT_SORT_KEYS).decode()
