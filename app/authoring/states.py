"""What an author's change made of what: the subject before the event and after it, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from app.authoring.bodies import on_the_wire
from decisions.findings import differences
from projections.authoring_changes import AuthoringChanges
from projections.sites import settings_after

Json = dict[str, Any]


def change_at(log: EventLog, site: SiteId, position: int) -> RecordedEvent:
    """The change of an author at a position; NotFound `change_unknown` where there is none."""
    event = log.read_position(site, position)
    if event is None or event.topic not in AuthoringChanges.topics:
        raise NotFound("change_unknown", "no change of an author at that position")
    return event


def before_and_after(log: EventLog, change: RecordedEvent) -> tuple[Json | None, Json | None]:
    """The subject of a change before it and after it; None where it was not."""
    if change.topic == "CouponCodesDeleted":  # it tells all of it alone
        return _codes(change, change.data["codes"]), _codes(change, [])
    fold = _FOLDS[_subject_of(change.topic)]
    history = log.read_stream(change.site, change.stream_id, upto=change.position)
    return fold(history[:-1]), fold(history)


def changes(before: Json | None, after: Json | None) -> list[Json]:
    """Every place that differs, with both values; None where a side has nothing."""
    return [
        {"path": found.path, "before": found.recorded, "after": found.replayed}
        for found in differences("", before or {}, after or {})
    ]


def _subject_of(topic: str) -> str:
    return next(name for name in _FOLDS if topic.startswith(name))


def _definition(events: Sequence[RecordedEvent]) -> Json | None:
    """Key, newest body, and what decides: the live body with its schedule."""
    state: Json | None = None
    bodies: list[Json] = []
    for event in events:
        data = event.data
        if event.topic in {"DefinitionDrafted", "DefinitionRevised"}:
            bodies.append(on_the_wire(data["body"]))
            told = {"key": data["key"], "version": len(bodies), "body": bodies[-1]}
            state = {**(state or {"live_version": None, "live_body": None}), **told}
            continue
        assert state is not None
        state = {**state, **_life(event, bodies)}
    return None if state is None or state.get("deleted") else state


def _life(event: RecordedEvent, bodies: list[Json]) -> Json:
    data = event.data
    match event.topic:
        case "DefinitionPublished":
            number = data["published_version"]
            return {
                "live_version": number,
                "live_body": bodies[number - 1],
                "starts_at": _moment(data["starts_at"]),
                "ends_at": _moment(data["ends_at"]),
                "paused": False,
                "archived": False,
            }
        case "DefinitionArchived":
            return {"live_version": None, "live_body": None, "paused": False, "archived": True}
        case "DefinitionDeleted":
            return {"deleted": True}
    return {"paused": event.topic == "DefinitionPaused"}


def _site(events: Sequence[RecordedEvent]) -> Json | None:
    return settings_after(events[-1]).to_json() if events else None


def _key(events: Sequence[RecordedEvent]) -> Json | None:
    if not events:
        return None
    issued = events[0].data
    told = {"key_id": issued["key_id"], "name": issued["name"], "scopes": issued["scopes"]}
    return {**told, "revoked": len(events) > 1}


def _codes_asked(events: Sequence[RecordedEvent]) -> Json | None:
    """A batch without its seed, by which its codes are drawn."""
    if not events:
        return None
    data = events[0].data
    spec = {name: value for name, value in data["spec"].items() if name != "seed"}
    told = {name: data[name] for name in ("batch", "rule_id", "kind", "quantity")}
    return {**told, **spec}


def _codes(event: RecordedEvent, codes: list[str]) -> Json:
    """Of the codes of a rule those that an event deleted."""
    return {"rule_id": event.data["rule_id"], "codes": codes}


def _proposal(events: Sequence[RecordedEvent]) -> Json | None:
    if not events:
        return None
    status = {1: "waiting"}.get(len(events), events[-1].topic.removeprefix("Publication").lower())
    return {
        "proposal_id": events[0].data["proposal"],
        "status": status,
        "acts": events[0].data["acts"],
        "revision": events[-1].data.get("revision"),
    }


_FOLDS = {
    "Definition": _definition,
    "Site": _site,
    "ApiKey": _key,
    "CouponBatchAsked": _codes_asked,
    "Publication": _proposal,
}


def _moment(moment: int | None) -> str | None:
    return None if moment is None else format_moment(moment)
