"""Settings from the environment."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.config import BadSettings
from app.config import Settings

SECRET = "0123456789abcdef"


def _settings(data_dir: Path, **more: str) -> Settings:
    return Settings.from_environment({"RATIONALE_DATA_DIR": str(data_dir), **more})


def test_the_defaults_keep_everything_in_the_data_folder(tmp_path: Path) -> None:
    made = _settings(tmp_path / "data")
    assert made.database_url == f"sqlite:///{tmp_path / 'data' / 'rationale.db'}"
    assert (made.keys_url, made.log_level) == (None, "info")


def test_a_secret_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    first = _settings(tmp_path)
    assert _settings(tmp_path).secret_key == first.secret_key
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert first.secret_key.decode() not in repr(first)


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    found: set[bytes] = set()
    start = threading.Barrier(8)

    def read() -> None:
        start.wait()
        found.add(_settings(tmp_path).secret_key)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_a_given_secret_is_used_and_not_kept(tmp_path: Path) -> None:
    made = _settings(tmp_path / "none", RATIONALE_SECRET_KEY=SECRET)
    assert made.secret_key == SECRET.encode()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "more", [{"RATIONALE_SECRET_KEY": "short"}, {"RATIONALE_LOG_LEVEL": "loud"}]
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, more: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        _settings(tmp_path, **more)


def test_a_cut_secret_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("abc")
    with pytest.raises(BadSettings, match="too short"):
        _settings(tmp_path)


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="cannot keep"):
        _settings(tmp_path / "file" / "data")
