"""Adobe's searches and recommendation units in Segment's words.

An event names its unit (`unitId`, `searchUnitId`), and the contexts hold all units of the page. A
click is about the product that it names (`productId`, `sku`); everything else about all products
that its unit shows, each with its rank as `position`.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

_CLICKS = frozenset({"Recommendation Clicked", "Recommendation Added to Cart", "Product Clicked"})
_SHOWING = frozenset({"Search Results Received", "Search Results Viewed", "Product List Viewed"})


def about_recommendations(name: str, contexts: Object, info: Object) -> Object:
    """Of an event about a unit: which, and its products. What several units are about names none
    of them, unless the event does."""
    named = info.get("unitId", info.get("unit_id"))
    unit = _unit(contexts.get("recommendations"), "unitId", named, or_first=False)
    words: Object = {"unit_id": unit.get("unitId") if named is None else named}
    products = [
        {**_recommended(item), "productId": item.get("productId")}
        for item in _objects(unit.get("products"))
    ]
    return {**words, **_shown(name, products, info)}


def about_search(name: str, contexts: Object, info: Object) -> Object:
    """Of an event about a search: its phrase, its request, and what was shown or clicked."""
    named = info.get("searchUnitId")
    asked = _unit(contexts.get("searchInput"), "searchUnitId", named, or_first=True)
    found = _unit(contexts.get("searchResults"), "searchUnitId", named, or_first=True)
    request = asked.get("searchRequestId")
    words: Object = {
        "query": asked.get("phrase"),
        "search_request_id": found.get("searchRequestId") if request is None else request,
    }
    products = [
        told({"sku": item.get("sku"), "price": item.get("price"), "position": item.get("rank")})
        for item in _objects(found.get("products"))
    ]
    if name in _CLICKS:
        return {**words, **_shown(name, products, info)}
    if name in _SHOWING and found.get("products").__class__ is list:
        count = found.get("productCount")
        words["result_count"] = len(products) if count is None else count
        words["products"] = products
    return words


def object_of(value: Any) -> Object:
    """The value if it is an object, else an empty one."""
    return value if value.__class__ is dict else {}


def told(values: Object) -> Object:
    """What is there: without null."""
    return {name: value for name, value in values.items() if value is not None}


def _shown(name: str, products: list[Object], info: Object) -> Object:
    """The clicked product in the event's own fields, or all that the unit shows. A click that does
    not say on what is about the only product there is, else about none."""
    currency = next((product["currency"] for product in products if "currency" in product), None)
    if name not in _CLICKS:
        return {"products": [_plain(product) for product in products] or None, "currency": currency}
    wanted = {field: info[field] for field in ("sku", "productId") if info.get(field) is not None}
    chosen = [product for product in products if _is(product, wanted)]
    if chosen and (wanted or len(chosen) == 1):
        return {**_plain(chosen[0]), "currency": currency}
    return {"sku": info.get("sku")}


def _is(product: Object, wanted: Object) -> bool:
    return all(str(product.get(field)) == str(value) for field, value in wanted.items())


def _plain(product: Object) -> Object:
    return told({**product, "currency": None, "productId": None})


def _recommended(item: Object) -> Object:
    prices = object_of(item.get("prices"))
    lowest = object_of(prices.get("minimum")) or object_of(prices.get("maximum"))
    return told(
        {
            "sku": item.get("sku"),
            "categories": item.get("categories"),
            "price": lowest.get("final"),
            "currency": item.get("currency"),
            "position": item.get("rank"),
        }
    )


def _unit(context: Any, field: str, named: Any, *, or_first: bool) -> Object:
    """The unit of that name; without a name the first, or the only one."""
    units = _objects(object_of(context).get("units"))
    if named is not None:
        return next((unit for unit in units if unit.get(field) == named), {})
    return units[0] if units and (or_first or len(units) == 1) else {}


def _objects(value: Any) -> list[Object]:
    return [item for item in value if item.__class__ is dict] if value.__class__ is list else []
