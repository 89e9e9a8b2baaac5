"""What a process serves: the newest model that is whole, swapped when it is loaded."""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import event
from sqlalchemy import update
from structlog.testing import capture_logs

from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from app.edge import logging
from projections.recommendations.artefact_table import model_artefacts
from projections.recommendations.models import NO_MODEL
from projections.recommendations.models import Model
from projections.recommendations.models import Models
from tests.training_given import SITE
from tests.training_given import Trainer


@pytest.fixture(autouse=True)
def every_level() -> Iterator[None]:
    """Warnings are lines too, whatever the tests before this one left."""
    logging.configure("info", io.BytesIO())
    yield
    logging.configure("error", io.BytesIO())


@pytest.fixture
def models(trainer: Trainer) -> Iterator[Models]:
    """Another process."""
    made = Models(trainer.services.stores.log)
    yield made
    made.close()


@pytest.fixture
def break_newest(trainer: Trainer) -> Callable[[], None]:
    """Damages the parts of the newest model."""

    def damage() -> None:
        newest = trainer.newest()
        assert newest is not None
        digest = newest.types["most-purchased"]["digest"]
        with trainer.services.stores.log.begin() as connection:
            connection.execute(
                update(model_artefacts)
                .where(model_artefacts.c.digest == digest)
                .values(body=b"not what it was")
            )

    return damage


def train(trainer: Trainer, order: str, *skus: str) -> None:
    trainer.order(order, *skus)
    assert trainer.train("most-purchased").model is not None


def served(model: Model) -> list[tuple[Any, ...]]:
    return model.artefacts["most-purchased"].top(9)


def test_a_site_without_a_model_has_none(models: Models) -> None:
    assert models.current(SITE, 0) is NO_MODEL
    assert models.by_digest(SITE, NO_MODEL.digest) is NO_MODEL


def test_the_first_model_is_waited_for(trainer: Trainer, models: Models) -> None:
    train(trainer, "1", "cup")
    model = models.current(SITE, 1)
    newest = trainer.newest()
    assert newest is not None
    assert (model.id, model.number, model.digest) == ("mdl_0000000001", 1, newest.digest)
    assert (model.trained_to, model.trained_at) == (newest.trained_to, newest.trained_at)
    assert served(model) == [("cup", 1)]
    assert models.current(SITE, 1) is model


def test_a_newer_model_is_served_once_it_is_loaded(trainer: Trainer, models: Models) -> None:
    train(trainer, "1", "cup")
    before = models.current(SITE, 1)
    train(trainer, "2", "cup")
    assert models.current(SITE, 2) is before
    models.settle()
    assert served(models.current(SITE, 2)) == [("cup", 2)]
    assert models.current(SITE, 1).number == 2


def test_what_did_not_change_is_not_read_again(trainer: Trainer, models: Models) -> None:
    train(trainer, "1", "cup")
    before = models.current(SITE, 1)
    trainer.views("anna", "plate")
    trainer.train("most-viewed")
    models.current(SITE, 2)
    models.settle()
    after = models.current(SITE, 2)
    assert set(after.artefacts) == {"most-purchased", "most-viewed"}
    assert after.artefacts["most-purchased"].lines is before.artefacts["most-purchased"].lines


def test_a_damaged_model_is_told_once_and_the_older_goes_on_serving(
    trainer: Trainer, models: Models, break_newest: Callable[[], None]
) -> None:
    train(trainer, "1", "cup")
    before = models.current(SITE, 1)
    train(trainer, "2", "cup")
    break_newest()
    with capture_logs() as lines:
        for _ in range(3):
            assert models.current(SITE, 2) is before
            models.settle()
    assert [(line["event"], line["log_level"], line["model"]) for line in lines] == [
        ("model_damaged", "error", "mdl_0000000002")
    ]
    train(trainer, "3", "cup")
    models.current(SITE, 3)
    models.settle()
    assert served(models.current(SITE, 3)) == [("cup", 3)]


def test_a_new_process_serves_the_newest_model_that_is_whole(
    trainer: Trainer, models: Models, break_newest: Callable[[], None]
) -> None:
    train(trainer, "1", "cup")
    train(trainer, "2", "cup")
    break_newest()
    with capture_logs() as lines:
        assert served(models.current(SITE, 2)) == [("cup", 1)]
    assert [line["event"] for line in lines] == ["model_damaged"]


def test_parts_that_are_gone_are_damage(trainer: Trainer, models: Models) -> None:
    train(trainer, "1", "cup")
    with trainer.services.stores.log.begin() as connection:
        connection.execute(delete(model_artefacts))
    with capture_logs() as lines:
        assert models.current(SITE, 1) is NO_MODEL
    assert "missing" in lines[0]["why"]
    newest = trainer.newest()
    assert newest is not None
    with pytest.raises(Unavailable, match="model_damaged"):
        models.by_digest(SITE, newest.digest)


def test_training_again_mends_what_was_damaged(
    trainer: Trainer, models: Models, break_newest: Callable[[], None]
) -> None:
    train(trainer, "1", "cup")
    break_newest()
    assert trainer.train("most-purchased").model == "mdl_0000000002"
    assert served(models.current(SITE, 2)) == [("cup", 1)]


def test_an_old_model_is_found_by_its_digest(trainer: Trainer, models: Models) -> None:
    digests = []
    for number in range(1, 5):
        train(trainer, str(number), "cup")
        newest = trainer.newest()
        assert newest is not None
        digests.append(newest.digest)
    current = models.current(SITE, 4)
    for number, digest in enumerate(digests, 1):
        assert served(models.by_digest(SITE, digest)) == [("cup", number)]
    assert models.by_digest(SITE, digests[3]) is current
    with pytest.raises(NotFound, match="model_unknown"):
        models.by_digest(SITE, "0" * 64)
    with pytest.raises(NotFound, match="model_unknown"):
        models.by_digest(SiteId("other"), digests[0])


def test_a_store_that_is_away_while_a_model_loads_is_tried_again(
    trainer: Trainer, models: Models
) -> None:
    train(trainer, "1", "cup")
    before = models.current(SITE, 1)
    train(trainer, "2", "cup")
    engine = trainer.services.stores.log
    with Away(engine), capture_logs() as lines:
        assert models.current(SITE, 2) is before
        models.settle()
    assert [line["event"] for line in lines] == ["model_waits"]
    models.current(SITE, 2)
    models.settle()
    assert served(models.current(SITE, 2)) == [("cup", 2)]


class Away:
    """The database does not answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", _refuse)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", _refuse)


def _refuse(*_: object) -> None:
    raise Unavailable("database_unavailable", "the database does not answer now")
