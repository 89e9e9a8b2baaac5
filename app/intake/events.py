"""Takes messages in: one unit of the log for all of a request's, and the links they make.

Each message stands for itself: a refused one goes to quarantine, one that was here before is left
out by the log, since its stream is made of its id. What a public client sent has ids of its own,
so that nobody keeps a server's message out by sending its id first.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Protocol
from uuid import UUID

import orjson
from sqlalchemy import Engine

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.kernel.limits import MESSAGE_BYTES_MAX
from aggregates.log import Append
from aggregates.log import Appended
from aggregates.log import EventLog
from aggregates.log import NewEvent
from aggregates.site import SiteSettings
from app.intake import links
from app.intake import quarantine
from app.intake.interactions import Reading
from app.intake.links import LinkChanges
from app.intake.links import Wanted
from app.intake.message import CONTENT_ID
from app.intake.message import Draft
from app.intake.message import Envelope
from app.intake.message import read
from app.intake.nuls import nul_or_reserved
from app.intake.owners import Owners
from decisions.anew import anew
from projections.identities import SERVER
from projections.sites import settings_after

CLIENT = "client"
_ATTEMPTS = 8  # others linked the same anonymous id in between; it is one person's browser
_OPEN = 1  # the version of a quarantined message's stream until something closes it
_NOTHING = LinkChanges()


class Names(Protocol):
    """The key store as intake uses it (app/eventlog/keys.py)."""

    def of_many(self, site: SiteId, ids: Sequence[tuple[str, str]]) -> list[Pseudonym]: ...
    def find(self, site: SiteId, kind: str, value: str) -> Pseudonym | None: ...
    def digest(self, site: SiteId, kind: str, value: str) -> str: ...


@dataclass(slots=True)
class Received:
    """What became of a request's messages. `rejected` is as the answer lists it."""

    accepted: int
    duplicates: int
    rejected: list[dict[str, Any]]
    log_position: int

    def to_json(self) -> dict[str, Any]:
        """The answer without its log position."""
        return {
            "success": True,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
        }


@dataclass(frozen=True, slots=True)
class Origin:
    """How a message came the first time. `kind`: the route's type, if it had one."""

    trust: str
    received_at: int
    sent_at: str | None = None
    kind: str | None = None


@dataclass(slots=True)
class _Sorted:
    """A request's messages: what can become events, and what cannot."""

    drafts: list[Draft] = field(default_factory=list)
    refused: list[tuple[int, Any, InvalidValue]] = field(default_factory=list)


class Intake:
    """The use case behind /v1/batch and the single routes."""

    def __init__(self, log_store: Engine, keys: Names, log: EventLog, clock: Clock) -> None:
        self._store = log_store
        self._keys = keys
        self._log = log
        self._clock = clock

    @anew
    def receive(
        self,
        site: SiteId,
        messages: Sequence[Any],
        *,
        trusted: bool,
        sent_at: str | None = None,
        kind: str | None = None,
    ) -> Received:
        """Durable when it returns. `kind` is the type of all messages, else each names its own."""
        trust = SERVER if trusted else CLIENT
        envelope = Envelope(trust, self._clock.now(), self._reading(site), sent_at, kind)
        return self._take(site, _sorted(messages, envelope), envelope)

    @anew
    def receive_late(
        self, site: SiteId, message: Any, origin: Origin, closing: NewEvent
    ) -> Received:
        """One message that came before, with the event that closes its quarantine in the same unit.

        It is read as if it had been accepted then, under the trust that it came with. InvalidValue
        if it is still wrong; VersionConflict if its quarantine was closed meanwhile.
        """
        envelope = Envelope(
            origin.trust, origin.received_at, self._reading(site), origin.sent_at, origin.kind
        )
        found = _sorted([message], envelope)
        for _, _, why in found.refused:
            raise why
        for draft in found.drafts:
            draft.data["flags"] = [*draft.data.get("flags", ()), "resubmitted"]
            if draft.occurred_at is None:
                draft.occurred_at = origin.received_at
        return self._take(site, found, envelope, closing)

    def _take(
        self, site: SiteId, found: _Sorted, envelope: Envelope, closing: NewEvent | None = None
    ) -> Received:
        self._keep_customers_apart(site, found.drafts)
        names = self._names(site, found, envelope.received_at)
        owners = self._owners(site, found.drafts, envelope.trust == SERVER)
        events = [self._event(site, draft, names, owners, envelope.trust) for draft in found.drafts]
        kept = [
            quarantine.quarantined(
                site,
                message,
                why,
                envelope,
                names[_owner(message, envelope.received_at)],
                digest=self._keys.digest,
            )
            for _, message, why in found.refused
        ]
        wanted = self._wanted(found.drafts, events, names, envelope)
        appended = self._append(site, [*events, *kept], wanted, closing)
        new = sum(position is not None for position in appended.positions[: len(events)])
        rejected = [_rejection(index, message, why) for index, message, why in found.refused]
        return Received(new, len(events) - new, rejected, appended.log_position)

    def _reading(self, site: SiteId) -> Reading:
        """From the last event of the site's own stream: a read on the log's open connection."""
        known = self._log.read_stream(site, stream_id(site, "site", site), last=True)
        settings = settings_after(known[-1]) if known else SiteSettings()
        return Reading(
            settings.base_currency, settings.counted_properties, settings.seal_search_phrases
        )

    def _names(
        self, site: SiteId, found: _Sorted, received_at: int
    ) -> dict[tuple[str, str], Pseudonym]:
        asked: dict[tuple[str, str], None] = {}
        for draft in found.drafts:
            if draft.user_id is not None:
                asked["customer", draft.user_id] = None
            if draft.anonymous_id is not None:
                asked["anonymous", draft.anonymous_id] = None
        for _, message, _ in found.refused:
            asked[_owner(message, received_at)] = None
        ids = list(asked)
        return dict(zip(ids, self._keys.of_many(site, ids), strict=True)) if ids else {}

    def _keep_customers_apart(self, site: SiteId, drafts: Sequence[Draft]) -> None:
        """An alias of a former customer id links nothing: merging two known ids is an admin's."""
        customers = {draft.user_id for draft in drafts}
        for draft in drafts:
            if draft.data.get("kind") == "alias" and draft.anonymous_id is not None:
                previous = draft.anonymous_id
                if previous in customers or self._keys.find(site, "customer", previous):
                    draft.links = False
                    draft.data["flags"] = [*draft.data.get("flags", ()), "not_merged"]

    def _owners(self, site: SiteId, drafts: Sequence[Draft], trusted: bool) -> Owners:
        ids = {draft.order_id for draft in drafts if draft.order_id is not None}
        digests = {order_id: self._keys.digest(site, "order", order_id) for order_id in ids}
        if not trusted or not digests:
            return Owners(digests, {})
        with self._store.connect() as connection:
            return Owners.known(connection, site, digests)

    def _event(
        self,
        site: SiteId,
        draft: Draft,
        names: dict[tuple[str, str], Pseudonym],
        owners: Owners,
        trust: str,
    ) -> NewEvent:
        shopper: Pseudonym | None = None
        if draft.user_id is not None:
            shopper = names["customer", draft.user_id]
            if draft.anonymous_id is not None:
                draft.data["via"] = names["anonymous", draft.anonymous_id]
        elif draft.anonymous_id is not None:
            shopper = names["anonymous", draft.anonymous_id]
        kind = "message" if trust == SERVER else "client-message"
        name = draft.message_id
        if name.startswith(CONTENT_ID):  # a plain hash of what was said would confirm a guess
            name = self._keys.digest(site, kind, name)
        stream = stream_id(site, kind, name)
        if draft.order_id is not None:
            return owners.event(stream, draft, shopper, trusted=trust == SERVER)
        return NewEvent(stream, 1, draft.topic, draft.data, shopper, draft.occurred_at)

    def _wanted(
        self,
        drafts: Sequence[Draft],
        events: Sequence[NewEvent],
        names: dict[tuple[str, str], Pseudonym],
        envelope: Envelope,
    ) -> dict[int, Wanted]:
        """Which events want a link, by their place."""
        received_at = envelope.received_at
        found: dict[int, Wanted] = {}
        for index, draft in enumerate(drafts):
            if draft.links and draft.user_id is not None and draft.anonymous_id is not None:
                at = draft.occurred_at
                found[index] = Wanted(
                    events[index].stream_id,
                    names["anonymous", draft.anonymous_id],
                    names["customer", draft.user_id],
                    envelope.trust,
                    received_at if at is None else min(at, received_at),
                    at,
                )
        return found

    def _append(
        self,
        site: SiteId,
        events: Sequence[NewEvent],
        wanted: dict[int, Wanted],
        closing: NewEvent | None,
    ) -> Appended:
        """Messages first, then what they changed: positions of the messages come first too."""
        closed = () if closing is None else (closing,)
        expect = {event.stream_id: _OPEN for event in closed}
        for attempt in range(_ATTEMPTS):
            found = self._changes(site, wanted)
            linking = [event for caused in found.events.values() for event in caused]
            every = (*events, *linking, *closed)
            unit = Append(site, every, expect={**found.expect, **expect})
            try:
                return self._log.append(unit)
            except VersionConflict:
                if any(self._version(site, stream) != _OPEN for stream in expect):
                    raise
                time.sleep(random.random() * 0.002 * 2**attempt)  # noqa: S311  (no secret)
        raise Unavailable("contended", "the same ids are being linked elsewhere; try again")

    def _version(self, site: SiteId, stream: UUID) -> int:
        return self._log.read_stream(site, stream, last=True)[-1].version

    def _changes(self, site: SiteId, wanted: dict[int, Wanted]) -> LinkChanges:
        if not wanted:
            return _NOTHING
        with self._store.connect() as connection:
            return links.changes(connection, site, list(wanted.values()))


def _sorted(messages: Sequence[Any], envelope: Envelope) -> _Sorted:
    found = _Sorted()
    drafts = found.drafts
    for index, message in enumerate(messages):
        try:
            sent = orjson.dumps(message)
            if len(sent) > MESSAGE_BYTES_MAX:
                raise InvalidValue("message_too_large", f"at most {MESSAGE_BYTES_MAX} bytes")
            if b"\\u0000" in sent or b'"$decimal"' in sent:
                nul_or_reserved(message)
            drafts.append(read(message, envelope))
        except InvalidValue as refusal:
            found.refused.append((index, message, refusal))
    return found


def _owner(message: Any, received_at: int) -> quarantine.Owner:
    return quarantine.owner_of(message) or quarantine.nobody(received_at)


def _rejection(index: int, message: Any, why: InvalidValue) -> dict[str, Any]:
    message_id = message.get("messageId") if isinstance(message, dict) else None
    return {
        "index": index,
        "messageId": message_id if isinstance(message_id, str) else None,
        "code": why.code,
        "detail": why.detail,
    }
