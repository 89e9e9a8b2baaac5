"""The example site: three segments, five cart rules, five blocks in two slots, a ranking,
two units."""

from __future__ import annotations

from typing import Any

TEA = "kitchen/tea"
SETTINGS: dict[str, Any] = {
    "name": "Gift shop",
    "base_currency": "GBP",
    "time_zone": "Europe/London",
}

SEGMENTS: dict[str, dict[str, Any]] = {
    "loyal": {
        "name": "Loyal: ten orders or more in a year",
        "apply_to": "registered",
        "conditions": {"orders": "count", "within_days": 365, "operator": ">=", "value": 10},
    },
    "big-spenders": {
        "name": "Big spenders: 2,000 pounds or more in a year",
        "apply_to": "registered",
        "conditions": {"orders": "sum", "within_days": 365, "operator": ">=", "value": "2000.00"},
    },
    "lapsed": {
        "name": "Lapsed: bought within a year, but not within 90 days",
        "apply_to": "registered",
        "conditions": {
            "all": [
                {"orders": "count", "within_days": 365, "operator": ">=", "value": 1},
                {"orders": "count", "within_days": 90, "operator": "==", "value": 0},
            ]
        },
    },
}

CART_RULES: dict[str, dict[str, Any]] = {
    "tea-time": {
        "name": "Tea time: 15 % off everything for tea, for loyal customers",
        "priority": 10,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"attribute": "shopper.segments", "operator": "contains", "value": "loyal"},
        "action": {
            "type": "percent",
            "amount": "15",
            "items": {
                "attribute": "line.categories",
                "operator": "contains",
                "value": TEA,
            },
        },
        "labels": {"default": "Tea time"},
    },
    "come-back": {
        "name": "Come back: 10 pounds off 50 for customers who have not bought for a while",
        "priority": 20,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {
            "all": [
                {"attribute": "shopper.segments", "operator": "contains", "value": "lapsed"},
                {"attribute": "cart.subtotal", "operator": ">=", "value": "50.00"},
            ]
        },
        "action": {"type": "cart_fixed", "amount": "10.00"},
        "labels": {"default": "Good to see you again"},
    },
    "welcome": {
        "name": "Welcome: 10 % with the code WELCOME10 on a first order",
        "priority": 30,
        "stop_further": True,
        "coupon": {"type": "specific", "code": "WELCOME10"},
        "conditions": {"orders": "count", "operator": "==", "value": 0},
        "action": {"type": "percent", "amount": "10"},
        "labels": {"default": "Welcome"},
    },
    "bulk": {
        "name": "Bulk: 5 % when 200 pounds are left after the other discounts",
        "priority": 40,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {
            "attribute": "cart.subtotal_after_discount",
            "operator": ">=",
            "value": "200.00",
        },
        "action": {"type": "percent", "amount": "5"},
        "labels": {"default": "Bulk discount"},
    },
    "free-delivery": {
        "name": "Free delivery from 75 pounds, after discounts",
        "priority": 50,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {
            "attribute": "cart.subtotal_after_discount",
            "operator": ">=",
            "value": "75.00",
        },
        "action": {"type": "percent", "amount": "0"},
        "free_shipping": "shipment",
        "labels": {"default": "Free delivery"},
    },
}

DYNAMIC_BLOCKS: dict[str, dict[str, Any]] = {
    "hero-big-spenders": {
        "name": "Hero for big spenders",
        "types": ["content"],
        "segments": ["big-spenders"],
        "content": {"html": "<h1>The trade room is open for you</h1>"},
        "priority": 10,
    },
    "hero-lapsed": {
        "name": "Hero for lapsed customers",
        "types": ["content"],
        "segments": ["lapsed"],
        "content": {"html": "<h1>We kept your favourites: 10 pounds off from 50</h1>"},
        "priority": 20,
    },
    "hero": {
        "name": "Hero for everybody",
        "types": ["content"],
        "content": {"html": "<h1>Gifts for every day of the year</h1>"},
        "priority": 90,
    },
    "tea-banner": {
        "name": "Banner of the tea time rule",
        "types": ["header"],
        "cart_rules": ["tea-time"],
        "content": {"html": "<p>Tea time: 15 % off is in your cart</p>"},
        "priority": 10,
    },
    "delivery-banner": {
        "name": "Banner of free delivery",
        "types": ["header"],
        "cart_rules": ["free-delivery"],
        "content": {"html": "<p>Delivery is on us</p>"},
        "priority": 20,
    },
}

SLOTS: dict[str, dict[str, Any]] = {
    "home-hero": {
        "key": "home-hero",
        "name": "Hero of the home page",
        "source": "specified",
        "blocks": ["hero-big-spenders", "hero-lapsed", "hero"],
        "rotation": "all",
    },
    "cart-banner": {
        "key": "cart-banner",
        "name": "Banner above the cart",
        "source": "cart_rules",
        "types": ["header"],
        "rotation": "all",
        "fallback": {"html": "<p>Free delivery from 75 pounds</p>"},
    },
}

CATEGORY_RANKINGS: dict[str, dict[str, Any]] = {
    "kitchen": {
        "name": "Kitchen",
        "category": "kitchen",
        "ranking": {"strategy": "most-purchased"},
        "apply_to_subcategories": True,
        "events": [
            {"effect": "pin", "sku": "22699", "position": 1},
            {"effect": "boost", "sku": "23170", "segments": ["loyal"]},
        ],
    },
}
"""The pin and the boost are of the Regency tea service: its teacup, its plate."""
PAGES = ("kitchen", TEA)
"""One page that is ranked by hand too, one that only inherits the order."""

RECOMMENDATION_UNITS: dict[str, dict[str, Any]] = {
    "bought-together": {
        "name": "Bought together",
        "page_type": "product",
        "type": "bought-bought",
        "label": "Often bought together",
        "size": 3,
        "position": 1,
    },
    "viewed-together": {
        "name": "Viewed together",
        "page_type": "product",
        "type": "viewed-viewed",
        "label": "Others also looked at",
        "size": 3,
        "position": 2,
    },
}

DEFINITIONS: tuple[tuple[str, dict[str, dict[str, Any]]], ...] = (
    ("segments", SEGMENTS),
    ("cart-rules", CART_RULES),
    ("dynamic-blocks", DYNAMIC_BLOCKS),
    ("slots", SLOTS),
    ("category-rankings", CATEGORY_RANKINGS),
    ("recommendation-units", RECOMMENDATION_UNITS),
)
