"""The values of an ordered type that claims leave over: a range with holes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from math import ceil
from math import floor
from typing import Any

from rulesets.attributes import Type
from rulesets.reachability.claims import Claim
from rulesets.reachability.claims import Spend

_WHOLE = frozenset({"int", "date"})


@dataclass(slots=True)
class Range:
    """From `low` to `high`, each None for open, without `holes` and without `gaps`.

    A gap is a pair of which both ends belong to it.
    """

    kind: Type
    low: Any = None
    high: Any = None
    above_low: bool = False
    below_high: bool = False
    holes: set[Any] = field(default_factory=set)
    gaps: list[tuple[Any, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, kind: Type, claims: Iterable[Claim], low: Any, high: Any) -> Range:
        """What comparable values are as all these say; claims of other operators are passed by."""
        left = cls(kind, low, high)
        for claim in claims:
            left._narrow(claim.operator, claim.wanted, positive=claim.positive)
        return left

    def is_empty(self, spend: Spend) -> bool:
        """Whether certainly nothing is left over."""
        if self.low is None or self.high is None:
            return False
        if self.kind in _WHOLE:
            return self._holds_no_whole(spend)
        if self.low > self.high:
            return True
        if self.low == self.high and (self.above_low or self.below_high or self.low in self.holes):
            return True
        return any(first <= self.low and self.high <= last for first, last in self.gaps)

    def _narrow(self, operator: str, wanted: Any, *, positive: bool) -> None:
        if operator in {">", ">="} and positive:
            self._from(wanted, strict=operator == ">")
        elif operator in {"<", "<="} and positive:
            self._to(wanted, strict=operator == "<")
        elif operator == "between" and positive:
            self._from(wanted[0], strict=False)
            self._to(wanted[1], strict=False)
        elif operator == "between":
            self.gaps.append(wanted)
        elif operator == "==" and not positive:
            self.holes.add(wanted)
        elif operator == "in" and not positive:
            self.holes.update(wanted)

    def _from(self, wanted: Any, *, strict: bool) -> None:
        if self.low is None or wanted > self.low or (wanted == self.low and strict):
            self.low, self.above_low = wanted, strict

    def _to(self, wanted: Any, *, strict: bool) -> None:
        if self.high is None or wanted < self.high or (wanted == self.high and strict):
            self.high, self.below_high = wanted, strict

    def _holds_no_whole(self, spend: Spend) -> bool:
        """Counts where values lie one apart: as many holes as values, or more, are tried out."""
        low, high = _place(self.low), _place(self.high)
        first = floor(low) + 1 if self.above_low else ceil(low)
        last = ceil(high) - 1 if self.below_high else floor(high)
        for start, end in sorted((_place(start), _place(end)) for start, end in self.gaps):
            if start <= first:
                first = max(first, floor(end) + 1)
        holes = {_place(hole) for hole in self.holes}
        if last - first >= len(holes):
            return bool(first > last)
        spend(max(0, last - first + 1) * (1 + len(self.gaps)))
        return all(
            value in holes or any(_place(a) <= value <= _place(b) for a, b in self.gaps)
            for value in range(first, last + 1)
        )


def _place(value: Any) -> Any:
    """A day as a number, so that the next day is one more."""
    return date.fromisoformat(value).toordinal() if isinstance(value, str) else value
