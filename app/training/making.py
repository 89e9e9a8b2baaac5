"""An artefact from the rows of a recommender's expression, with its readiness."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING
from typing import Any

from projections.recommendations import readiness
from projections.recommendations.artefact_format import NEIGHBOURS
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Written
from projections.recommendations.artefact_format import written
from projections.recommendations.history import History
from projections.recommendations.recommender import Recommender

if TYPE_CHECKING:
    from ibis.expr.types import Table

Row = tuple[Any, ...]
Rows = Iterable[Row]
Run = Callable[["Table"], Rows]
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
    types = table.schema().values()
    assert not any(one.is_floating() for one in types), "an artefact holds integers only"
    made = _ranking if recommender.kind == RANKED else _neighbours
    artefact, figure = made(recommender, history, run(table), run)
    return Made(artefact, figure) if artefact.lines else None


def _ranking(
    recommender: Recommender, history: History, rows: Rows, run: Run
) -> tuple[Written, int]:
    scores: list[int] = []

    def lines() -> Iterator[Row]:
        for row in rows:
            scores.append(row[1])
            yield row

    artefact = written(recommender.type, RANKED, recommender.scale, lines())
    return artefact, readiness.of_ranking(scores)


def _neighbours(
    recommender: Recommender, history: History, rows: Rows, run: Run
) -> tuple[Written, int]:
    """The rows of a product follow each other: they become its line."""
    figure = readiness.OfNeighbours()

    def lines() -> Iterator[Row]:
        for sku, group in groupby(rows, itemgetter(0)):
            neighbours = [row[1:] for row in group]
            figure.add(sku, [neighbour[0] for neighbour in neighbours])
            yield (sku, neighbours)

    artefact = written(recommender.type, NEIGHBOURS, recommender.scale, lines())
    seen = recommender.occurrences(history)
    return artefact, figure.figure((row[0], row[1]) for row in run(seen)) if seen is not None else 0
