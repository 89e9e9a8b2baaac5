"""How well viewed-viewed names the next product of a real session, from the last one alone.

RetailRocket's sessions (CC BY-NC-SA 4.0) are no part of this project. They are looked for in
`retailrocket_sessions` of the folder that RATIONALE_BENCH_DATA names, `../shared/data` without it;
where they are not, this benchmark says so and is left out. The product's own expression is trained
on the training sessions and asked with the last product before each label: HR@20 and MRR@20. Its
weighting was chosen by the last tenth of the training sessions, never by a test case.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Sequence
from pathlib import Path

import ibis
import pyarrow as pa

from app.training import engine
from app.training.making import make
from projections.recommendations.artefact import Artefact
from projections.recommendations.artefact import Trained
from projections.recommendations.artefact_format import Reading
from projections.recommendations.history import History
from projections.recommendations.viewed_viewed import ViewedViewed
from tests.bench.report import Row

FOLDER = Path(
    os.environ.get("RATIONALE_BENCH_DATA") or Path(__file__).parents[3] / "shared" / "data"
)
TRAINING = FOLDER / "retailrocket_sessions" / "train_sessions.txt.gz"
CASES = FOLDER / "retailrocket_sessions" / "test_prefix_label.txt.gz"
AMONG = 20
NOW = 1
Case = tuple[str, str]
"""(last product, next product)."""


def run() -> list[Row]:
    """One row; none without the data."""
    if not (TRAINING.exists() and CASES.exists()):
        print(f"next_item is left out: there is no {TRAINING}")  # noqa: T201
        return []
    sessions = [line.split() for line in _lines(TRAINING)]
    cases = [(prefix.split()[-1], label) for prefix, label in map(_case, _lines(CASES))]
    start = time.perf_counter()
    artefact = trained(sessions)
    seconds = time.perf_counter() - start
    hits, reciprocal = quality(artefact, cases)
    others = [case for case in cases if case[0] != case[1]]
    of_others = quality(artefact, others)
    note = (
        f"{len(sessions):,} sessions trained in {seconds:.1f} s, {len(cases):,} cases;"
        f" {1 - len(others) / len(cases):.1%} of them ask for the same product again, which is"
        f" never recommended: without these HR {of_others[0]:.2%}, MRR {of_others[1]:.2%}"
    )
    what = f"viewed-viewed on RetailRocket, next from the last product, HR@{AMONG} / MRR@{AMONG}"
    return [Row(what, "reported", f"{hits:.2%} / {reciprocal:.2%}", True, note)]


def trained(sessions: Sequence[Sequence[str]]) -> Artefact:
    """What the product's own expression makes of sessions, as a process serves it."""
    rows = pa.table(
        {
            "session": pa.array([i for i, one in enumerate(sessions) for _ in one], pa.int64()),
            "sku": [sku for one in sessions for sku in one],
            "occurred_at": pa.array([NOW for one in sessions for _ in one], pa.int64()),
        }
    )
    connection = ibis.duckdb.connect(threads=engine.THREADS, memory_limit=engine.MEMORY)
    views = connection.create_table("views", rows)
    made = make(ViewedViewed(), History(views, views, NOW), engine.rows_of)
    assert made is not None
    reading = Reading(made.artefact.digest)
    for part in made.artefact.parts:
        reading.take(part)
    reading.check()
    what = Trained(reading.digest, 0, NOW, made.readiness)
    return Artefact(reading.type, reading.kind, reading.scale, what, reading.lines)


def quality(artefact: Artefact, cases: Sequence[Case]) -> tuple[float, float]:
    """HR and MRR of the first neighbours."""
    hits = reciprocal = 0.0
    for last, label in cases:
        first = [entry[0] for entry in artefact.of(last)[:AMONG]]
        if label in first:
            hits += 1
            reciprocal += 1 / (1 + first.index(label))
    return hits / len(cases), reciprocal / len(cases)


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as text:
        return text.read().splitlines()


def _case(line: str) -> Case:
    prefix, label = line.split("\t")
    return prefix, label
