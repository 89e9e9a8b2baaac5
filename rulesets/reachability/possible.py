"""Whether any value at all is as several claims say.

"No" is certain. "Yes" may be wrong where finding out would be costly: nobody is ever told that a
rule can never apply which can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rulesets.operators import AFFIXES
from rulesets.operators import DEFINED
from rulesets.operators import ORDERINGS
from rulesets.operators import as_text
from rulesets.operators import decimal_literal
from rulesets.reachability.claims import Claim
from rulesets.reachability.claims import Spend
from rulesets.reachability.claims import Subject
from rulesets.reachability.ranges import Range
from rulesets.reachability.scalars import affixes_agree
from rulesets.reachability.scalars import some_scalar
from rulesets.reachability.scalars import values_named

_OF_SETS = frozenset({"==", "in", "contains"})


def possible(subject: Subject, claims: Sequence[Claim], spend: Spend) -> bool:
    """Whether some value is as all of them say, as far as can be told."""
    spend(len(claims))
    if not subject.always and all(claim.accepts(subject.kind, None) for claim in claims):
        return True
    if not all(claim.accepts(subject.kind, 0) for claim in claims if claim.operator in DEFINED):
        return False  # only an undefined value would do
    compared = [claim for claim in claims if claim.operator not in DEFINED]
    if not subject.always and not any(claim.positive for claim in compared):
        return True  # by a value of another type
    if subject.kind == "open":
        return _some_open(compared, spend)
    if not subject.several:
        return _some(subject, [claim.of_comparable() for claim in compared], spend)
    one_of = [claim.of_comparable() for claim in compared if claim.exists]
    all_of = [claim.of_comparable() for claim in compared if not claim.exists]
    if not one_of:
        return _some(subject, all_of, spend)
    return all(_some(subject, [one, *all_of], spend) for one in one_of)


def _some(subject: Subject, claims: Sequence[Claim], spend: Spend) -> bool:
    if subject.kind == "set":
        return _some_set(claims)
    if subject.kind == "bool":
        return any(all(claim.accepts("bool", truth) for claim in claims) for truth in (True, False))
    return some_scalar(subject, claims, spend)


def _some_set(claims: Sequence[Claim]) -> bool:
    """A set may have any element beside those that are claimed, but for `==`."""
    alone = next((one for one in claims if one.positive and one.operator == "=="), None)
    if alone is not None:
        only = frozenset((alone.wanted,))
        return all(claim.accepts("set", only) for claim in claims)
    barred: set[Any] = set()
    for claim in claims:
        if not claim.positive and claim.operator != "==":
            barred.update(_elements(claim))
    return not any(claim.positive and barred.issuperset(_elements(claim)) for claim in claims)


def _elements(claim: Claim) -> Sequence[Any]:
    return tuple(claim.wanted) if claim.operator == "in" else (claim.wanted,)


def _some_open(claims: Sequence[Claim], spend: Spend) -> bool:
    """A value of any type: a scalar or a list of texts."""
    plain = [claim.of_comparable() for claim in claims]
    said = {(one.operator, repr(one.wanted), one.positive): one for one in plain}
    for one, written in zip(plain, claims, strict=True):
        if written.positive and (one.operator, repr(one.wanted), not one.positive) in said:
            return False
    return _open_scalar(claims, spend) or _open_list(claims)


def _open_list(claims: Sequence[Claim]) -> bool:
    plain = []
    for claim in claims:
        one = claim.of_comparable()
        if one.operator in _OF_SETS:
            plain.append(Claim(one.operator, _as_texts(one), one.positive))
        elif claim.positive:
            return False  # lists have no order, no beginning
    return _some_set(plain)


def _as_texts(claim: Claim) -> Any:
    if claim.operator == "in":
        return frozenset(as_text(item) or "" for item in claim.wanted)
    return as_text(claim.wanted)


def _open_scalar(claims: Sequence[Claim], spend: Spend) -> bool:
    for claim in claims:
        values = values_named(claim) if claim.positive else None
        if values is not None:
            spend(len(values) * len(claims))
            return any(_open_value(value, claims) for value in values)
    if not affixes_agree([claim.of_comparable() for claim in claims], spend):
        return False
    numeric = [claim for claim in claims if _is_numeric(claim)]
    if not any(claim.positive and claim.operator in ORDERINGS for claim in numeric):
        return True
    left = Range.of("number", [claim.of_comparable() for claim in numeric], None, None)
    return not left.is_empty(spend)


def _open_value(wanted: Any, claims: Sequence[Claim]) -> bool:
    """Whether what equals `wanted` can be as claimed. A number may be written in several ways, so
    only what asks for its size can be told."""
    if isinstance(wanted, bool):
        wanted = "true" if wanted else "false"
    number = decimal_literal(wanted) if isinstance(wanted, str) else wanted
    if number is None:
        return all(claim.accepts("open", wanted) for claim in claims)
    return all(claim.accepts("open", number) for claim in claims if _is_numeric(claim))


def _is_numeric(claim: Claim) -> bool:
    """Whether it compares sizes, if the actual value is a number."""
    if claim.operator in AFFIXES:
        return False
    several = isinstance(claim.wanted, tuple)
    wanted = claim.wanted if several else (claim.wanted,)
    return all(isinstance(one, bool) is False and not isinstance(one, str) for one in wanted)
