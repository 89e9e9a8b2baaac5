"""A range of decisions: on several processes, after any death, in any surroundings the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.replaying.journal import Journal
from app.replaying.journal import lines
from app.replaying.tally import Tally
from app.replaying.tally import told_of
from decisions.findings import Difference
from decisions.findings import Replayed
from decisions.replay_range import Counts
from decisions.replay_range import positions_between
from decisions.replay_range import replay_range
from tests.golden.make import SITE
from tests.golden_logs import unpacked

NEVER = 10**9
MOMENTS = ("began_at",)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    unpacked("v4", folder).close()
    return folder


def replayed(data: Path, mode: str, workers: int, pages: int = NEVER, **surroundings: str) -> Any:
    """The report of another process; None if it died."""
    arguments = [str(data), str(data / "kept"), mode, str(workers), str(pages)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.replay_processes", *arguments],
        capture_output=True,
        env={**os.environ, **surroundings},
        check=False,
        timeout=120,
    )
    if done.returncode < 0:
        return None
    assert done.returncode == 0, done.stderr.decode()
    told = orjson.loads(done.stdout)
    return {name: value for name, value in told.items() if name not in MOMENTS}


def fresh(data: Path, mode: str) -> Any:
    (data / "kept").rename(data / "former")
    return replayed(data, mode, 1)


@pytest.mark.parametrize(("mode", "workers"), [("recorded", 1), ("from_log", 2)])
def test_a_range_goes_on_after_kill_and_counts_each_decision_once(
    data: Path, mode: str, workers: int
) -> None:
    assert replayed(data, mode, workers, 3) is None
    told = replayed(data, mode, workers)
    assert told["holds"]
    assert told["counts"]["erased"] == 28
    assert told == fresh(data, mode)


def test_time_zone_hash_seed_and_locale_change_nothing(data: Path) -> None:
    here = replayed(data, "from_log", 1)
    there = {"TZ": "Pacific/Apia", "PYTHONHASHSEED": "7", "LC_ALL": "C", "LANG": "C"}
    (data / "kept").rename(data / "former")
    assert replayed(data, "from_log", 1, **there) == here


def test_moments_choose_the_decisions(data: Path) -> None:
    services = unpacked("v4", data / "again")
    try:
        site = next(site for site in services.log.sites() if site == SITE)
        head = services.log.head(site).position
        moments = []
        for position in (1, head // 3, head // 2, head):
            event = services.log.read_position(site, position)
            assert event is not None
            moments.append(event.recorded_at)
        whole = replay_range(services.means, site, "recorded")
        parts = [
            replay_range(services.means, site, "recorded", (start, end))
            for start, end in zip([0, *moments], [*moments, None], strict=True)
        ]
        assert sum(one.replayed for one in parts) == whole.replayed
        assert sum(one.erased for one in parts) == whole.erased
        assert positions_between(services.log, site, moments[-1] + 1, None) == (head, head)
        assert positions_between(services.log, site, moments[2], moments[1])[0] == head // 2 - 1
    finally:
        services.close()


def test_a_torn_line_of_a_journal_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "0.jsonl"
    with Journal(path, 0) as journal:
        journal.append(5, told_of(Counts(replayed=2, identical=2)))
    with path.open("ab") as file:
        file.write(b'{"upto": 9, "replayed"')
    with Journal(path, 0) as journal:
        assert journal.upto == 5
        journal.append(8, told_of(Counts(replayed=1, erased=1)))
    assert [line["upto"] for line in lines(path)] == [5, 8]


def test_a_report_says_of_facts_where_they_differ_and_not_what_they_are() -> None:
    differing = (
        Difference("/facts/values/shopper.traits.city", "Rome", "Oslo"),
        Difference("/outcome/totals/2", 5, 6),
    )
    counts = Counts(replayed=1, unproven={3: "revision_differs"})
    counts.different[7] = Replayed("dec_1", "cart", 3, {}, differing)
    tally = Tally()
    tally.add(orjson.loads(orjson.dumps(told_of(counts))))
    assert not tally.holds
    assert tally.findings[7]["differences"] == [
        {"path": "/facts/values/shopper.traits.city", "sealed": True},
        {"path": "/outcome/totals/2", "recorded": 5, "replayed": 6},
    ]
