"""Turns: how often a slot that shows one block at a time has answered the same shopper before.

Each answer of such a slot appends `SlotTurned` to the stream of (slot, shopper), in one unit with
its decision. The stream's length is the next turn, and its unique versions let no two answers take
the same one, from whatever process: whoever comes second decides again. A replay counts the same
stream.
"""

from __future__ import annotations

from uuid import UUID

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from decisions.gather import Asked
from decisions.means import Means
from decisions.record import Record
from rulesets.blocks import Slot
from rulesets.question import Turn

TOPIC = "SlotTurned"


def next_turn(means: Means, question: Asked, slot: Slot) -> Turn | None:
    """The turn that an answer of this slot takes; None if the slot counts none or nobody is named.

    Turns are counted for the customer, or for the visitor while there is no customer.
    """
    if not slot.takes_turns or not question.request.get("shopper"):
        return None
    of = question.owner
    if of is None:  # a dry run for somebody new
        return Turn("", 0)
    stream = _stream(question.site, slot.id, of)
    last = means.log.read_stream(question.site, stream, last=True)
    return Turn(of, last[-1].version if last else 0)


def turned(site: SiteId, record: Record) -> tuple[NewEvent, ...]:
    """What is appended with a decision that took a turn."""
    turn = record.turn
    if turn is None:
        return ()
    slot = record.outcome["slot"]
    data = {"slot": slot, "shopper": turn.of, "decision_id": record.decision_id}
    stream = _stream(site, slot, Pseudonym(turn.of))
    return (NewEvent(stream, turn.number + 1, TOPIC, data, occurred_at=record.decided_at),)


def turn_as_of(means: Means, site: SiteId, record: Record) -> Turn | None:
    """The turn of a recorded decision as the log alone tells it; None if it tells of none."""
    if record.turn is None:
        return None
    stream = _stream(site, record.outcome["slot"], Pseudonym(record.turn.of))
    own = [
        number
        for number, event in enumerate(means.log.read_stream(site, stream))
        if event.data["decision_id"] == record.decision_id
    ]
    return Turn(record.turn.of, own[0]) if own else None


def _stream(site: SiteId, slot: str, of: Pseudonym) -> UUID:
    return stream_id(site, "turns", f"{slot}/{of}")
