"""Messages before a threshold: that there is one, how near is near, what the message says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Problem
from rulesets.amounts import lint_money
from rulesets.amounts import lint_others
from rulesets.amounts import size_of
from rulesets.attributes import Type
from rulesets.nearly import MISSING
from rulesets.nearly import NEAR
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Compare
from rulesets.nodes import Compared
from rulesets.nodes import LinesTotal
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll

_REACHED = {True: frozenset({">", ">="}), False: frozenset({"<", "<="})}
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def lint_nearly(nearly: Mapping[str, Any], conditions: Node, base: str) -> Iterator[Problem]:
    """What is wrong with the message of a rule with these conditions."""
    for found in _PLACEHOLDER.findall(str(nearly.get("message", ""))):
        if found != MISSING:
            detail = f"{found[:40]} is not known, only {MISSING} is"
            yield Problem("/nearly/message", "unknown_placeholder", detail)
    kinds = {leaf.type for leaf in near_to(conditions)}
    if not kinds:
        detail = "no condition asks for at least so much of the cart or its lines"
        yield Problem("/nearly", "nothing_to_be_near", detail)
        return
    yield from _distance(nearly, kinds, base)


def near_to(node: Node, *, positive: bool = True) -> Iterator[Compared]:
    """The leaves that ask a cart for at least so much."""
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        inner = positive if isinstance(node, All | AnyOf) else not positive
        for item in node.items:
            yield from near_to(item, positive=inner)
    elif isinstance(node, LinesTotal) or (isinstance(node, Compare) and node.attribute in NEAR):
        reached = node.operator in _REACHED[positive]
        yield from (node,) if reached else ()


def _distance(nearly: Mapping[str, Any], kinds: set[Type], base: str) -> Iterator[Problem]:
    raw = nearly.get("distance")
    if kinds == {"money"}:
        yield from lint_money(raw, base, "/nearly/distance", above=0)
    else:
        size = size_of(raw)
        if size is None:
            yield Problem("/nearly/distance", "not_a_number", "a number from 0 is wanted")
        elif size == 0:
            yield Problem("/nearly/distance", "out_of_range", "more than 0 is wanted")
    if "money" in kinds:
        yield from lint_others(nearly.get("amounts"), base, "/nearly/amounts", above=0)
    elif "amounts" in nearly:
        detail = "a quantity is the same in every currency"
        yield Problem("/nearly/amounts", "value_not_of_type", detail)
