"""`rationale train` and `GET /v1/models`: what a person sees of a training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from click.testing import Result

from aggregates.kernel.clock import SystemClock
from aggregates.kernel.clock import format_moment
from app.cli import main
from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from projections.recommendations.most_viewed import MostViewed
from projections.recommendations.registry import TRAINED
from tests.training_given import HOUR
from tests.training_given import SITE
from tests.training_given import Trainer

Command = Callable[..., Result]


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `rationale train`, with the machine's own clock."""
    monkeypatch.setattr("os.nice", lambda by: by)
    environment = {
        "RATIONALE_DATABASE_URL": settings.database_url,
        "RATIONALE_DATA_DIR": str(settings.data_dir),
    }
    return lambda *arguments: CliRunner().invoke(main, ["train", *arguments], env=environment)


@pytest.fixture
def an_hour_ago(trainer: Trainer) -> int:
    """By the machine's clock, which the log goes by from now on."""
    now = SystemClock().now()
    trainer.services.clock.moment = now  # type: ignore[attr-defined]
    return now - HOUR


def asked(trainer: Trainer, path: str = "/v1/models", scope: str = "author") -> Any:
    key = issued_key(trainer.services, SITE, (scope,), "test").token
    client = create_app(trainer.services).test_client()
    return client.get(path, headers={"Authorization": f"Bearer {key}"})


def test_it_says_what_was_trained_and_what_was_not(
    command: Command, trainer: Trainer, an_hour_ago: int
) -> None:
    trainer.order("1", "cup", at=an_hour_ago)
    result = command("--site", SITE)

    assert result.exit_code == 0, result.output
    first, *types = result.stdout.splitlines()
    assert first.startswith("shop: mdl_0000000001, log read to 2, ")
    assert [line.split()[0] for line in types] == list(TRAINED)
    assert "most-purchased   trained to 2, readiness 3" in types[0]
    assert types[1].endswith("serves nothing: there is nothing in its window")


def test_its_json_is_nothing_but_json(command: Command, trainer: Trainer, an_hour_ago: int) -> None:
    trainer.order("1", "cup", at=an_hour_ago)
    result = command("most-purchased", "--json")

    told = orjson.loads(result.stdout)
    assert (told["site"], told["model"]) == (SITE, "mdl_0000000001")
    assert list(told["types"]) == ["most-purchased"]
    assert told["types"]["most-purchased"]["outcome"] == "trained"
    assert '"event":"trained"' in result.stderr


@pytest.mark.usefixtures("an_hour_ago")
def test_what_serves_on_is_named_with_its_reason(command: Command, trainer: Trainer) -> None:
    trainer.services.clock.moment -= 8 * 24 * HOUR  # type: ignore[attr-defined]
    trainer.order("1", "cup", at=trainer.services.clock.now())
    trainer.train("most-purchased")
    result = command("most-purchased")

    assert "shop: no new model" in result.stdout
    assert "serves what was trained to" in result.stdout
    assert result.exit_code == 0


def test_a_type_that_fails_does_not_take_the_others_with_it(
    command: Command, trainer: Trainer, an_hour_ago: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: MostViewed, history: object) -> None:
        raise ZeroDivisionError("of a shopper's secret")

    trainer.order("1", "cup", at=an_hour_ago)
    monkeypatch.setattr(MostViewed, "train", fails)
    result = command("--site", SITE)

    assert result.exit_code == 1
    assert "mdl_0000000001" in result.stdout
    assert "most-viewed      serves nothing: its training failed" in result.stdout
    (line,) = [line for line in result.stderr.splitlines() if '"training_failed"' in line]
    told = orjson.loads(line)
    assert (told["level"], told["type"]) == ("error", "most-viewed")
    assert told["error"] == "builtins.ZeroDivisionError"
    assert "secret" not in line


@pytest.mark.parametrize("name", ["nothing", "recently-viewed"])
def test_a_type_that_is_not_trained_is_wrong_use(
    command: Command, trainer: Trainer, name: str
) -> None:
    result = command(name)
    assert result.exit_code == 2
    assert f"'{name}' is not trained" in result.output


def test_a_site_that_is_not_there_fails(command: Command, trainer: Trainer) -> None:
    result = command("--site", "elsewhere")
    assert (result.exit_code, "no site 'elsewhere'" in result.output) == (1, True)


def test_before_the_first_training_there_is_no_model(trainer: Trainer) -> None:
    answer = asked(trainer).json
    assert answer["model"] is answer["digest"] is answer["trained_at"] is None
    assert [(one["type"], one["outcome"], one["relevance"]) for one in answer["types"]] == [
        (name, "never", "insufficient") for name in TRAINED
    ]


def test_the_newest_model_is_told_type_by_type(trainer: Trainer) -> None:
    for number in range(30):
        trainer.order(str(number), f"sku-{number}")
    trainer.train("most-purchased", "trending")
    newest = trainer.newest()
    assert newest is not None

    answer = asked(trainer).json
    assert answer["model"] == "mdl_0000000001"
    assert answer["digest"] == newest.digest
    assert answer["trained_to"] == newest.trained_to
    trained_at = format_moment(newest.trained_at)
    assert answer["trained_at"] == trained_at
    types = {one["type"]: one for one in answer["types"]}
    assert types["most-purchased"] == {
        "type": "most-purchased",
        "digest": newest.types["most-purchased"]["digest"],
        "trained_to": newest.trained_to,
        "trained_at": trained_at,
        "readiness": 65,
        "relevance": "less",
        "outcome": "trained",
        "why": None,
    }
    assert (types["trending"]["outcome"], types["trending"]["why"]) == ("kept", "empty")
    assert types["trending"]["digest"] is types["trending"]["trained_at"] is None
    assert types["most-viewed"]["outcome"] == "never"


def test_it_is_an_authors_to_see(trainer: Trainer) -> None:
    assert asked(trainer, scope="decide").status_code == 403
