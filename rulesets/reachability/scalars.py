"""Claims about one value of an ordered type: numbers, money, days, moments, texts."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from rulesets.operators import AFFIXES
from rulesets.reachability.claims import Claim
from rulesets.reachability.claims import Spend
from rulesets.reachability.claims import Subject
from rulesets.reachability.ranges import Range

_Implies = Callable[[str, str], bool]


def some_scalar(subject: Subject, claims: Sequence[Claim], spend: Spend) -> bool:
    """Whether one value is as all of them say. The claims have positive operators."""
    named = [values_named(claim) for claim in claims if claim.positive]
    listed = [values for values in named if values is not None]
    if listed:
        fewest = min(listed, key=len)
        spend(len(fewest) * len(claims))
        return any(
            _in_domain(subject, value) and all(one.accepts(subject.kind, value) for one in claims)
            for value in fewest
        )
    if subject.kind == "string" and not affixes_agree(claims, spend):
        return False
    return not Range.of(subject.kind, claims, subject.low, subject.high).is_empty(spend)


def values_named(claim: Claim) -> Sequence[Any] | None:
    """The only values that are as claimed, where the claim lists them."""
    if claim.operator == "==":
        return (claim.wanted,)
    return tuple(claim.wanted) if claim.operator == "in" else None


def affixes_agree(claims: Iterable[Claim], spend: Spend) -> bool:
    """Whether one text can begin, end and contain as claimed, as far as pairs of claims tell."""
    about = [claim for claim in claims if claim.operator in AFFIXES]
    wanted = [claim for claim in about if claim.positive]
    spend(len(wanted) * len(about))
    return not any(_apart(one, other) for one in wanted for other in about)


def _apart(one: Claim, other: Claim) -> bool:
    if not other.positive:
        implies = _IMPLIES.get((one.operator, other.operator))
        return implies is not None and implies(one.wanted, other.wanted)
    either = _IMPLIES.get((one.operator, other.operator))
    return (
        one.operator == other.operator != "contains"
        and either is not None
        and not either(one.wanted, other.wanted)
        and not either(other.wanted, one.wanted)
    )


def _in_domain(subject: Subject, value: Any) -> bool:
    low, high = subject.low, subject.high
    return (low is None or value >= low) and (high is None or value <= high)


_IMPLIES: dict[tuple[str, str], _Implies] = {
    ("contains", "contains"): lambda known, sought: sought in known,
    ("starts_with", "contains"): lambda known, sought: sought in known,
    ("ends_with", "contains"): lambda known, sought: sought in known,
    ("starts_with", "starts_with"): str.startswith,
    ("ends_with", "ends_with"): str.endswith,
}
"""By two operators: whether a text of which the first is true makes the second true as well."""
