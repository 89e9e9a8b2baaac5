"""An artefact from the rows of a recommender's expression, with its readiness."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from projections.recommendations import readiness
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Written
from projections.recommendations.artefact_format import written
from projections.recommendations.history import History
from projections.recommendations.recommender import Recommender

if TYPE_CHECKING:
    from ibis.expr.types import Table

Run = Callable[["Table"], Iterable[tuple[Any, ...]]]
"""Runs an expression."""


@dataclass(frozen=True, slots=True)
class Made:
    """An artefact that is not stored yet."""

    artefact: Written
    readiness: int


def make(recommender: Recommender, history: History, run: Run) -> Made | None:
    """What a recommender learns from a history; None if that is nothing."""
    table = recommender.train(history)
    if table is None:
        return None
    assert recommender.kind == RANKED
    scores: list[int] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in run(table):
            scores.append(row[1])
            yield row

    artefact = written(recommender.type, recommender.kind, recommender.scale, rows())
    return Made(artefact, readiness.of_ranking(scores)) if artefact.lines else None
