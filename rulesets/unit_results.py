"""The candidates of the units of a page: what retrieval hands to the rules, recorded for replays.

Retrieval has left out what no unit could show (not listed, not visible, filtered) and stops when a
unit is full. A product that the rules drop (bought before, in the cart, shown by a unit before) is
kept among the candidates as long as there is room, so that an explanation can say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple


class Candidate(NamedTuple):
    """One product: `score / scale` of its list, the evidence, whether the shopper bought it."""

    sku: str
    score: int
    because: Mapping[str, Any]
    purchased: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Candidates of one type, best first."""

    scale: int = 1
    candidates: tuple[Candidate, ...] = ()

    def to_json(self) -> list[Any]:
        """As recorded."""
        return [self.scale, [tuple(one) for one in self.candidates]]

    @classmethod
    def from_json(cls, data: list[Any]) -> Listed:
        """The reverse."""
        return cls(data[0], tuple(Candidate(*one) for one in data[1]))


@dataclass(frozen=True, slots=True)
class UnitCandidates:
    """What one unit may show. `readiness` is that of its type's model, None without one."""

    unit_id: str
    readiness: int | None = None
    own: Listed = Listed()
    backup: Listed = Listed()

    def to_json(self) -> list[Any]:
        """As recorded."""
        return [self.unit_id, self.readiness, self.own.to_json(), self.backup.to_json()]

    @classmethod
    def from_json(cls, data: list[Any]) -> UnitCandidates:
        """The reverse."""
        return cls(data[0], data[1], Listed.from_json(data[2]), Listed.from_json(data[3]))


class ModelTold(NamedTuple):
    """The model behind an answer: the moment and the log position that it was trained to."""

    id: str
    trained_at: int
    trained_to: int


@dataclass(frozen=True, slots=True)
class UnitResults:
    """Of all units of a page, in their order. `model` None: the site has none yet."""

    model: ModelTold | None = None
    units: tuple[UnitCandidates, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return {
            "model": None if self.model is None else tuple(self.model),
            "units": [unit.to_json() for unit in self.units],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> UnitResults:
        """The reverse."""
        model = data["model"]
        return cls(
            None if model is None else ModelTold(*model),
            tuple(UnitCandidates.from_json(unit) for unit in data["units"]),
        )
