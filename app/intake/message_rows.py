"""Rows of a file as messages: orders, and events in general.

An order, one JSON object a line, or in CSV one row a product, rows of an order together:

    order_id, customer_id and/or anonymous_id, completed_at, currency, total, coupons, country
    products: [{sku, quantity, price, categories}]      in CSV: sku, quantity, price, categories
    status: "cancelled"                                 the order is followed by its cancellation

An event is a message of /v1/batch. In CSV its columns are named like a message's fields; every
other column is a property, `properties.<name>` too. Lists in a cell are separated by `|`.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from app.intake.rows import Row

_MESSAGE_FIELDS = frozenset(
    ("type", "event", "messageId", "anonymousId", "userId", "timestamp", "sentAt", "previousId")
)
_PRODUCT_FIELDS = ("sku", "quantity", "price", "categories")
_LISTS = frozenset(("categories", "coupons"))
_PREFIX = "properties."
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A message, or why there is none; the line it began on and how many rows made it."""

    line: int
    rows: int
    message: Object | InvalidInput


def event_messages(rows: Iterable[Row]) -> Iterator[Numbered]:
    """A message for each row."""
    for row in rows:
        try:
            values = row.read()
            message = values if row.text is not None else _event_of_cells(values)
            yield Numbered(row.line, 1, message)
        except InvalidInput as refusal:
            yield Numbered(row.line, 1, refusal)


def order_messages(rows: Iterable[Row]) -> Iterator[Numbered]:
    """One message for each order, and one more for each that was cancelled."""
    for line, count, order in _orders(rows):
        if isinstance(order, InvalidInput):
            yield Numbered(line, count, order)
            continue
        order_id = order.get("order_id")
        if not isinstance(order_id, str | int) or isinstance(order_id, bool) or order_id == "":
            problem = Problem("/order_id", "required", "an order has a number")
            yield Numbered(line, count, InvalidInput([problem]))
            continue
        yield Numbered(line, count, _message("Order Completed", order))
        if order.get("status") == "cancelled":
            yield Numbered(line, 0, _message("Order Cancelled", order))


def _orders(rows: Iterable[Row]) -> Iterator[tuple[int, int, Object | InvalidInput]]:
    """First line, number of rows and content of each order; CSV rows of one order are joined."""
    waiting: tuple[int, int, Object] | None = None
    for row in rows:
        found: Object | InvalidInput
        try:
            found = row.read()
        except InvalidInput as refusal:
            found = refusal
        joined = row.text is None and isinstance(found, dict)
        if joined and waiting is not None and _same_order(waiting[2], found):
            line, count, order = waiting
            order["products"].extend(_products(found))
            waiting = (line, count + 1, order)
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if isinstance(found, dict) and row.text is None:
            waiting = (row.line, 1, _order_of_cells(found))
        else:
            yield row.line, 1, found
    if waiting is not None:
        yield waiting


def _same_order(order: Object, cells: Object | InvalidInput) -> bool:
    return isinstance(cells, dict) and order.get("order_id") == cells.get("order_id")


def _order_of_cells(cells: Object) -> Object:
    order = {name: _cell(name, cells[name]) for name in cells if name not in _PRODUCT_FIELDS}
    return {**order, "products": _products(cells)}


def _products(cells: Object | InvalidInput) -> list[Object]:
    if isinstance(cells, InvalidInput) or "sku" not in cells:
        return []
    return [{name: _cell(name, cells[name]) for name in _PRODUCT_FIELDS if name in cells}]


def _event_of_cells(cells: Object) -> Object:
    message: Object = {}
    properties: Object = {}
    for name, cell in cells.items():
        if name in _MESSAGE_FIELDS:
            message[name] = cell
        else:
            own = name.removeprefix(_PREFIX)
            properties[own] = _cell(own, cell)
    if properties:
        message["properties"] = properties
    return {"type": "track", **message}


def _cell(name: str, cell: Any) -> Any:
    return cell.split("|") if name in _LISTS else cell


def _message(event: str, order: Object) -> Object:
    """The id is made of the order's number: an order that is in the log is not taken in again."""
    moment = order.get("completed_at")
    if event == "Order Cancelled":
        moment = order.get("cancelled_at") or moment
        properties = {"order_id": order["order_id"]}
    else:
        named = ("order_id", "currency", "total", "coupons", "country", "products")
        properties = {name: order[name] for name in named if order.get(name) not in (None, "", [])}
    verb = event.rpartition(" ")[2].lower()
    message = {
        "type": "track",
        "event": event,
        "messageId": f"import-order-{verb}-{order['order_id']}",
        "userId": order.get("customer_id"),
        "anonymousId": order.get("anonymous_id"),
        "timestamp": moment,
        "properties": properties,
    }
    return {name: value for name, value in message.items() if value is not None}
