"""Makes a model of what was trained: one event over all types, merged with whoever was faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import EventLog
from aggregates.log import NewEvent
from projections import recommendation_models
from projections.recommendation_models import TOPIC
from projections.recommendation_models import manifest_digest
from projections.recommendation_models import model_id
from projections.recommendation_models import stream_of

Entry = dict[str, Any]
"""What the event says of a type: `digest` (None: it serves nothing), `trained_to`, `trained_at`,
`readiness`, `outcome` of its last training (`trained` or `kept`), and for a kept one `why`."""
_ATTEMPTS = 20  # each lost to another training, which takes seconds


def trained(digest: str, trained_to: int, trained_at: int, readiness: int) -> Entry:
    """The entry of a type that was trained."""
    return {
        "digest": digest,
        "trained_to": trained_to,
        "trained_at": trained_at,
        "outcome": "trained",
        "readiness": readiness,
    }


def kept(why: str) -> Entry:
    """The entry of a type whose training gave nothing: `why` is `empty` or `failed`."""
    nothing = {"digest": None, "trained_to": 0, "trained_at": 0, "readiness": 0}
    return {**nothing, "outcome": "kept", "why": why}


def publish(
    log: EventLog, engine: Engine, site: SiteId, found: Mapping[str, Entry]
) -> tuple[str | None, dict[str, Entry]]:
    """The id of the model that was made, None if these entries make none, and what serves now of
    their types."""
    for _ in range(_ATTEMPTS):
        with engine.connect() as connection:
            newest = recommendation_models.newest(connection, site)
        before = {name: dict(entry) for name, entry in newest.types.items()} if newest else {}
        number = newest.number if newest else 0
        merged = {name: _merged(entry, before.get(name)) for name, entry in found.items()}
        if not any(merged[name] is found[name] for name in found if found[name]["digest"]):
            return None, merged
        event = _event(site, number + 1, {**before, **merged})
        try:
            log.append(Append(site, (event,), expect={event.stream_id: number}))
        except VersionConflict:
            continue
        return model_id(number + 1), merged
    raise Unavailable("contended", "other trainings of this site keep being faster; try again")


def _merged(entry: Entry, before: Entry | None) -> Entry:
    """Of two trainings of a type the one that read further; a kept entry serves what was before."""
    if before is None or before["digest"] is None:
        return entry
    if entry["digest"] is None:
        served = {name: value for name, value in before.items() if name != "why"}
        return {**served, "outcome": entry["outcome"], "why": entry["why"]}
    return entry if entry["trained_to"] >= before["trained_to"] else before


def _event(site: SiteId, number: int, types: Mapping[str, Entry]) -> NewEvent:
    """The event of a model. It was trained to, and at, what the newest of its types was."""
    data = {
        "model": model_id(number),
        "digest": manifest_digest(types),
        "trained_to": max(entry["trained_to"] for entry in types.values()),
        "types": dict(types),
    }
    trained_at = max(entry["trained_at"] for entry in types.values())
    return NewEvent(stream_of(site), number, TOPIC, data, occurred_at=trained_at)
