"""What the shop of a golden log sells and promises: products, definitions, carts."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]
CATEGORIES = ("shoes", "shoes/boots", "shirts", "tea")


def rule(**body: Any) -> Body:
    """Ten percent for everybody, unless the body says otherwise."""
    return {
        "name": "Rule",
        "priority": 10,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"all": []},
        "action": {"type": "percent", "amount": "10"},
        **body,
    }


def leaf(attribute: str, operator: str, value: Any) -> Body:
    """A condition."""
    return {"attribute": attribute, "operator": operator, "value": value}


def products() -> list[Body]:
    """Twelve of them; every third has a minimum price."""
    return [
        {
            "sku": f"p{number}",
            "name": f"Product {number}",
            "categories": [CATEGORIES[number % 4]],
            "price": f"{10 + number}.50",
            "currency": "USD",
            "attributes": {"colour": ("red", "blue")[number % 2], "weight": number * 0.5},
            **({"minimum_price": f"{10 + number}.00"} if number % 3 == 0 else {}),
        }
        for number in range(12)
    ]


def cart(number: int, who: Body, *coupons: str, **more: Any) -> Body:
    """A cart with a bundle of two parts and two other lines."""
    lines = [
        {"line_id": "kit", "sku": "p1", "quantity": 1, "unit_price": "30.00"},
        *(
            {
                "line_id": f"part{part}",
                "sku": f"p{part}",
                "quantity": 1,
                "unit_price": f"{part}0.05",
                "parent_line_id": "kit",
            }
            for part in (1, 2)
        ),
        *(
            {
                "line_id": str(place),
                "sku": f"p{(number + place) % 12}",
                "quantity": place + number % 3,
                "unit_price": f"{10 + number % 7}.{33 + place}",
                "categories": [CATEGORIES[(number + place) % 4]],
                "attributes": {"brand": f"b{number % 3}"},
            }
            for place in (1, 2)
        ),
    ]
    return {
        "cart_id": f"c{number}",
        "currency": "USD",
        "shopper": who,
        "context": {"store_view": "en", "device": ("mobile", "desktop")[number % 2]},
        "lines": lines,
        "shipping": {"method": "post", "amount": "4.90", "country": "US"},
        "coupons": list(coupons),
        **more,
    }


SEGMENTS = {
    "vip": {"conditions": leaf("shopper.traits.vip", "==", True)},
    "keen": {
        "conditions": {"history": "Product Viewed", "within_days": 9, "operator": ">=", "value": 2}
    },
    "recent": {
        "conditions": {"orders": "sum", "within_days": 30, "operator": ">", "value": "10.00"}
    },
    "sized": {
        "conditions": {
            "history": "Size Chosen",
            "within_days": 30,
            "where": leaf("event.properties.size", "==", "L"),
            "operator": ">=",
            "value": 1,
        }
    },
    "inner": {"conditions": leaf("shopper.segments", "contains", "vip")},
}
RULES = {
    "first": rule(priority=1),
    "vips": rule(conditions=leaf("shopper.segments", "contains", "vip"), priority=2),
    "code": rule(coupon={"type": "specific", "code": "SAVE"}, priority=3),
    "fixed": rule(
        conditions=leaf("shopper.segments", "in", ["keen", "recent", "sized"]),
        action={"type": "fixed", "amount": "0.75", "items": leaf("line.sku", "in", ["p1", "p5"])},
        priority=4,
    ),
    "whole": rule(
        conditions=leaf("cart.subtotal_after_discount", ">=", "40.00"),
        action={"type": "cart_fixed", "amount": "7.77", "apply_to_shipping": True},
        priority=5,
    ),
    "ship": rule(
        conditions={"orders": "count", "operator": "==", "value": 0},
        action={"type": "percent", "amount": "0"},
        free_shipping="shipment",
        priority=6,
    ),
}
BLOCKS = {
    name: {"name": name, "types": ["content"], "content": {"html": name}, "priority": place}
    for place, name in enumerate(("one", "two", "three"), 1)
}
BLOCKS["vips"] = {**BLOCKS["one"], "name": "vips", "segments": ["vip"]}
BLOCKS["banner"] = {**BLOCKS["one"], "name": "banner", "cart_rules": ["code"], "types": ["header"]}
SLOTS: dict[str, Body] = {
    rotation: {
        "key": rotation,
        "name": rotation,
        "source": "specified",
        "blocks": ["one", "two", "three", "vips"],
        "rotation": rotation,
    }
    for rotation in ("all", "random", "series", "shuffle")
}
SLOTS["top"] = {**SLOTS["all"], "key": "top", "source": "cart_rules", "types": ["header"]}
del SLOTS["top"]["blocks"]
RANKINGS = {
    "shoes": {
        "category": "shoes",
        "ranking": {"strategy": "most-purchased"},
        "apply_to_subcategories": True,
        "events": [
            {"effect": "pin", "sku": "p4", "position": 1},
            {"effect": "boost", "sku": "p8", "segments": ["vip"]},
        ],
    },
    "tea": {"category": "tea", "ranking": {"strategy": "trending"}},
}
UNITS = {
    kind: {"page_type": page, "type": kind, "size": 3, "position": place}
    for place, (kind, page) in enumerate(
        (
            ("bought-bought", "product"),
            ("viewed-viewed", "product"),
            ("recently-viewed", "product"),
            ("most-purchased", "home"),
            ("most-viewed", "home"),
            ("trending", "home"),
        ),
        1,
    )
}
LATER_RULES = {
    "tiers": rule(
        action={
            "type": "tiered",
            "by": "quantity",
            "tiers": [{"from": "2", "percent": "5"}, {"from": "4", "percent": "9.5"}],
        },
        priority=20,
    ),
    "cheapest": rule(action={"type": "cheapest_free", "step": 3, "amount": "1"}, priority=21),
    "buy": rule(action={"type": "buy_x_get_y", "step": 2, "amount": "1"}, priority=22),
    "limited": rule(uses_total=3, uses_per_customer=2, priority=23),
    "summer": rule(
        campaign={"name": "summer", "budget": {"amount": "25.00"}, "uses_total": 9}, priority=24
    ),
    "many": rule(coupon={"type": "generated", "uses_per_coupon": 2}, priority=25),
    "once": rule(coupon={"type": "specific", "code": "ONCE", "uses_per_coupon": 1}, priority=26),
}


def named(bodies: dict[str, Body], **more: Any) -> dict[str, Body]:
    """The same with their keys as names."""
    return {key: {"name": key, **more, **body} for key, body in bodies.items()}
