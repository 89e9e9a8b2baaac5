"""What the house style promises a reader, checked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "aggregates", "rulesets", "projections", "decisions", "demo", "tests")
LINES_MAX = 400
FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "__pycache__" not in path.parts
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LINES_MAX
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module begins with what it is for"


def test_no_file_is_named_for_what_did_not_fit_elsewhere() -> None:
    assert not [
        path for path in FILES if path.stem in {"utils", "util", "helpers", "misc", "common"}
    ]


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_no_error_is_swallowed_in_silence(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            assert not (broad and all(isinstance(line, ast.Pass) for line in node.body))
