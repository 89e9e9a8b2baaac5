"""Three units of a product page, recorded durably, against the empty route."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import orjson

from tests.bench import category
from tests.bench import loads
from tests.bench.ratio import against_livez
from tests.bench.report import Row
from tests.bench.server import Server
from tests.bench.server import serving

AT_MOST = 8
SESSIONS = 3_000
_TYPES = ("viewed-viewed", "bought-bought", "recently-viewed")
_RANKED = ("most-viewed", "most-purchased", "trending")
_PATH = "/v1/decisions/recommendations"


def run() -> list[Row]:
    """A catalogue of 20,000 products, models of all types, shoppers with a past: one row for three
    plain units, one for what is viewed, bought and trending near the product looked at."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        units = {name: _unit(name, place) for place, name in enumerate(_TYPES)}
        units |= {f"near-{name}": _near(name, place) for place, name in enumerate(_RANKED)}
        _views(server)
        category.fill(server, recommendation_units=units)
        what = f"recommendations, three units of a product page, {category.PRODUCTS:,} products"
        near = [f"near-{name}" for name in _RANKED]
        return [
            _row(server, what, {"units": list(_TYPES)}),
            _row(server, f"{what}, of its category and near its price", {"units": near}),
        ]


def _row(server: Server, what: str, more: dict[str, Any]) -> Row:
    bodies = [orjson.dumps({**_asked(number), **more}) for number in range(64)]
    answers = [server.client.call("POST", _PATH, orjson.loads(body)) for body in bodies]
    items = [sum(len(unit["items"]) for unit in one["units"]) for one in answers]
    ratio = against_livez(server, _PATH, bodies)
    return ratio.row(what, AT_MOST, f"{ratio.note}, {min(items)} to {max(items)} products")


def _views(server: Server) -> None:
    """Sessions of five neighbouring products, so that there is something to learn."""
    messages = [
        {
            "type": "track",
            "event": "Product Viewed",
            "messageId": f"view-{session}-{step}",
            "anonymousId": f"visitor-{session}",
            "properties": {"sku": f"p-{(session % 400) * 3 + step * (1 + session % 3)}"},
        }
        for session in range(SESSIONS)
        for step in range(5)
    ]
    for start in range(0, len(messages), 500):
        server.client.call("POST", "/v1/batch", {"batch": messages[start : start + 500]})


def _unit(name: str, place: int) -> dict[str, Any]:
    return {
        "name": name,
        "page_type": "product",
        "type": name,
        "label": name,
        "size": 8,
        "position": place,
        "filters": {"exclude": [{"attribute": "stock.status", "eq": "out_of_stock"}]},
    }


def _near(name: str, place: int) -> dict[str, Any]:
    """A unit that the best of its ranking do not fill."""
    same = {"attribute": "categories", "same": True}
    near = {"attribute": "price", "relative": {"from": "0.2", "to": "5"}}
    body = _unit(name, place)
    return {**body, "filters": {**body["filters"], "include": [same, near]}}


def _asked(number: int) -> dict[str, Any]:
    return {
        "page_type": "product",
        "sku": f"p-{number * 3}",
        "shopper": {"customer_id": f"customer-{number % loads.SHOPPERS}"},
        "context": {"store_view": "en", "channel": "web", "country": "US"},
    }
