"""Four eyes: what one author wants to publish waits until another one approves it.

What is proposed was judged as publishing would; approving judges it anew, since other revisions may
have come meanwhile, and makes the revision in one unit with the approval.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aggregates import proposal
from aggregates.kernel.clock import Clock
from aggregates.kernel.clock import Random
from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import proposal_id
from aggregates.log import Append
from aggregates.log import EventLog
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from aggregates.proposal import Proposal
from app.authoring.acts import Act
from app.authoring.drafts import ATTEMPTS
from app.authoring.publishing import Published
from app.authoring.publishing import Publishing
from app.authoring.publishing import Request

Json = dict[str, Any]
Once = Callable[[int, Json], IdempotencyRow | None]
_ACT = ("verb", "kind", "name", "version", "starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class Proposals:
    """The commands of one process."""

    log: EventLog
    clock: Clock
    random: Random
    publishing: Publishing

    def find(self, site: SiteId, name: str) -> Proposal:
        """A proposal as it is now; NotFound `proposal_unknown`."""
        return Proposal.restored(site, self.log.read_stream(site, proposal.stream_of(site, name)))

    def propose(
        self, site: SiteId, acts: list[Act], actor: str, note: str | None, once: Once
    ) -> tuple[Json, int]:
        """Acts with their versions, to be approved; how the proposal is shown, and the position."""
        now = self.clock.now()
        name = proposal_id(now, self.random.bits(80))
        told = tuple(_told(act) for act in acts)
        made = Proposal(site, name, told, actor, note, now, None)
        data = {"proposal": name, "acts": list(told), "actor": actor, "note": note}
        stream = proposal.stream_of(site, name)
        event = NewEvent(stream, 1, proposal.PROPOSED, data, occurred_at=now)
        view = proposal_view(made)
        done = self.log.append(Append(site, (event,), {stream: 0}, once=once(202, view)))
        return view, done.log_position

    def approve(
        self, site: SiteId, name: str, actor: str, note: str | None, once: Once
    ) -> tuple[Json, int]:
        """Publishes it as its proposer's; the view, and the log position at which it is so."""

        def approved(revision: int) -> NewEvent:
            return self.find(site, name).close(proposal.APPROVED, actor, note, revision)

        found = self.find(site, name)
        found.close(proposal.APPROVED, actor, note, None)
        acts = [_act(told, f"/acts/{place}") for place, told in enumerate(found.acts)]
        view = {"proposal_id": name, "status": "approved"}

        def kept(published: Published) -> IdempotencyRow | None:
            return once(200, {**view, "revision": published.revision})

        request = Request(acts, found.actor, found.note, approved)
        published, position = self.publishing.publish(site, request, kept)
        answer = {**view, "revision": published.revision}
        if not published.made:  # all of it is so already, by another revision
            position = self._end(site, lambda: approved(published.revision), once(200, answer))
        return answer, position

    def close(
        self, site: SiteId, name: str, topic: str, *, actor: str, note: str | None, once: Once
    ) -> tuple[Json, int]:
        """Rejects or withdraws it."""
        status = "rejected" if topic == proposal.REJECTED else "withdrawn"
        view: Json = {"proposal_id": name, "status": status, "revision": None}

        def closed() -> NewEvent:
            return self.find(site, name).close(topic, actor, note, None)

        return view, self._end(site, closed, once(200, view))

    def _end(self, site: SiteId, made: Callable[[], NewEvent], row: IdempotencyRow | None) -> int:
        """Ends a proposal alone; the log position. `made` refuses one that ended already."""
        for _ in range(ATTEMPTS):
            event = made()
            with suppress(VersionConflict):
                unit = Append(site, (event,), {event.stream_id: 1}, once=row)
                return self.log.append(unit).log_position
        raise Unavailable("busy_authors", "too many authors publish at this moment")


def proposal_view(made: Proposal) -> Json:
    """A proposal as answers show it."""
    closing = made.closing
    return {
        "proposal_id": made.id,
        "status": made.status,
        "acts": [
            {
                "act": told["verb"],
                "kind": told["kind"],
                "id": told["name"],
                "version": told["version"],
                "starts_at": _moment(told["starts_at"]),
                "ends_at": _moment(told["ends_at"]),
            }
            for told in made.acts
        ],
        "proposed_by": made.actor,
        "proposed_at": format_moment(made.at),
        "note": made.note,
        "closed_by": closing and closing.actor,
        "closed_at": closing and format_moment(closing.at),
        "closing_note": closing and closing.note,
        "revision": closing and closing.revision,
    }


def _told(act: Act) -> Json:
    return {name: getattr(act, name) for name in _ACT}


def _act(told: Mapping[str, Any], pointer: str) -> Act:
    return Act(pointer=pointer, **{name: told[name] for name in _ACT})


def _moment(moment: int | None) -> str | None:
    return None if moment is None else format_moment(moment)
