"""The documentation says what is there: links lead somewhere, settings and commands are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import COMMANDS
from app.edge.callers import SCOPES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "demo").glob("*.md")])
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_every_setting_is_documented() -> None:
    settings = set(re.findall(r"RATIONALE_[A-Z_]+", (ROOT / "app" / "config.py").read_text()))
    assert settings
    assert {name for name in settings if f"`{name}`" not in OPERATIONS} == set()


def test_every_scope_is_documented() -> None:
    assert {scope for scope in SCOPES if f"`{scope}`" not in OPERATIONS} == set()


def test_every_command_is_named_to_a_reader() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert {name for name in COMMANDS if f"rationale {name}" not in text} == set()


def test_every_decision_on_record_has_background_decision_and_consequences() -> None:
    for page in (ROOT / "docs" / "adr").glob("*.md"):
        text = page.read_text("utf-8")
        for heading in ("## Background", "## Decision", "## Consequences"):
            assert heading in text, page.name


def test_both_commands_stand_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme
    assert "make test" in readme
