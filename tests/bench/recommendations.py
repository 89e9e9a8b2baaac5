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


def run() -> list[Row]:
    """One row: a catalogue of 20,000 products, models of all types, shoppers with a past."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        units = {name: _unit(name, place) for place, name in enumerate(_TYPES)}
        _views(server)
        category.fill(server, recommendation_units=units)
        bodies = [orjson.dumps(_asked(number)) for number in range(64)]
        answers = [
            server.client.call("POST", "/v1/decisions/recommendations", orjson.loads(body))
            for body in bodies
        ]
        items = [sum(len(unit["items"]) for unit in one["units"]) for one in answers]
        ratio = against_livez(server, "/v1/decisions/recommendations", bodies)
    what = f"recommendations, three units of a product page, {category.PRODUCTS:,} products"
    return [ratio.row(what, AT_MOST, f"{ratio.note}, {min(items)} to {max(items)} products")]


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


def _asked(number: int) -> dict[str, Any]:
    return {
        "page_type": "product",
        "sku": f"p-{number * 3}",
        "shopper": {"customer_id": f"customer-{number % loads.SHOPPERS}"},
        "context": {"store_view": "en", "channel": "web", "country": "US"},
    }
