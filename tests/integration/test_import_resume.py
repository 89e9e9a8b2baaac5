"""A killed import goes on after its last page, and a file is taken in once; on both databases."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.intake.import_files import FileImport
from app.intake.import_runs import import_runs
from app.intake.imports import Imported
from tests.fakes import SettableClock
from tests.intake_fixtures import SITE
from tests.intake_fixtures import Shop
from tests.intake_fixtures import shop_of

ROOT = Path(__file__).parents[2]
PAGE = 500


@pytest.fixture
def shop(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop on either database."""
    return shop_of(stores, keys, clock, open_log)


class Killed(BaseException):
    """What ends a process in the middle, as far as one process can tell."""


def events_file(path: Path, count: int, **more: Any) -> Path:
    """Generated page views, one a line; every hundredth is refused."""
    lines = (
        {"type": "page", "name": f"p{number}", "messageId": f"m{number}", **more}
        | ({} if number % 100 == 99 else {"userId": f"u{number % 7}"})
        for number in range(count)
    )
    body = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def killed_after(shop: Shop, kind: str, path: Path, pages: int) -> list[tuple[int, int]]:
    """Runs an import until so many pages were noted; what it told of its progress."""
    heard: list[tuple[int, int]] = []

    def hear(rows: int, read: int) -> None:
        heard.append((rows, read))
        if len(heard) == pages:
            raise Killed

    with pytest.raises(Killed):
        FileImport(shop, SITE, kind, path).run(hear)
    return heard


@pytest.mark.parametrize("name", ["events.ndjson", "events.ndjson.gz"])
def test_it_goes_on_after_its_last_page(shop: Shop, tmp_path: Path, name: str) -> None:
    path = events_file(tmp_path / name, 1_730)
    heard = killed_after(shop, "events", path, 2)
    assert [rows for rows, _ in heard] == [PAGE, 2 * PAGE]
    head = shop.log.head(SITE).position

    work = FileImport(shop, SITE, "events", path)
    assert (work.resumed_at_row, work.finished_at) == (1_001, None)
    done = work.run(lambda rows, read: heard.append((rows, read)))
    assert isinstance(done, Imported)
    assert [rows for rows, _ in heard[2:]] == [1_500, 1_730]
    assert heard[-1][1] == path.stat().st_size == work.size
    assert (done.accepted, done.duplicates, done.rejected) == (1_713, 0, 17)
    assert [error["line"] for error in done.errors] == [*range(100, 1_701, 100)]
    assert shop.log.head(SITE).position == head + 730
    assert len(shop.events("InteractionRecorded")) == 1_713


def test_a_file_that_was_imported_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    path = events_file(tmp_path / "events.ndjson", 120)
    first = FileImport(shop, SITE, "events", path).run()
    shop.clock.advance(1)
    other = tmp_path / "the same under another name.jsonl"
    other.write_bytes(path.read_bytes())
    for same in (path, other):
        work = FileImport(shop, SITE, "events", same)
        assert work.finished_at == shop.clock.now() - 1
        assert work.resumed_at_row is None
        assert work.run() == first
    assert shop.log.head(SITE).position == first.log_position


def test_asked_again_all_of_it_is_sent_once_more(shop: Shop, tmp_path: Path) -> None:
    path = events_file(tmp_path / "events.ndjson", 120)
    FileImport(shop, SITE, "events", path).run()
    work = FileImport(shop, SITE, "events", path, again=True)
    assert (work.finished_at, work.resumed_at_row) == (None, None)
    done = work.run()
    assert isinstance(done, Imported)
    assert (done.accepted, done.duplicates, done.rejected) == (0, 119, 1)
    assert FileImport(shop, SITE, "events", path).finished_at is not None


def test_a_changed_file_another_kind_or_another_reading_is_another_import(
    shop: Shop, tmp_path: Path
) -> None:
    path = events_file(tmp_path / "events.ndjson", 20)
    FileImport(shop, SITE, "events", path).run()
    assert FileImport(shop, SITE, "orders", path).finished_at is None
    as_csv = tmp_path / "events.csv"
    as_csv.write_bytes(path.read_bytes())
    assert FileImport(shop, SITE, "events", as_csv).finished_at is None
    with path.open("ab") as file:
        file.write(b'{"type":"page","userId":"u"}\n')
    work = FileImport(shop, SITE, "events", path)
    assert work.finished_at is None
    done = work.run()
    assert isinstance(done, Imported)
    assert (done.accepted, done.duplicates) == (1, 20)


def test_an_order_and_its_cancellation_are_not_parted(shop: Shop, tmp_path: Path) -> None:
    """A page of 500 messages ends with the order; its cancellation is message 501."""
    path = tmp_path / "orders.csv"
    rows = ["order_id,customer_id,completed_at,currency,status,sku,quantity,price"]
    for number in range(700):
        status = "cancelled" if number in (499, 600) else ""
        for sku in ("a", "b"):
            rows.append(f"{number},anna,2026-11-01T10:00:00Z,USD,{status},{sku},1,5.00")
    path.write_text("\n".join(rows))
    heard = killed_after(shop, "orders", path, 1)
    assert [rows for rows, _ in heard] == [1_000]
    assert len(shop.events("OrderCancelled")) == 1
    work = FileImport(shop, SITE, "orders", path)
    assert work.resumed_at_row == 1_001
    done = work.run()
    assert isinstance(done, Imported)
    assert (done.accepted, done.duplicates, done.rejected) == (702, 0, 0)
    orders = shop.events("OrderCompleted")
    assert len(orders) == 700
    assert {event.data["total_minor"] for event in orders} == {1_000}
    assert len(shop.events("OrderCancelled")) == 2


def test_products_go_on_as_well(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "products.csv.gz"
    rows = [
        f"s{number},S,{number % 90}.00,{'USD' if number % 50 else 'EUX'}" for number in range(1_200)
    ]
    path.write_bytes(gzip.compress("\n".join(["sku,name,price,currency", *rows]).encode()))
    killed_after(shop, "products", path, 1)
    work = FileImport(shop, SITE, "products", path)
    assert work.resumed_at_row == 501
    counts = orjson.loads(orjson.dumps(work.run()))
    assert (counts["listed"], counts["unchanged"], counts["rejected"]) == (1_176, 0, 24)
    assert shop.log.head(SITE).position == 1_176


def test_of_two_that_import_the_same_file_one_stops(shop: Shop, tmp_path: Path) -> None:
    path = events_file(tmp_path / "events.ndjson", 1_730)
    slow = FileImport(shop, SITE, "events", path)
    FileImport(shop, SITE, "events", path).run()
    with pytest.raises(Conflict, match="import_overtaken"):
        slow.run()
    done = FileImport(shop, SITE, "events", path).run()
    assert isinstance(done, Imported)
    assert (done.accepted, done.duplicates) == (1_713, 0)


def test_a_broken_file_keeps_what_came_before_and_says_why_every_time(
    shop: Shop, tmp_path: Path
) -> None:
    path = events_file(tmp_path / "events.ndjson.gz", 20_000)
    path.write_bytes(path.read_bytes()[:-1_000])
    for expected in (None, 501):
        work = FileImport(shop, SITE, "events", path)
        assert (work.resumed_at_row is None) is (expected is None)
        with pytest.raises(InvalidInput) as refusal:
            work.run()
        assert refusal.value.problems[0].code == "malformed_gzip"
    with shop.stores.log.connect() as connection:
        run = connection.execute(select(import_runs)).one()
    assert run.finished_at is None
    assert run.rows == PAGE * (run.rows // PAGE) > 0


def test_a_file_of_nothing_is_finished_at_once(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "nothing.csv"
    path.write_bytes(b"")
    assert FileImport(shop, SITE, "events", path).run() == Imported()
    assert FileImport(shop, SITE, "events", path).finished_at is not None


def test_many_bad_rows_are_noted_as_they_come(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_bytes(b"{\n" * 12_000)
    heard: list[int] = []
    done = FileImport(shop, SITE, "events", path).run(lambda rows, read: heard.append(rows))
    assert heard == [5_000, 10_000, 12_000]
    assert (done.rejected, len(done.errors)) == (12_000, 100)


def test_a_pipe_is_imported_without_a_note(shop: Shop, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'{"type":"page","userId":"u"}\n')
    os.close(writing)
    work = FileImport(shop, SITE, "events", Path(f"/dev/fd/{reading}"))
    assert work.size is None
    done = work.run()
    os.close(reading)
    assert isinstance(done, Imported)
    assert done.accepted == 1
    with shop.stores.log.connect() as connection:
        assert connection.execute(select(import_runs)).all() == []


@pytest.fixture
def run_import(database_url: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `rationale import`, or another module of Python; what still runs is killed."""
    started: list[subprocess.Popen[str]] = []
    settings = {"RATIONALE_DATABASE_URL": database_url, "RATIONALE_DATA_DIR": str(tmp_path)}
    environment = {**os.environ, **settings}

    def start(*arguments: str, module: str = "app") -> subprocess.Popen[str]:
        command = [sys.executable, "-m", module, *arguments]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_process_that_is_killed_in_the_middle_is_simply_started_again(
    stores: Stores,
    event_log: SqlEventLog,
    run_import: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    count = 20_000
    path = events_file(tmp_path / "events.ndjson", count, userId="anna")
    arguments = ("import", "events", str(path), "--site", SITE)
    first = run_import(*arguments)
    while event_log.head(SITE).position < 3 * PAGE:
        assert first.poll() is None, first.communicate()
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    head = event_log.head(SITE).position
    assert head < count

    second = run_import(*arguments, "--json")
    output, said = second.communicate(timeout=100)
    assert second.returncode == 0, said
    done = orjson.loads(output)
    resumed = done["resumed_at_row"]
    assert f"resumed at row {resumed}" in said
    assert resumed % PAGE == 1
    assert head - 1 - PAGE <= resumed - 1 <= head - 1  # position 1 opened the site
    assert done["accepted"] + done["duplicates"] == count  # no row before it came again
    assert done["duplicates"] in (0, PAGE)
    assert event_log.head(SITE).position == count + 1

    third = run_import(*arguments)
    output, said = third.communicate(timeout=100)
    assert third.returncode == 0
    assert "imported before, on 20" in said
    assert output.startswith(f"accepted {done['accepted']}, ")
    assert event_log.head(SITE).position == count + 1


@pytest.mark.parametrize(("side", "noted"), [("before", 1), ("after", 2)])
def test_a_death_between_a_page_and_its_note_repeats_that_page_only(
    event_log: SqlEventLog,
    run_import: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    side: str,
    noted: int,
) -> None:
    path = events_file(tmp_path / "events.ndjson", 1_200, userId="anna")
    dying = run_import(side, "2", "events", str(path), module="tests.import_processes")
    assert dying.wait(timeout=100) == -signal.SIGKILL
    assert event_log.head(SITE).position == 2 * PAGE

    again = run_import("import", "events", str(path), "--site", SITE, "--json")
    output, _ = again.communicate(timeout=100)
    done = orjson.loads(output)
    assert done["resumed_at_row"] == noted * PAGE + 1
    assert (done["accepted"], done["duplicates"]) == (
        1_200 - PAGE * (2 - noted),
        PAGE * (2 - noted),
    )
    assert len(event_log.read(SITE, 0, 5_000, topics=["InteractionRecorded"])) == 1_200
