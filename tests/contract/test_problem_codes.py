"""Every code that the source raises is explained at /docs/problems."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from aggregates.kernel import errors
from app.edge import problems
from app.edge.codes import MEANINGS
from app.edge.validation import CODES

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("app", "aggregates", "rulesets", "projections", "decisions")
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
_JOINED = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+\Z")
_OWN = re.compile(r"([a-z][a-z0-9]*(?:_[a-z0-9]+)+): \S")
_RAISED = {
    name
    for module in (errors, problems)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, errors.DomainError)
} | {"Problem"}


def _sources() -> Iterator[tuple[Path, ast.AST]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            yield path, ast.parse(path.read_text("utf-8"))


def _raised() -> dict[str, Path]:
    """Codes given to an error class, or written as `code: sentence` for marshmallow."""
    found: dict[str, Path] = {}
    for path, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found |= dict.fromkeys(_codes(node), path)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                own = _OWN.match(node.value)
                if own and "\n" not in node.value:
                    found[own.group(1)] = path
    return found


def _codes(call: ast.Call) -> list[str]:
    """The code among the arguments: first of an error, after the pointer of a problem."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in _RAISED:
        first = call.args[1:2] if name == "Problem" else call.args[:1]
        pattern = _CODE
    elif "refuse" in name:
        first, pattern = call.args[:3], _JOINED
    else:
        return []
    texts = [str(node.value) for node in first if isinstance(node, ast.Constant)]
    return [text for text in texts if pattern.match(text)][:1]


def test_every_raised_code_has_its_meaning() -> None:
    missing = {code: str(path) for code, path in _raised().items() if code not in MEANINGS}
    assert not missing


def test_every_code_of_marshmallows_messages_has_its_meaning() -> None:
    assert {code for _, code in CODES} | {"invalid_value"} <= set(MEANINGS)
