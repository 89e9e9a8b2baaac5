"""What a replay finds: differences with both values, and why something could not be replayed.

A finding stands in the place of an error: whoever replays a range wants to hear of every one, and
of the decisions after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REVISION_MISSING = "revision_missing"
REVISION_DAMAGED = "revision_damaged"
SEMANTICS_UNKNOWN = "semantics_unknown"
MODEL_MISSING = "model_missing"
EVENT_SHAPE_UNKNOWN = "event_shape_unknown"
EVENT_UNREADABLE = "event_unreadable"
REPLAY_FAILED = "replay_failed"
CODES = {
    REVISION_MISSING: "the revision that decided is not there",
    REVISION_DAMAGED: "the revision that decided cannot be read or compiled any more",
    SEMANTICS_UNKNOWN: "this version cannot evaluate the way that the decision was made",
    MODEL_MISSING: "the model that was asked is not there, or is not what it was",
    EVENT_SHAPE_UNKNOWN: "an event is written in a shape that this version does not know",
    EVENT_UNREADABLE: "an event does not open: it, or its key, is not what was written",
    REPLAY_FAILED: "the program failed; this says nothing of the decision",
}
"""Each code with what it means."""

KEY_DESTROYED = "key_destroyed"
"""Why a part of the facts is not found again: the key of whom it is about is gone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a decision could not be made again, or only in part."""

    code: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """As answered."""
        return {"code": self.code, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the replay says something else; None where a side has nothing."""

    path: str
    recorded: Any
    replayed: Any

    def to_json(self) -> dict[str, Any]:
        """As answered."""
        return {"path": self.path, "recorded": self.recorded, "replayed": self.replayed}


@dataclass(frozen=True, slots=True)
class NotRebuilt:
    """A part of the facts that the log cannot tell any more, and why."""

    name: str
    code: str

    def to_json(self) -> dict[str, str]:
        """As answered."""
        return {"name": self.name, "code": self.code}


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay."""

    decision_id: str
    kind: str
    revision: int
    positions: dict[str, int]
    differences: tuple[Difference, ...] = ()
    not_rebuilt: tuple[NotRebuilt, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether the replay says what was said, all of it."""
        return not (self.differences or self.not_rebuilt or self.findings)

    def to_json(self) -> dict[str, Any]:
        """As answered."""
        return {
            "decision_id": self.decision_id,
            "identical": self.identical,
            "differences": [one.to_json() for one in self.differences],
            "not_rebuilt": [one.to_json() for one in self.not_rebuilt],
            "findings": [one.to_json() for one in self.findings],
            "revision": self.revision,
            "positions": self.positions,
        }


def differences(path: str, recorded: Any, replayed: Any) -> list[Difference]:
    """Where two JSON values differ, as deep as both have the same shape."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        return [
            difference
            for name in sorted(recorded.keys() | replayed.keys())
            for difference in differences(f"{path}/{name}", recorded.get(name), replayed.get(name))
        ]
    if isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        return [
            difference
            for index, (one, other) in enumerate(zip(recorded, replayed, strict=True))
            for difference in differences(f"{path}/{index}", one, other)
        ]
    same = type(recorded) is type(replayed) and recorded == replayed
    return [] if same else [Difference(path, recorded, replayed)]


def to_text(difference: Difference) -> str:
    """One difference as a line: `/outcome/lines/0: 250 was recorded, 251 came out`."""
    return f"{difference.path}: {difference.recorded!r} recorded, {difference.replayed!r} replayed"
