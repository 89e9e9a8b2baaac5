"""What one type was trained to, as it is served: lines stay bytes until one is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any

import orjson

from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Kind

TOP_MAX = 500
"""Entries of a ranking that are kept open: a decision records at most as many candidates."""
Entry = tuple[Any, ...]
"""(sku, score, evidence...): all but the first are integers."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What the model's event says of one type. `readiness` is 0 to 100 (readiness.py)."""

    digest: str
    trained_to: int
    trained_at: int
    readiness: int


@dataclass(slots=True)
class Artefact:
    """A ranking of products, or the neighbours of each product; immutable once it is loaded."""

    type: str
    kind: Kind
    scale: int
    trained: Trained
    lines: Mapping[str, bytes]
    _top: list[Entry] = field(default_factory=list)
    _scores: dict[str, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of its content."""
        return self.trained.digest

    @property
    def trained_to(self) -> int:
        """The log position up to which events were read."""
        return self.trained.trained_to

    @property
    def trained_at(self) -> int:
        """The moment that its windows end at."""
        return self.trained.trained_at

    @property
    def readiness(self) -> int:
        """0 to 100."""
        return self.trained.readiness

    def open_lines(self, skus: list[str]) -> None:
        """Reads these lines of a ranking, which are the next ones; a loader calls it in steps."""
        if self.kind != RANKED:
            return
        rows = orjson.loads(b"[%s]" % b",".join([self.lines[sku] for sku in skus]))
        for row in rows:
            self._scores[row[0]] = row[1]
        self._top += map(tuple, rows[: TOP_MAX - len(self._top)])

    def top(self, count: int) -> list[Entry]:
        """The first entries of a ranking, best first; at most 500 of them."""
        return self._top[:count]

    def scores(self) -> Mapping[str, int]:
        """The score of every product of a ranking."""
        return self._scores

    def entry(self, sku: str) -> Entry | None:
        """The entry of one product of a ranking."""
        line = self.lines.get(sku)
        return None if line is None else tuple(orjson.loads(line))

    def only(self, skus: Iterable[str]) -> Artefact:
        """The ranking of these of its products alone, in the order given."""
        lines = {sku: self.lines[sku] for sku in skus}
        entries = [*map(tuple, orjson.loads(b"[%s]" % b",".join(lines.values())))]
        return replace(self, lines=lines, _top=entries, _scores={e[0]: e[1] for e in entries})

    def of(self, sku: str) -> list[Entry]:
        """The neighbours of a product, best first; none if it is not known."""
        line = self.lines.get(sku)
        return [] if line is None else [*map(tuple, orjson.loads(line)[1])]
