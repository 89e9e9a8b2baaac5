"""Trainings at the same time, and trainings that die: what serves is always one whole model."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregates.kernel.clock import DAY
from aggregates.log import Append
from aggregates.log import Appended
from aggregates.log import EventLog
from app.config import Settings
from app.training import artefacts
from app.training.publishing import publish
from app.training.publishing import trained
from app.training.train import TrainingReport
from app.training.train import train
from app.wiring import build
from projections.recommendations import artefact_table
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import written
from tests.fakes import SettableClock
from tests.log_events import assert_whole
from tests.training_given import SITE
from tests.training_given import Trainer


@pytest.fixture
def other(settings: Settings, clock: SettableClock) -> Iterator[Trainer]:
    """Another process on the same stores."""
    services = build(settings, clock)
    yield Trainer(services)
    services.close()


def overtaken(trainer: Trainer, by: Trainer, *types: str) -> tuple[TrainingReport, TrainingReport]:
    """Both reports of a training during which another one reads further, and ends."""
    reports: list[TrainingReport] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "most-purchased":
            by.order("meanwhile", "cup")
            reports.append(by.train(*types))

    slow = train(trainer.services, SITE, ["most-purchased", "most-viewed"], meanwhile)
    return slow, reports[0]


def test_of_two_trainings_each_type_serves_what_was_read_further(
    trainer: Trainer, other: Trainer
) -> None:
    trainer.order("1", "cup")
    trainer.views("anna", "plate")
    slow, quick = overtaken(trainer, other, "most-purchased")

    assert (quick.model, slow.model) == ("mdl_0000000001", "mdl_0000000002")
    assert trainer.ranking("most-purchased") == [("cup", 2)]
    assert trainer.ranking("most-viewed") == [("plate", 1)]
    newest = trainer.newest()
    assert newest is not None
    assert newest.types["most-purchased"] == quick.types["most-purchased"]
    assert slow.types["most-purchased"] == quick.types["most-purchased"]
    assert newest.trained_to == quick.trained_to > slow.trained_to


def test_a_training_that_was_overtaken_in_all_makes_no_model(
    trainer: Trainer, other: Trainer
) -> None:
    trainer.order("1", "cup")
    trainer.views("anna", "plate")
    slow, quick = overtaken(trainer, other, "most-purchased", "most-viewed")

    assert (quick.model, slow.model) == ("mdl_0000000001", None)
    assert slow.types == quick.types


class Hurried:
    """A log in which somebody else is faster, once."""

    def __init__(self, log: EventLog, first: Callable[[], object]) -> None:
        self._log = log
        self._first: Callable[[], object] | None = first

    def append(self, unit: Append) -> Appended:
        first, self._first = self._first, None
        if first is not None:
            first()
        return self._log.append(unit)


def test_an_event_is_made_again_when_another_one_came_first(trainer: Trainer) -> None:
    log, engine = trainer.services.log, trainer.services.stores.log
    theirs = {"most-viewed": trained("a" * 64, 9, 9, 50)}
    ours = {"most-purchased": trained("b" * 64, 8, 8, 50)}
    hurried = Hurried(log, lambda: publish(log, engine, SITE, theirs))
    model, serving = publish(hurried, engine, SITE, ours)  # type: ignore[arg-type]

    assert (model, serving) == ("mdl_0000000002", ours)
    newest = trainer.newest()
    assert newest is not None
    assert newest.types == {**theirs, **ours}


def test_two_trainings_at_once_both_end_well(trainer: Trainer, other: Trainer) -> None:
    for number in range(20):
        trainer.order(str(number), "cup", "plate" if number % 2 else "bowl")
        trainer.views(f"browser {number}", "cup", "plate")
    reports: list[TrainingReport] = []
    threads = [
        threading.Thread(target=lambda one=one: reports.append(one.train()))  # type: ignore[misc]
        for one in (trainer, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    models = {report.model for report in reports}
    assert len(reports) == 2
    assert models - {None}
    newest = trainer.newest()
    assert newest is not None
    assert newest.id in models
    assert trainer.ranking("most-purchased")[0] == ("cup", 20)
    assert_whole(trainer.services.stores, SITE)


def test_a_training_that_is_killed_leaves_nothing_to_mend(
    trainer: Trainer, settings: Settings, tmp_path: Path
) -> None:
    at = trainer.services.clock.now()
    trainer.order("1", "cup", "plate", at=at)
    trainer.order("2", "bowl", at=at)
    trainer.train()
    trainer.order("3", "cup", "plate", at=at)
    done = subprocess.run(
        [sys.executable, "-m", "tests.training_processes", settings.database_url, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    ends = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(ends) > 8, done.stderr
    assert ends[-1] == [False, 0, 3], done.stderr  # the one that lives
    assert ends[-2] == [True, 9, 2]  # its event was written, and it died before it told
    assert all(end == [True, 9, 1] for end in ends[:-2]), ends
    assert trainer.ranking("most-purchased")[0] == ("cup", 2)
    assert_whole(trainer.services.stores, SITE)


def test_parts_that_no_model_names_are_swept_after_a_day(trainer: Trainer) -> None:
    engine, clock = trainer.services.stores.log, trainer.services.clock
    trainer.order("1", "cup", at=clock.now())
    trainer.train()
    now = clock.now()
    artefacts.store(engine, written("trending", RANKED, 1, [("never", 1)]), now)

    assert artefacts.sweep(engine, now + DAY) == 0
    assert artefacts.sweep(engine, now + DAY + 1) == 1
    newest = trainer.newest()
    assert newest is not None
    with engine.connect() as connection:
        left = artefact_table.digests(connection, stored_before=now + 1)
    assert left == {newest.types["most-purchased"]["digest"]}
