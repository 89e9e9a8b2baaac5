"""A proposal: what one author wants to publish and another has to approve, once and for all."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import Forbidden
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent

PROPOSED = "PublicationProposed"
APPROVED = "PublicationApproved"
REJECTED = "PublicationRejected"
WITHDRAWN = "PublicationRetracted"

NEEDS_APPROVAL = frozenset({"publish", "resume", "archive"})
"""What changes how shoppers are answered. To pause is not among them: it stops what goes wrong, and
nobody should have to wait for a colleague to do that."""

_STATUS = {APPROVED: "approved", REJECTED: "rejected", WITHDRAWN: "withdrawn"}


@dataclass(frozen=True, slots=True)
class Closing:
    """How a proposal ended; `revision` is the one that approving it made."""

    topic: str
    actor: str
    note: str | None
    at: int
    revision: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal as its events tell it. `acts` are what to do, with the versions that were
    saved (to publish) or live when it was proposed: later ones are not part of it."""

    site: SiteId
    id: str
    acts: tuple[Mapping[str, Any], ...]
    actor: str
    note: str | None
    at: int
    closing: Closing | None

    @classmethod
    def restored(cls, site: SiteId, events: Sequence[RecordedEvent]) -> Proposal:
        """The proposal of a stream; NotFound `proposal_unknown` of an empty one."""
        if not events:
            raise NotFound("proposal_unknown", "no proposal by that id")
        made = events[0]
        closing = None
        if len(events) > 1:
            last = events[-1]
            by, why = last.data["actor"], last.data["note"]
            closing = Closing(last.topic, by, why, last.recorded_at, last.data.get("revision"))
        return cls(
            site,
            made.data["proposal"],
            tuple(made.data["acts"]),
            made.data["actor"],
            made.data["note"],
            made.recorded_at,
            closing,
        )

    @property
    def status(self) -> str:
        """`waiting approved rejected withdrawn`."""
        return "waiting" if self.closing is None else _STATUS[self.closing.topic]

    def close(self, topic: str, actor: str, note: str | None, revision: int | None) -> NewEvent:
        """The event that ends it. Conflict `proposal_closed`; Forbidden where the proposer approves
        or somebody else withdraws."""
        if self.closing is not None:
            raise Conflict("proposal_closed", f"it was {self.status} already")
        if topic == APPROVED and actor == self.actor:
            raise Forbidden("own_proposal", "another author has to approve it")
        if topic == WITHDRAWN and actor != self.actor:
            raise Forbidden("not_own_proposal", "another author's proposal can be rejected")
        data: dict[str, Any] = {"proposal": self.id, "actor": actor, "note": note}
        if topic == APPROVED:
            data["revision"] = revision
        return NewEvent(stream_of(self.site, self.id), 2, topic, data)


def stream_of(site: SiteId, proposal: str) -> UUID:
    """The stream of a proposal."""
    return stream_id(site, "proposal", proposal)
