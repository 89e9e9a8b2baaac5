"""Adobe's rules for tests: the files of tests/cases/adobe, conditions, rules, and what becomes
of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from aggregates.site import SiteSettings
from app.adobe_rules.names import read_names
from app.adobe_rules.reading import SalesRule
from app.adobe_rules.reading import read_coupons
from app.adobe_rules.reading import read_rules
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import Shop
from app.adobe_rules.rules import body_of
from app.authoring.bodies import checked

CASES = Path(__file__).parent / "cases" / "adobe"
NAMES = read_names((CASES / "names.json").read_bytes())
SHOP = Shop(NAMES, frozenset({"1"}))
COUPONS = read_coupons((CASES / "coupons.json").read_bytes())
CLASSES = "Magento\\SalesRule\\Model\\Rule\\Condition\\"
Json = dict[str, Any]


def combine(
    *conditions: Json, kind: str = "Combine", joined: str = "all", value: str = "1"
) -> Json:
    """A combination, or what is asked of lines."""
    return {
        "condition_type": f"{CLASSES}{kind}",
        "aggregator_type": joined,
        "value": value,
        "conditions": list(conditions),
    }


def address(attribute: str, operator: str, value: Any) -> Json:
    """A condition of the cart."""
    return {
        "condition_type": f"{CLASSES}Address",
        "attribute_name": attribute,
        "operator": operator,
        "value": value,
    }


def product(attribute: str, operator: str, value: Any, scope: str | None = None) -> Json:
    """A condition of a line."""
    leaf = {
        "condition_type": f"{CLASSES}Product",
        "attribute_name": attribute,
        "operator": operator,
        "value": value,
    }
    return leaf if scope is None else {**leaf, "extension_attributes": {"attribute_scope": scope}}


def segment(operator: str, value: Any) -> Json:
    """A condition of the shopper."""
    return {
        "condition_type": "Magento\\CustomerSegment\\Model\\Segment\\Condition\\Segment",
        "operator": operator,
        "value": value,
    }


def sales_rule(**fields: Any) -> Json:
    """10 % for everybody, unless the fields say otherwise."""
    return {
        "rule_id": 1,
        "name": "Ten percent",
        "website_ids": [1],
        "customer_group_ids": [0, 1],
        "is_active": True,
        "stop_rules_processing": False,
        "sort_order": 1,
        "simple_action": "by_percent",
        "discount_amount": 10,
        "coupon_type": "NO_COUPON",
        "simple_free_shipping": "0",
        **fields,
    }


def search(*rules: Json) -> bytes:
    """An answer of /V1/salesRules/search."""
    return orjson.dumps({"items": list(rules), "search_criteria": {}, "total_count": len(rules)})


def read(**fields: Any) -> SalesRule:
    """One rule, read."""
    return read_rules(search(sales_rule(**fields)))[0]


def carried(shop: Shop = SHOP, **fields: Any) -> tuple[Json, Telling]:
    """The body that one rule becomes, and what is told of it."""
    telling = Telling()
    rule = read(**fields)
    return body_of(rule, COUPONS.get(rule.rule_id, ()), shop, telling), telling


def saved(body: Json, **settings: Any) -> Json:
    """The body as the service keeps it, shape and sense checked."""
    return checked("cart-rules", body, SiteSettings(**settings)).body
