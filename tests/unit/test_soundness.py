"""Whether a revision may be made: groups over all its rules, conditions that no engine holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from aggregates.definition import id_of
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.site import SiteSettings
from app.authoring import soundness
from app.authoring.acts import Act
from app.authoring.rule_groups import check_groups
from rulesets.definitions import LiveDefinition
from rulesets.shards import EngineRule
from tests.given import a_rule

KIND = "cart-rules"


def group(name: str, *within: str, mode: str = "best", per: str = "line") -> dict[str, Any]:
    """The first name within the second, and so on; mode and per are those of the first."""
    one: dict[str, Any] = {"name": name, "mode": mode, "per": per}
    if within:
        one["within"] = group(*within)
    return one


def live(*groups: dict[str, Any] | None) -> list[LiveDefinition]:
    """A rule of each group."""
    return [
        LiveDefinition(
            KIND,
            id_of(KIND, number),
            None,
            1,
            str(number),
            a_rule(**({} if one is None else {"group": one})),
        )
        for number, one in enumerate(groups, 1)
    ]


def acts(*numbers: int) -> dict[tuple[str, str], Act]:
    """These are being published."""
    ids = [id_of(KIND, number) for number in numbers]
    return {(KIND, id_): Act("publish", KIND, id_, f"/publish/{at}") for at, id_ in enumerate(ids)}


@pytest.mark.parametrize(
    ("groups", "publishing", "problems"),
    [
        ([None, None], [2], set()),
        ([group("a"), group("a")], [2], set()),
        ([group("a", "b"), group("b")], [2], set()),
        ([group("a", "b", "c"), group("b", "c"), group("d", "c")], [1, 2, 3], set()),
        ([group("a"), group("a", mode="first")], [2], {("0", "/group", "group_contradicts")}),
        ([group("a"), group("a", per="cart")], [2], {("0", "/group", "group_contradicts")}),
        ([group("a", "b"), group("a")], [2], {("0", "/group", "group_contradicts")}),
        ([group("a", "b"), group("a", "c")], [2], {("0", "/group", "group_contradicts")}),
        ([group("b", "c"), group("a", "b")], [2], {("0", "/group/within", "group_contradicts")}),
        ([group("a"), group("a", mode="first")], [1, 2], {("1", "/group", "group_contradicts")}),
        ([group("a"), group("a", mode="first"), group("z")], [3], set()),
        (
            [group("a", "b"), group("b", "a")],
            [2],
            {("0", "/group/name", "group_cycle"), ("0", "/group/within/name", "group_cycle")},
        ),
        (
            [group("a", "b"), group("b", "c"), group("c", "a")],
            [3],
            {("0", "/group/name", "group_cycle"), ("0", "/group/within/name", "group_cycle")},
        ),
    ],
)
def test_rules_agree_on_their_groups(
    groups: list[Any], publishing: list[int], problems: set[tuple[str, str, str]]
) -> None:
    told: list[Problem] = []
    try:
        check_groups(acts(*publishing), live(*groups))
    except InvalidInput as refused:
        told = list(refused.problems)
    wanted = {(f"/publish/{at}/body{pointer}", code) for at, pointer, code in problems}
    assert {(one.pointer, one.code) for one in told} == wanted


def test_whom_a_rule_contradicts_is_told() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_groups(acts(2), live(group("a"), group("a", mode="first")))
    assert id_of(KIND, 1) in refused.value.problems[0].detail


def _refuses(*numbers: int, together: int = 1_000) -> Any:
    """An engine that cannot hold these rules, nor so many at once."""

    def check(rules: Sequence[EngineRule], timeout_s: float = 0) -> None:
        bad = {id_of(KIND, number) for number in numbers}
        if len(rules) >= together or bad & {rule.id for rule in rules}:
            raise InvalidInput([Problem("", "engine_refused", "no")])

    return check


@pytest.mark.parametrize(
    ("engine", "problem"),
    [
        (_refuses(3), ("/publish/2/body/conditions", "engine_cannot_hold")),
        (_refuses(5, 6), ("/publish/4/body/conditions", "engine_cannot_hold")),
        (_refuses(together=7), ("", "engine_refused")),
    ],
)
def test_what_the_engine_cannot_hold_is_told_with_its_place(
    engine: Any, problem: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundness, "check", engine)
    rules = {(KIND, one.id): one for one in live(*[None] * 7)}
    with pytest.raises(InvalidInput) as refused:
        soundness.Trial().check(acts(1, 2, 3, 4, 5, 6, 7), rules, SiteSettings())
    assert [(one.pointer, one.code) for one in refused.value.problems] == [problem]
