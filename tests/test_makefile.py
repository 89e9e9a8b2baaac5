"""The Makefile says in one sentence what is missing, before it makes anything."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parent.parent / "Makefile"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: only what make itself needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "sh", "make", "test", "touch", "nproc"):
        found = shutil.which(name)
        if found is not None:
            (folder / name).symlink_to(found)
    return folder


def _make(path: Path, *arguments: str) -> str:
    command = ["make", "-f", str(MAKEFILE), ".venv/.python", *arguments]
    done = subprocess.run(
        command, cwd=path.parent, env={"PATH": str(path)}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert not (path.parent / ".venv").exists()
    return done.stdout


def _program(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_without_python(path: Path) -> None:
    assert _make(path).startswith("Python 3.11 or 3.12 is missing")


def test_with_a_python_of_another_version(path: Path) -> None:
    _program(path / "python3", "exit 1")
    _program(path / "cc", "exit 0")
    assert _make(path).startswith("Python 3.11 or 3.12 is missing")
    assert "is not Python 3.11 or 3.12" in _make(path, f"PYTHON={path / 'python3'}")
    assert "is not Python 3.11 or 3.12" in _make(path, "PYTHON=/nowhere/python")


def test_without_a_compiler(path: Path) -> None:
    assert _make(path, f"PYTHON={sys.executable}").startswith("A C compiler is missing")


def test_without_venv(path: Path) -> None:
    _program(path / "cc", "exit 0")
    _program(path / "python3.11", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    assert _make(path).startswith("Python's venv module is missing")
