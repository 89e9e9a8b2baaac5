"""The console script: its commands, their help and their exit codes."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from app import cli
from app.cli import COMMANDS
from app.cli import main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_help(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_the_list_of_commands_is_the_folder_of_commands() -> None:
    folder = Path(cli.__file__).parent / "commands"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {module.removesuffix("_") for module in modules} == set(COMMANDS)
    listed = CliRunner().invoke(main, ["--help"]).output
    assert all(name in listed for name in COMMANDS)


def test_wrong_use_ends_with_2() -> None:
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
    assert CliRunner().invoke(main, ["serve", "--port=x"]).exit_code == 2
    result = CliRunner().invoke(main, ["migrate"], env={"RATIONALE_LOG_LEVEL": "loud"})
    assert result.exit_code == 2
    assert "RATIONALE_LOG_LEVEL" in result.output


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotFound("decision_unknown", "no such decision"), "no such decision (decision_unknown)"),
        (InvalidInput([Problem("/a", "required", "is missing")]), "/a: is missing"),
    ],
)
def test_a_broken_rule_ends_with_1_and_a_sentence(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(main, "get_command", lambda context, name: failing)
    result = CliRunner().invoke(main, ["explain"])
    assert result.exit_code == 1
    assert said in result.output
