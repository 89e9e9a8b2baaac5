"""Every code that a report holds is explained at /docs/problems."""

from __future__ import annotations

import ast
from pathlib import Path

from app import adobe_rules
from app.edge.codes import MEANINGS

TELLING = {"refuse", "_refuse", "leave_out", "note", "unsaid", "Problem"}


def test_every_code_that_is_told_has_its_meaning() -> None:
    told = set()
    for path in Path(adobe_rules.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                second = node.args[1] if name in TELLING and len(node.args) > 2 else None
                if isinstance(second, ast.Constant):
                    told.add(second.value)
    assert {"name_missing", "no_form_here", "malformed_json", "inactive"} <= told
    assert told - set(MEANINGS) == set()
