"""Bodies as authors send them, made normal and checked: shape, then sense."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from marshmallow import Schema

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import digest
from aggregates.kernel.canonical import number
from aggregates.kernel.canonical import revive
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import SIGNIFICANT_DIGITS_MAX
from aggregates.site import SiteSettings
from app.edge.validation import escaped
from app.edge.validation import load
from app.schemas.cart_rule import CartRuleSchema
from app.schemas.category_ranking import CategoryRankingSchema
from app.schemas.dynamic_block import DynamicBlockSchema
from app.schemas.recommendation_unit import RecommendationUnitSchema
from app.schemas.segment import SegmentSchema
from app.schemas.slot import SlotSchema
from rulesets.linter import lint

SCHEMAS: dict[str, Schema] = {
    "cart-rules": CartRuleSchema(),
    "segments": SegmentSchema(),
    "dynamic-blocks": DynamicBlockSchema(),
    "slots": SlotSchema(),
    "category-rankings": CategoryRankingSchema(),
    "recommendation-units": RecommendationUnitSchema(),
}


@dataclass(frozen=True, slots=True)
class Body:
    """A body that may be saved. Its key, if it has one, stands in it."""

    key: str | None
    body: dict[str, Any]
    digest: str


def checked(kind: str, document: Any, settings: SiteSettings, key: str | None = None) -> Body:
    """A document as a body of a kind; InvalidInput with every problem.

    `key`: that of the definition already, which a body without one keeps.
    """
    problems = problems_of(kind, document, settings, key)
    if problems:
        raise InvalidInput(problems)
    body = _shaped(kind, document, key)
    return Body(body.get("key"), body, digest(body))


def problems_of(
    kind: str, document: Any, settings: SiteSettings, key: str | None = None
) -> list[Problem]:
    """What is wrong with a document as a body of a kind; empty if it may be saved."""
    try:
        body = _shaped(kind, document, key)
    except InvalidInput as error:
        return list(error.problems)
    return lint(kind, body, settings=settings)


def on_the_wire(value: Any) -> Any:
    """A body as JSON: a decimal is a number again."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: on_the_wire(item) for name, item in value.items()}
    if isinstance(value, list):
        return [on_the_wire(item) for item in value]
    return value


def _shaped(kind: str, document: Any, key: str | None) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise InvalidInput([Problem("", "wrong_type", "a definition is an object")])
    problems: list[Problem] = []
    _normal(document, "", problems)
    if problems:
        raise InvalidInput(problems)
    if key is not None:
        document = {"key": key, **document}
    body = _normal(load(SCHEMAS[kind], document), "", problems)
    # Through its canonical text, so that what is judged now is what will be read later.
    normal: dict[str, Any] = revive(orjson.loads(canonical(body)))
    return normal


def _normal(value: Any, pointer: str, problems: list[Problem]) -> Any:
    if isinstance(value, dict):
        if "$decimal" in value:
            problems.append(Problem(pointer, "reserved_name", "$decimal is the service's own"))
        return {
            name: _normal(item, f"{pointer}/{escaped(name)}", problems)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_normal(item, f"{pointer}/{at}", problems) for at, item in enumerate(value)]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        exact = number(value)
        digits = Decimal(exact).normalize().as_tuple().digits
        if len(digits) > SIGNIFICANT_DIGITS_MAX:
            detail = f"a number has at most {SIGNIFICANT_DIGITS_MAX} significant digits"
            problems.append(Problem(pointer, "too_many_digits", detail))
        return exact
    return value
