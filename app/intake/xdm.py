"""Adobe's XDM events in Segment's words, for events under their names or types (FEATURES 6.2).

Only what is open here: products, order, search, store view. A line's `priceTotal` becomes the price
of one unit where that is exact: 10.00 for 4 is 2.50 each, 10.00 for 3 is left to the order's total.
"""

from __future__ import annotations

from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from aggregates.kernel.money import DIGITS
from app.intake.adobe_units import Object
from app.intake.adobe_units import object_of
from app.intake.adobe_units import told


def in_segment_words(properties: Object) -> Object:
    """The properties with what their XDM fields say, at the top or under `xdm`."""
    body = object_of(properties.get("xdm")) or properties
    commerce = object_of(body.get("commerce"))

    def part(name: str) -> Object:
        return object_of(body.get(name)) or object_of(commerce.get(name))

    items = body.get("productListItems")
    lines = [item for item in items if item.__class__ is dict] if items.__class__ is list else []
    order, search = part("order"), part("siteSearch") or part("search")
    payments = order.get("payments")
    paid = [object_of(one) for one in payments] if payments.__class__ is list else []
    currencies = (order, *lines, *paid)
    asked, answered = part("searchRequest"), part("searchResponse")
    words = {
        "products": [_product(item) for item in lines] or None,
        "currency": next(filter(None, (one.get("currencyCode") for one in currencies)), None),
        "order_id": order.get("purchaseID"),
        "total": _total(order, paid),
        "coupon": commerce.get("promotionID"),
        "shipping": part("shipping") or None,
        "query": search.get("query"),
        "search_request_id": asked.get("id") or answered.get("id"),
        "result_count": body.get("numberOfResults", answered.get("numberOfResults")),
        "store_view": part("commerceScope").get("storeViewCode"),
    }
    return {**told(words), **properties}


def _product(item: Object) -> Object:
    return told(
        {
            "sku": item.get("SKU"),
            "quantity": item.get("quantity"),
            "price": _each(item.get("priceTotal"), item.get("quantity"), item.get("currencyCode")),
        }
    )


def _each(total: Any, quantity: Any, currency: Any) -> Any:
    """The price of one unit; None if it has no exact one. What is no amount is left to whoever
    reads amounts, who says what is wrong with it."""
    worth, count = _exact(total), _exact(quantity)
    if worth is None or count is None or count in (0, 1):
        return total
    digits = DIGITS.get(currency, 2) if currency.__class__ is str else 2
    each = (worth / count).quantize(Decimal(1).scaleb(-digits))
    return str(each) if each * count == worth else None


def _total(order: Object, paid: list[Object]) -> Any:
    """The order's own total, else what was paid for it."""
    if order.get("priceTotal") is not None:
        return order["priceTotal"]
    amounts = [payment.get("paymentAmount") for payment in paid]
    exact = [_exact(amount) for amount in amounts]
    wrong = [amount for amount, read in zip(amounts, exact, strict=True) if read is None]
    if wrong or not exact:
        return wrong[0] if wrong else None
    return str(sum(filter(None, exact), Decimal(0)))


def _exact(value: Any) -> Decimal | None:
    """The number that was written, if it is one of a size that amounts have."""
    if value.__class__ not in (int, float, str):
        return None
    written = str(value)
    try:
        number = Decimal(written) if len(written) <= 32 else Decimal("NaN")
    except InvalidOperation:
        return None
    return number if number.is_finite() and -5 < number.adjusted() < 15 else None
