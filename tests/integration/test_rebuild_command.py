"""`rationale rebuild`: rows serve during it and are equal afterwards, follower or no follower."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app import issuing
from app import rebuilding
from app.cli import main
from app.commands.rebuild import NAMES
from app.config import Settings
from app.rebuilding import rebuild
from app.wiring import Services
from app.wiring import build
from projections import follower as follower_module
from projections.activity import Activity
from projections.activity import activity
from projections.follower import Follower

ROOT = Path(__file__).parents[2]
SITE = SiteId("shop")
EVENTS = 6_000
WAIT_S = 60.0

Rows = list[tuple[Any, ...]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Of the processes of the test, which stand in its environment too."""
    given = {"RATIONALE_DATABASE_URL": database_url, "RATIONALE_DATA_DIR": str(tmp_path)}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


@pytest.fixture
def services(settings: dict[str, str]) -> Iterator[Services]:
    """A process over a log of views, folded."""
    made = build(Settings.from_environment())
    issuing.open_site(made.log, SITE)
    for start in range(0, EVENTS, 500):
        made.log.append(Append(SITE, tuple(_viewed(made, at) for at in range(start, start + 500))))
    made.follower.catch_up(SITE)
    yield made
    made.close()


def _viewed(services: Services, number: int) -> NewEvent:
    data = {
        "kind": "track",
        "event": "Product Viewed",
        "products": [{"sku": f"s{number % 7}"}],
        "trust": "server",
    }
    shopper = services.keys.of(SITE, "customer", f"c{number % 40}")
    return NewEvent(UUID(int=number + 1), 1, "InteractionRecorded", data, shopper)


def _rows(services: Services) -> Rows:
    query = select(activity).where(activity.c.site == SITE)
    with services.stores.read.connect() as connection:
        return sorted(map(tuple, connection.execute(query)), key=str)


def _damaged(services: Services) -> tuple[Rows, Rows]:
    """The rows as they should be, and as they are after a loss that a rebuild is for."""
    right = _rows(services)
    with services.stores.read.begin() as connection:
        connection.execute(delete(activity).where(activity.c.event == "Product Viewed"))
    wrong = _rows(services)
    assert wrong != right
    return right, wrong


def _begun(services: Services, process: subprocess.Popen[bytes], left: int) -> None:
    """Returns when at most so many events are left of the rebuild."""
    deadline = time.monotonic() + WAIT_S
    while services.follower.rebuilding(SITE).get("activity", left + 1) > left:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_without_a_follower_it_does_the_work_itself(services: Services) -> None:
    right, _ = _damaged(services)
    done = CliRunner().invoke(main, ["rebuild", "activity", "--site=shop", "--json"])
    assert done.exit_code == 0, done.output
    said = orjson.loads(done.stdout)
    assert said.pop("seconds") > 0
    assert said == {"site": "shop", "projection": "activity", "rebuilt": True, "events": EVENTS + 1}
    assert _rows(services) == right


def test_the_rows_in_use_serve_until_the_exchange(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "PATIENCE_S", 0.0)
    right, wrong = _damaged(services)
    seen: list[tuple[int, int, Rows]] = []

    def tell(done: int, total: int) -> None:
        seen.append((done, total, _rows(services)))

    done = rebuild(services.follower, services.stores.read, SITE, "activity", tell)
    assert done.in_place
    assert [rows for _, _, rows in seen[:-1]] == [wrong] * (len(seen) - 1)
    assert seen[-1] == (EVENTS + 1, EVENTS + 1, right)
    folded = [count for count, _, _ in seen]
    assert folded == sorted(folded)
    assert len(folded) > EVENTS / follower_module.PAGE_EVENTS


def test_a_running_follower_is_left_to_do_it(
    services: Services, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right, _ = _damaged(services)
    other, stop = build(Settings.from_environment(settings)), threading.Event()
    following = threading.Thread(target=other.follower.run, args=(stop,))
    following.start()
    helped: list[SiteId] = []
    monkeypatch.setattr(services.follower, "step", helped.append)
    monkeypatch.setattr(rebuilding, "PATIENCE_S", WAIT_S)
    done = rebuild(services.follower, services.stores.read, SITE, "activity", lambda *_: None)
    stop.set()
    following.join()
    other.close()
    assert done.in_place
    assert helped == []
    assert _rows(services) == right


def test_a_follower_and_impatient_helpers_together_give_the_same_rows(
    services: Services, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "PATIENCE_S", 0.0)
    monkeypatch.setattr(follower_module, "PAGE_EVENTS", 200)
    right, _ = _damaged(services)
    other, stop = build(Settings.from_environment(settings)), threading.Event()
    following = threading.Thread(target=other.follower.run, args=(stop,))
    following.start()
    done = rebuild(services.follower, services.stores.read, SITE, "activity", lambda *_: None)
    stop.set()
    following.join()
    other.close()
    assert done.in_place
    assert _rows(services) == right


@pytest.mark.slow
@pytest.mark.parametrize("left", [EVENTS + 1, EVENTS // 2])
def test_killed_in_its_midst_it_leaves_what_a_follower_finishes(
    services: Services, left: int
) -> None:
    right, wrong = _damaged(services)
    process = subprocess.Popen([sys.executable, "-m", "app", "rebuild", "activity"], cwd=ROOT)
    _begun(services, process, left)
    process.kill()
    process.wait()
    assert _rows(services) == wrong
    assert "activity" in services.follower.rebuilding(SITE)
    services.follower.catch_up(SITE)
    assert services.follower.rebuilding(SITE) == {}
    assert _rows(services) == right
    with services.stores.read.connect() as connection:
        count = connection.execute(select(func.count()).select_from(activity)).scalar()
    assert count == len(right)


def test_one_that_other_code_gave_up_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Newer(Activity):
        version = 99

    others = [Newer() if name == "activity" else one for name, one in _projections(services)]
    newer = Follower(services.stores, services.log, others, services.clock)
    real: Callable[[SiteId], dict[str, int]] = services.follower.rebuilding

    def overtaken(site: SiteId) -> dict[str, int]:
        newer.catch_up(site)
        return real(site)

    monkeypatch.setattr(services.follower, "rebuilding", overtaken)
    done = rebuild(services.follower, services.stores.read, SITE, "activity", lambda *_: None)
    assert not done.in_place


def _projections(services: Services) -> list[tuple[str, Any]]:
    return list(services.follower._projections.items())


def test_an_unknown_projection_is_wrong_use_and_the_known_ones_are_named() -> None:
    done = CliRunner().invoke(main, ["rebuild", "catalogue"])
    assert done.exit_code == 2
    assert all(name in done.output for name in NAMES)


def test_an_unknown_site_fails(services: Services) -> None:
    done = CliRunner().invoke(main, ["rebuild", "activity", "--site=nowhere"])
    assert done.exit_code == 1
    assert "there is no site 'nowhere'" in done.output
