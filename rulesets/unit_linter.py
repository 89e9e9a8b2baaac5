"""What is refused of a recommendation unit beyond the shape of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import FILTERS_MAX
from aggregates.site import SiteSettings
from rulesets.product_filters import ProductFilter
from rulesets.recommendation_units import DEFAULT
from rulesets.unit_filters import RelativePrice
from rulesets.unit_filters import parse_unit_filter
from rulesets.unit_types import UNIT_TYPES

_WITHOUT_CONTEXT = frozenset({"home", "page-builder"})
_WITHOUT_PRODUCT = _WITHOUT_CONTEXT | {"category"}
_STOCK = "stock."


def lint_unit(body: Mapping[str, Any], settings: SiteSettings) -> Iterator[Problem]:
    """Every problem of a body of the right shape."""
    if body["page_type"] not in UNIT_TYPES[body["type"]].pages:
        detail = f"{body['type']} stands on {', '.join(sorted(UNIT_TYPES[body['type']].pages))}"
        yield Problem("/type", "type_not_for_page", detail)
    label = body["label"]
    if isinstance(label, Mapping) and not label.get(DEFAULT):
        yield Problem(f"/label/{DEFAULT}", "required", "what store views without their own show")
    for name, written in (body.get("filters") or {}).items():
        yield from _filters(name, written, body["page_type"], settings)


def _filters(
    name: str, listed: list[Any], page_type: str, settings: SiteSettings
) -> Iterator[Problem]:
    if len(listed) > FILTERS_MAX:
        yield Problem(f"/filters/{name}", "too_long", f"at most {FILTERS_MAX} filters")
    for index, written in enumerate(listed[:FILTERS_MAX]):
        pointer = f"/filters/{name}/{index}"
        try:
            found = parse_unit_filter(written, settings.base_currency, pointer)
        except InvalidInput as error:
            yield from error.problems
            continue
        if not isinstance(found, ProductFilter):
            missing = _WITHOUT_PRODUCT if isinstance(found, RelativePrice) else _WITHOUT_CONTEXT
            if page_type in missing:
                detail = "a page of this type has nothing to compare with"
                yield Problem(pointer, "not_for_this_page", detail)
        elif name == "include" and found.attribute.startswith(_STOCK):
            detail = "what is out of stock, or low, can only be excluded"
            yield Problem(f"{pointer}/attribute", "exclusion_only", detail)
