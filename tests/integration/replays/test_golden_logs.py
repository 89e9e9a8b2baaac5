"""Logs that earlier versions of this program wrote: every decision comes out as it did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.verifying.log import verify
from app.wiring import Services
from decisions.replay import MODES
from decisions.replay_range import Counts
from decisions.replay_range import replay_range
from tests.golden_logs import FOLDER
from tests.golden_logs import HELD
from tests.golden_logs import unpacked


@pytest.fixture(params=sorted(HELD))
def version(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def services(version: str, tmp_path: Path) -> Iterator[Services]:
    opened = unpacked(version, tmp_path)
    yield opened
    opened.close()


def test_every_golden_log_is_described() -> None:
    assert {path.name.split(".")[0] for path in FOLDER.glob("*.tar.xz")} == set(HELD)


def test_every_decision_of_a_golden_log_replays_both_ways(version: str, services: Services) -> None:
    held = HELD[version]
    for mode in MODES:
        all_counts = Counts()
        for site in services.log.sites():
            verify(services.stores.log, site)
            counts = replay_range(services.means, site, mode)
            told = [one.to_json() for one in counts.different.values()]
            assert (told, counts.unproven) == ([], {}), (site, mode)
            all_counts.add(counts)
        assert all_counts.replayed == all_counts.identical == held["decisions"] - held["erased"]
        assert all_counts.erased == held["erased"]
        assert sorted(all_counts.kinds) == held["kinds"]
        assert sorted(all_counts.semantics) == held["semantics"]


def test_what_follows_a_golden_log_can_be_folded(version: str, services: Services) -> None:
    site = next(site for site in services.log.sites() if site == "shop")
    services.follower.catch_up(site)
    assert services.follower.lag(site) == 0
