"""What a simulation is asked for, resolved: nothing in it depends on what authors save later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any
from typing import Literal

SegmentsMode = Literal["recorded", "reevaluated"]
SchedulesMode = Literal["kept", "open"]
SEGMENTS_MODES: tuple[SegmentsMode, ...] = ("recorded", "reevaluated")
SCHEDULES_MODES: tuple[SchedulesMode, ...] = ("kept", "open")
KIND = "cart"
"""The one kind of decision that is simulated."""


@dataclass(frozen=True, slots=True)
class CandidateChange:
    """One definition as the candidate has it; without a body it is removed. `is_new`: the base has
    nothing by that id."""

    kind: str
    id: str
    key: str | None = None
    version: int = 0
    digest: str = ""
    body: dict[str, Any] | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A revision with changes, under the settings of a position. `digest` is over the rules and
    segments that it would have (app/simulation/digests.py)."""

    revision: int
    settings_position: int
    changes: tuple[CandidateChange, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A share of the decisions as exact decimal text, or so many of them."""

    share: str | None = None
    count: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Simulation:
    """A whole question: which candidate, over which decisions, how. Moments are microseconds, of
    recording: `from_at` is in the range, `to_at` is not. `top`: winners and losers to name."""

    candidate: Candidate
    from_at: int
    to_at: int
    segments: SegmentsMode = "recorded"
    schedules: SchedulesMode = "kept"
    sample: Sample | None = None
    top: int = 10

    def to_json(self) -> dict[str, Any]:
        """As the log keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Simulation:
        """The reverse."""
        candidate = dict(data["candidate"])
        candidate["changes"] = tuple(CandidateChange(**one) for one in candidate["changes"])
        sample = data["sample"]
        return cls(
            **{
                **data,
                "candidate": Candidate(**candidate),
                "sample": None if sample is None else Sample(**sample),
            }
        )
