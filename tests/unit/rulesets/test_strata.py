"""What may depend on what."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.errors import InvalidInput
from rulesets.engine import EngineRule
from rulesets.language import parse
from rulesets.strata import stratify


def names(of: str, *others: str) -> EngineRule:
    tree: Any = {
        "none": [
            {"attribute": "shopper.segments", "operator": "contains", "value": other}
            for other in others
        ]
    }
    return EngineRule(of, 0, parse(tree, scope="segment", currency="USD"))


def rule(of: str, tree: Any) -> EngineRule:
    return EngineRule(of, 0, parse(tree, scope="cart", currency="USD"))


def test_segments_stand_below_those_that_name_them() -> None:
    strata = stratify(
        [names("seg_3", "seg_2"), names("seg_2", "seg_1", "gone"), names("seg_1")], []
    )
    assert strata.segment_levels == (("seg_1",), ("seg_2",), ("seg_3",))


def test_a_circle_of_segments_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as caught:
        stratify([names("seg_1", "seg_3"), names("seg_2", "seg_1"), names("seg_3", "seg_2")], [])
    (problem,) = caught.value.problems
    assert problem.code == "segment_cycle"
    assert problem.detail == "seg_1 -> seg_3 -> seg_2 -> seg_1"


def test_a_segment_that_names_itself_is_a_circle() -> None:
    with pytest.raises(InvalidInput):
        stratify([names("seg_1", "seg_1")], [])


def test_rules_that_watch_totals_come_second() -> None:
    after = {"operator": ">", "value": "1"}
    strata = stratify(
        [],
        [
            rule("a", {"attribute": "cart.subtotal", **after}),
            rule("b", {"any": [{"attribute": "cart.subtotal_after_discount", **after}]}),
            rule("c", {"attribute": "cart.applied_rules", "operator": "contains", "value": "a"}),
            rule(
                "d",
                {
                    "lines": "found",
                    "where": {"attribute": "line.subtotal_after_discount", **after},
                },
            ),
        ],
    )
    assert strata.first == ("a",)
    assert strata.second == ("b", "c", "d")
