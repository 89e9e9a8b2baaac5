"""Filters over products: `{"attribute": "price", "range": {"from": "5.00", "to": "10.00"}}`.

A category page and a recommendation unit are narrowed by the same ones. Exactly one of `eq in range
starts_with contains` stands beside the attribute; `from` is in, `to` is not. A product has a
category when it is in it or below it. A product without the attribute passes no filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import FILTERS_MAX
from rulesets.attributes import Type
from rulesets.operators import OF_TYPE
from rulesets.operators import holds
from rulesets.values import prepared

ATTRIBUTES: dict[str, Type] = {
    "sku": "string",
    "name": "string",
    "type": "string",
    "visibility": "string",
    "categories": "set",
    "price": "money",
    "stock.status": "string",
    "stock.quantity": "number",
}
"""What products are filtered by beside `attributes.<name>`, which are open. `price` is what is
paid: the special price where there is one."""

OWN = "attributes."
_OPERATORS = {"eq": "==", "in": "in", "starts_with": "starts_with", "contains": "contains"}
_FORMS = (*_OPERATORS, "range")
_ENDS = {"from": ">=", "to": "<"}
_KEYS = frozenset(("attribute", *_FORMS))


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """One filter. `written` tells it apart from others; `tests` must all hold: operator, wanted."""

    attribute: str
    kind: Type
    currency: str
    tests: tuple[tuple[str, Any], ...]
    written: bytes

    def passes(self, value: Any) -> bool:
        """Whether a product with this value of the attribute passes. An amount is (currency, minor
        units); one in another currency does not pass."""
        if self.kind == "money" and value is not None:
            currency, value = value
            if currency != self.currency:
                return False
        return all(holds(operator, self.kind, value, wanted) for operator, wanted in self.tests)


def parse_filters(filters: Sequence[Any], currency: str, pointer: str) -> tuple[ProductFilter, ...]:
    """All filters of a list; amounts are in `currency`. InvalidInput with a pointer for each."""
    problems: list[Problem] = []
    if len(filters) > FILTERS_MAX:
        problems.append(Problem(pointer, "too_long", f"at most {FILTERS_MAX} filters"))
    found = []
    for index, written in enumerate(filters[:FILTERS_MAX]):
        try:
            found.append(parse_filter(written, currency, f"{pointer}/{index}"))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return tuple(found)


def parse_filter(written: Any, currency: str, pointer: str) -> ProductFilter:
    """One filter; InvalidInput with a pointer for each problem."""
    if not isinstance(written, Mapping):
        raise InvalidInput([Problem(pointer, "wrong_type", "a filter is an object")])
    kind = kind_of(written.get("attribute"))
    if kind is None:
        detail = f"one of {', '.join(ATTRIBUTES)}, {OWN}<name>"
        raise InvalidInput([Problem(f"{pointer}/attribute", "unknown_attribute", detail)])
    forms = [form for form in _FORMS if form in written]
    if len(forms) != 1 or not written.keys() <= _KEYS:
        detail = f"an attribute and exactly one of {', '.join(_FORMS)}"
        raise InvalidInput([Problem(pointer, "unknown_form", detail)])
    form = forms[0]
    place = f"{pointer}/{form}"
    if form == "range":
        tests = _range(kind, written[form], currency, place)
    else:
        tests = (_test(kind, _operator(kind, form), written[form], currency, place),)
    name = written["attribute"]
    return ProductFilter(name, kind, currency, tests, canonical([currency, dict(written)]))


def kind_of(attribute: Any) -> Type | None:
    """The type of an attribute that products are filtered or sorted by; None if it is none."""
    if not isinstance(attribute, str):
        return None
    if attribute.startswith(OWN) and len(attribute) > len(OWN):
        return "open"
    return ATTRIBUTES.get(attribute)


def in_category(path: str) -> ProductFilter:
    """The filter that a category page itself is; `path` as it is compared."""
    test = ("contains", path)
    return ProductFilter("categories", "set", "", (test,), canonical(["category", path]))


def _operator(kind: Type, form: str) -> str:
    """In a set of categories one that is equal is enough."""
    return "contains" if kind == "set" and form == "eq" else _OPERATORS[form]


def _range(kind: Type, ends: Any, currency: str, pointer: str) -> tuple[tuple[str, Any], ...]:
    if not isinstance(ends, Mapping) or not ends or not ends.keys() <= _ENDS.keys():
        raise InvalidInput([Problem(pointer, "unknown_form", "`from`, `to`, or both")])
    tests = tuple(
        _test(kind, operator, ends[end], currency, f"{pointer}/{end}")
        for end, operator in _ENDS.items()
        if end in ends
    )
    if len(tests) == 2 and type(tests[0][1]) is type(tests[1][1]) and tests[1][1] <= tests[0][1]:
        detail = "`from` is below `to`, which is not in"
        raise InvalidInput([Problem(pointer, "between_reversed", detail)])
    return tests


def _test(kind: Type, operator: str, raw: Any, currency: str, pointer: str) -> tuple[str, Any]:
    if operator not in OF_TYPE[kind]:
        detail = f"an attribute of type {kind} does not take it"
        raise InvalidInput([Problem(pointer, "operator_not_of_type", detail)])
    try:
        wanted = prepared(kind, operator, raw, currency)
    except InvalidValue as error:
        raise InvalidInput([error.at(pointer)]) from None
    if kind == "set":  # paths are compared without slashes at their ends
        trimmed = (item.strip("/") for item in wanted) if operator == "in" else wanted.strip("/")
        wanted = frozenset(trimmed) if operator == "in" else trimmed
    return operator, wanted
