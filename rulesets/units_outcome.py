"""What was decided about the units of a page: which products each shows, and from which type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

from rulesets.unit_results import ModelTold

NO_MODEL = "no_model"
NOT_READY = "not_ready"
TOO_FEW = "too_few"
PRIMARY = "primary"
BACKUP = "backup"


class UnitItem(NamedTuple):
    """One product; its rank is its place. `source`: PRIMARY or BACKUP."""

    sku: str
    score: str
    source: str


class ShownUnit(NamedTuple):
    """One unit. `code` says why it shows nothing at all (`not_in_schedule`), `fallback` why its own
    type did not fill it: NO_MODEL, NOT_READY, TOO_FEW."""

    unit_id: str
    code: str | None = None
    readiness: int | None = None
    fallback: str | None = None
    items: tuple[UnitItem, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitsOutcome:
    """The units of a page in their order. A unit reads no segment and no cart rule."""

    page_type: str
    model: ModelTold | None
    units: tuple[ShownUnit, ...]

    @property
    def segments(self) -> tuple[str, ...]:
        """None are looked at."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """The compact form that is recorded and digested."""
        return {
            "page_type": self.page_type,
            "model": None if self.model is None else list(self.model),
            "units": [[*unit[:4], [list(item) for item in unit.items]] for unit in self.units],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> UnitsOutcome:
        """The reverse."""
        model = data["model"]
        return cls(
            data["page_type"],
            None if model is None else ModelTold(*model),
            tuple(
                ShownUnit(
                    unit_id, code, readiness, fallback, tuple(UnitItem(*item) for item in items)
                )
                for unit_id, code, readiness, fallback, items in data["units"]
            ),
        )
