"""Repair: a quarantined message is sent again, as it is or repaired, and taken out of quarantine.

It keeps the trust that it came with: what a browser sent under a public key stays a client's word,
whoever resubmits it. It happened when it would have if it had been accepted: its own timestamp,
corrected by the moment it came in. The message and the event that closes its quarantine are one
unit of the log, so that two who resubmit it at once take in one (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from app.intake.events import CLIENT
from app.intake.events import Intake
from app.intake.events import Names
from app.intake.events import Origin
from app.intake.quarantine import text_of
from projections.identities import SERVER


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """What became of a quarantined message: a duplicate was in the log already."""

    position: int
    accepted: int
    duplicates: int
    log_position: int

    def to_json(self) -> dict[str, Any]:
        """The answer without its log position."""
        counts = {"accepted": self.accepted, "duplicates": self.duplicates}
        return {"position": self.position, "status": "resubmitted", **counts}


class Resubmission:
    """The use case behind POST /v1/quarantine/{position}/resubmit."""

    def __init__(self, intake: Intake, keys: Names, log: EventLog) -> None:
        self._intake = intake
        self._keys = keys
        self._log = log

    def resubmit(
        self, site: SiteId, position: int, repair: Mapping[str, Any], actor: str
    ) -> Resubmitted:
        """Takes the message in; `repair` may hold another `message`. InvalidValue if it is still
        wrong, and then it stays; Conflict if another message was taken in its place before."""
        kept = self._kept(site, position)
        data = kept.data
        message = repair["message"] if "message" in repair else orjson.loads(data["message"])
        digest = self._keys.digest(site, "quarantine", text_of(message))
        closed = self._closed(kept)
        if closed is None:
            closing = NewEvent(
                kept.stream_id,
                2,
                "MessageResubmitted",
                {
                    "quarantined": position,
                    "digest": digest,
                    "repaired": text_of(message) != data["message"],
                    "actor": actor,
                },
            )
            try:
                taken = self._intake.receive_late(site, message, _origin(data, message), closing)
            except VersionConflict:
                closed = self._closed(kept)
                if closed is None:
                    raise
            else:
                return Resubmitted(position, taken.accepted, taken.duplicates, taken.log_position)
        if closed.data["digest"] != digest:
            detail = "another message was taken in for this one"
            raise Conflict("already_resubmitted", detail, resubmitted_position=closed.position)
        return Resubmitted(position, 0, 1, closed.position)

    def _kept(self, site: SiteId, position: int) -> RecordedEvent:
        found = self._log.read_position(site, position, unseal=True)
        if found is None or found.topic != "MessageQuarantined":
            raise NotFound("message_unknown", "no message was quarantined at this position")
        if found.erased:
            raise Erased("message_erased", "the person whom the message named was forgotten")
        return found

    def _closed(self, kept: RecordedEvent) -> RecordedEvent | None:
        last = self._log.read_stream(kept.site, kept.stream_id, last=True)[-1]
        return last if last.version > kept.version else None


def _origin(data: Mapping[str, Any], message: Any) -> Origin:
    """From the time before trust was recorded, nothing is a server's word. A message that names
    its type does so against the route that it once came by: that may have been the mistake."""
    trust = SERVER if data.get("trust") == SERVER else CLIENT
    typed = message.__class__ is dict and message.get("type") is not None
    kind = None if typed and text_of(message) != data["message"] else data.get("kind")
    return Origin(trust, data["received_at"], data.get("sent_at"), kind)
