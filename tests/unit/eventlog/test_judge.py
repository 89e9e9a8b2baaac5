"""Judging in memory agrees with judging one unit after the other on a simple model of a log."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import IdempotencyRow
from app.eventlog.judge import Judge
from app.eventlog.judge import Known
from app.eventlog.judge import Prepared
from app.eventlog.judge import Unit

SITE = SiteId("shop")
STREAMS = [UUID(int=number) for number in range(3)]
NOW = 1_000

events = st.builds(
    lambda stream, version: Prepared(stream.bytes, version, "SiteOpened", None, None, b"{}"),
    st.sampled_from(STREAMS),
    st.none() | st.integers(1, 4),
)
units = st.builds(
    lambda new, expect, move, scope, refuse: Unit(
        Append(
            SITE,
            expect=expect,
            move=tuple(Counter(key, by, 3) for key, by in move),
            once=None if scope is None else IdempotencyRow(scope, "request", 200, b"{}"),
            refuse_duplicates=refuse,
        ),
        tuple(new),
    ),
    st.lists(events, max_size=4),
    st.dictionaries(st.sampled_from(STREAMS), st.integers(0, 3), max_size=2),
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(-1, 2)), max_size=2),
    st.none() | st.sampled_from(["x", "y"]),
    st.booleans(),
)


class Model:
    """A log as plain as it can be."""

    def __init__(self) -> None:
        self.log: list[tuple[bytes, int]] = []
        self.used: dict[str, int] = {}
        self.scopes: set[str] = set()

    def version(self, stream: bytes) -> int:
        return max((version for of, version in self.log if of == stream), default=0)

    def append(self, unit: Unit) -> type[DomainError] | list[int | None]:
        asked = unit.asked
        if asked.once is not None and asked.once.scope in self.scopes:
            return AlreadyDone
        if any(self.version(s.bytes) != version for s, version in asked.expect.items()):
            return VersionConflict
        before, positions = list(self.log), []
        for event in unit.events:
            version = event.version or self.version(event.stream) + 1
            is_new = (event.stream, version) not in self.log
            if is_new:
                self.log.append((event.stream, version))
            positions.append(len(self.log) if is_new else None)
        used = dict(self.used)
        for counter in asked.move:
            used[counter.key] = used.get(counter.key, 0) + counter.by
            if counter.by > 0 and used[counter.key] > 3:
                refused: type[DomainError] | None = LimitReached
                break
        else:
            refused = None
        if asked.refuse_duplicates and None in positions:
            refused = DuplicateEvent
        if refused is not None:
            self.log = before
            return refused
        self.used = used
        if asked.once is not None:
            self.scopes.add(asked.once.scope)
        return positions


@given(st.lists(units, max_size=8))
def test_a_batch_is_judged_as_if_its_units_came_one_by_one(batch: list[Unit]) -> None:
    judge, model = Judge(SITE, 0, NOW, Known()), Model()
    for unit in batch:
        wanted = model.append(unit)
        try:
            got: object = list(judge.judge(unit).positions)
        except DomainError as refusal:
            got = type(refusal)
        assert got == wanted
    assert [(row[2], row[3]) for row in judge.rows] == model.log
    assert [row[1] for row in judge.rows] == list(range(1, len(model.log) + 1))
    assert {key: used for key, (used, _) in judge.counters.items()} == model.used
    assert set(judge.answers) == model.scopes
    assert judge.position == len(model.log)
