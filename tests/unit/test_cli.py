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
    names = {module.removesuffix("_").replace("_", "-") for module in modules}
    assert names == set(COMMANDS)
    listed = CliRunner().invoke(main, ["--help"]).output
    assert all(name in listed for name in COMMANDS)


def test_wrong_use_ends_with_2() -> None:
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
    assert CliRunner().invoke(main, ["serve", "--port=x"]).exit_code == 2
    result = CliRunner().invoke(main, ["migrate"], env={"RATIONALE_LOG_LEVEL": "loud"})
    assert result.exit_code == 2
    assert "RATIONALE_LOG_LEVEL" in result.output


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:secret@host/name",
        "ann:secret",
        "postgresql://ann:secret@host:port/name",
        "sqlite:////dev/null/folder/rationale.db",
    ],
)
@pytest.mark.parametrize("setting", ["RATIONALE_DATABASE_URL", "RATIONALE_KEYS_URL"])
def test_an_unusable_database_url_ends_with_2_and_is_not_quoted(
    url: str, setting: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        main, ["migrate"], env={"RATIONALE_DATA_DIR": str(tmp_path), setting: url}
    )
    assert result.exit_code == 2, result.exception
    assert "database" in result.output
    assert "secret" not in result.output


def test_a_site_that_cannot_be_is_wrong_use(tmp_path: Path) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path)}
    assert CliRunner().invoke(main, ["migrate"], env=environment).exit_code == 0
    command = ["keys", "create", "--site", "No Site", "--scope", "admin"]
    result = CliRunner().invoke(main, command, env=environment)
    assert result.exit_code == 2
    assert "a site is" in result.output


@pytest.mark.parametrize(
    "said",
    [
        ["--scope", "decide", "audit"],
        ["--scope", "decide,audit"],
        ["--scope", "decide", "--scope", "audit", "--name", "till"],
        ["--scope", "decide, audit", "audit"],
    ],
)
def test_scopes_of_a_key_are_named_in_any_way(said: list[str], tmp_path: Path) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path)}
    CliRunner().invoke(main, ["migrate"], env=environment)
    command = ["keys", "create", "--site", "shop", *said]
    assert CliRunner().invoke(main, command, env=environment).exit_code == 0
    listed = CliRunner().invoke(main, ["keys", "list", "--site", "shop"], env=environment)
    assert "audit,decide" in listed.output


@pytest.mark.parametrize("said", [["--scope", "everything"], ["--scope", ","], []])
def test_a_scope_that_is_none_is_wrong_use(said: list[str], tmp_path: Path) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path)}
    result = CliRunner().invoke(main, ["keys", "create", "--site", "s", *said], env=environment)
    assert result.exit_code == 2


@pytest.mark.parametrize("command", [["verify"], ["replay"], ["keys", "list"]])
def test_what_is_asked_of_a_site_that_is_not_there_fails(
    command: list[str], tmp_path: Path
) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path)}
    result = CliRunner().invoke(main, [*command, "--site", "shop"], env=environment)
    assert result.exit_code == 1
    assert "no tables yet" in result.output
    assert CliRunner().invoke(main, ["migrate"], env=environment).exit_code == 0
    result = CliRunner().invoke(main, [*command, "--site", "shop"], env=environment)
    assert result.exit_code == 1
    assert "there is no site 'shop'" in result.output


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
