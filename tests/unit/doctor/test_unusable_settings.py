"""Whatever the environment says, the doctor answers, and quotes no secret."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from app import config
from app.cli import main
from app.config import SETTINGS

URLS = (
    "mysql://ann:hidden@host/name",
    "ann:hidden",
    "postgresql://ann:hidden@127.0.0.1:1/name",
    "postgresql://ann:hidden@127.0.0.1:port/name",
    "postgresql://ann@127.0.0.1:1/name?password=hidden",
    "sqlite:////dev/null/folder/rationale.db?password=hidden",
)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("setting", ["RATIONALE_DATABASE_URL", "RATIONALE_KEYS_URL"])
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_broken_database_url_is_a_finding(
    url: str, setting: str, option: list[str], tmp_path: Path
) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path / "data"), setting: url}
    done = CliRunner().invoke(main, ["doctor", *option], env=environment)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "hidden" not in done.output
    assert list(tmp_path.iterdir()) == []
    if option:
        wrong = [each for each in orjson.loads(done.stdout)["findings"] if each["level"] == "wrong"]
        assert {"keys_store"} <= {each["check"] for each in wrong}
        assert all(each["what"] and each["todo"] for each in wrong)


@pytest.mark.parametrize(
    ("setting", "value"), [("RATIONALE_LOG_LEVEL", "loud"), ("RATIONALE_SECRET_KEY", "short")]
)
def test_an_unusable_setting_is_a_finding_beside_the_others(
    setting: str, value: str, tmp_path: Path
) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path / "data"), setting: value}
    done = CliRunner().invoke(main, ["doctor", "--json"], env=environment)
    assert done.exit_code == 1
    found = {each["check"]: each["what"] for each in orjson.loads(done.stdout)["findings"]}
    assert setting in found["settings"]
    assert "there is no database" in found["log_store"]


def test_a_folder_where_no_file_can_be_made_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = CliRunner().invoke(main, ["doctor"], env={"RATIONALE_DATA_DIR": str(file)})
    assert done.exit_code == 1
    assert f"no file can be made in {file}" in done.stdout


def test_a_secret_that_was_cut_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("cut")
    done = CliRunner().invoke(main, ["doctor"], env={"RATIONALE_DATA_DIR": str(tmp_path)})
    assert "too short to be a secret key" in done.stdout


def test_every_setting_is_told_with_default_and_meaning(tmp_path: Path) -> None:
    named = set(re.findall(r"RATIONALE_[A-Z_]+", Path(config.__file__).read_text("utf-8")))
    assert named == set(SETTINGS)
    environment = {"RATIONALE_DATA_DIR": str(tmp_path)}
    told = CliRunner().invoke(main, ["doctor", "--json"], env=environment).stdout
    settings = {each["name"]: each for each in orjson.loads(told)["settings"]}
    assert set(settings) == named
    assert settings["RATIONALE_DATA_DIR"]["value"] == str(tmp_path)
    assert settings["RATIONALE_DATA_DIR"]["given"] is True
