"""Groups of one rule that are refused before it is published."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.group_linter import lint_group


def nested(*names: str) -> dict[str, Any] | None:
    """The first within the second, and so on."""
    group = None
    for name in reversed(names):
        group = {"name": name, "mode": "best", "per": "line"} | ({"within": group} if group else {})
    return group


@pytest.mark.parametrize(
    ("names", "problems"),
    [
        ((), set()),
        (("a",), set()),
        (("a", "b", "c", "d"), set()),
        (("a", "b", "c", "d", "e"), {("/group/within/within/within/within", "too_deep")}),
        (("a", "a"), {("/group/within/name", "group_cycle")}),
        (("a", "b", "a"), {("/group/within/within/name", "group_cycle")}),
    ],
)
def test_groups_nest_four_deep_and_none_within_itself(
    names: tuple[str, ...], problems: set[tuple[str, str]]
) -> None:
    assert {(one.pointer, one.code) for one in lint_group(nested(*names))} == problems
