"""A site that has a row in every table, and hands that change them behind the service's back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Engine
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from aggregates.log import Append
from aggregates.log import NewEvent
from app.commands.keys import issued_key
from app.config import Settings
from app.coupons.filling import Filling
from app.edge.callers import SCOPES
from app.erasure.erase import erase
from app.factory import create_app
from app.jobs.checkpoint import maker
from app.wiring import Services
from app.wiring import build
from projections.recommendation_models import TOPIC
from projections.recommendation_models import stream_of
from tests.fakes import SettableClock
from tests.log_events import SITE
from tests.log_events import viewed

Row = dict[str, Any]
VIEWS = 300
"""More than a block of the tree."""
_RULE: Row = {
    "name": "Ten percent",
    "priority": 10,
    "stop_further": False,
    "coupon": {"type": "specific", "code": "SAVE", "uses_per_coupon": 5},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
_PRODUCT = {"sku": "A", "name": "A", "price": "10.00", "currency": "USD"}
_RANGE = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
_CODES = {"quantity": 3, "length": 12, "format": "alphanumeric"}
_PERSON = {"anonymousId": "browser", "userId": "ann"}
_LINE = {"line_id": "1", "sku": "A", "quantity": 1, "unit_price": "10.00"}
_CART: Row = {
    "cart_id": "c",
    "currency": "USD",
    "coupons": ["SAVE"],
    "shopper": {"customer_id": "ann"},
    "lines": [_LINE],
}
_ORDER = {"order_id": "o-1", "currency": "USD", "total": "9.00", "products": [{"sku": "A"}]}


class Site:
    """The site, and the services over it."""

    def __init__(self, database_url: str, folder: Path, clock: SettableClock) -> None:
        environment = {"RATIONALE_DATA_DIR": str(folder), "RATIONALE_DATABASE_URL": database_url}
        self.services: Services = build(Settings.from_environment(environment), clock)
        token = issued_key(self.services, SITE, tuple(sorted(SCOPES)), "all").token
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client: FlaskClient = create_app(self.services).test_client()

    def close(self) -> None:
        """Lets go of everything."""
        self.services.close()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a request that succeeds."""
        sent = {**self._headers, **{name.replace("_", "-"): v for name, v in headers.items()}}
        answer = self._client.open(path, method=method, json=body, headers=sent)
        assert answer.status_code < 300, answer.data
        return answer.json

    def sign(self) -> int:
        """The position of a new checkpoint."""
        made = maker(self.services, SITE).make()
        assert made is not None
        return made.position

    def fill(self) -> None:
        """At least a row in every table that a change is found in, and two checkpoints."""
        self._author()
        self._shop()
        self.services.log.append(Append(SITE, tuple(viewed() for _ in range(VIEWS))))
        self.sign()
        self._train()
        self._erase()
        self.sign()
        self.services.follower.catch_up(SITE)

    def _author(self) -> None:
        other = issued_key(self.services, SITE, ("decide",), "other")
        self.call("DELETE", f"/v1/keys/{other.key_id}")
        self.call("PUT", "/v1/catalog/products", {"products": [_PRODUCT]})
        self.call("POST", "/v1/cart-rules", {**_RULE, "key": "save"})
        many = {**_RULE, "name": "Many", "coupon": {"type": "generated"}, "priority": 11}
        made = self.call("POST", "/v1/cart-rules", many)["id"]
        rules = [{"kind": "cart-rules", "id": name} for name in ("save", made)]
        self.call("POST", "/v1/rulesets", {"publish": rules})
        asked = {"candidate": {"changes": []}, "over": {"kind": "cart", **_RANGE}}
        self.call("POST", "/v1/simulations", asked)
        self.call("POST", "/v1/cart-rules/save/pause", If_Match='"1"')
        self.call("POST", "/v1/cart-rules/save/resume", If_Match='"1"')
        self.call("POST", f"/v1/cart-rules/{made}/coupons/generate", _CODES)
        filling = Filling(self.services, SITE)
        while (batch := filling.next()) is not None:
            filling.step(batch)

    def _shop(self) -> None:
        def track(event: str, number: int, **properties: Any) -> Row:
            named = {"type": "track", "event": event, "messageId": f"m-{number}"}
            return {**named, **_PERSON, "properties": properties}

        messages: list[Row] = [
            {"type": "identify", "messageId": "i", **_PERSON, "traits": {"city": "Ulm"}},
            track("Product Viewed", 1, product_id="A", sku="A"),
            track("Order Completed", 2, **_ORDER),
            {"type": "track", "messageId": "bad", "event": "", **_PERSON},
        ]
        self.call("POST", "/v1/batch", {"batch": messages})
        for order in ("o-2", None):
            decided = self.call("POST", "/v1/decisions/cart", _CART)["decision_id"]
            if order is None:
                self.call("POST", "/v1/reservations", {"decision_id": decided, "ttl_s": 600})
            else:
                named = {"decision_id": decided, "order_id": order}
                self.call("POST", "/v1/redemptions", named)

    def _erase(self) -> None:
        keys = self.services.keys
        named = keys.of(SITE, "customer", "bob")
        message = {"type": "identify", "messageId": "b", "userId": "bob", "traits": {"city": "Rom"}}
        self.call("POST", "/v1/batch", {"batch": [message]})
        self.services.follower.catch_up(SITE)
        erase(self.services, SITE, named, actor="test")

    def _train(self) -> None:
        types = {"trending": {"digest": None, "trained_to": 1, "readiness": 0, "outcome": "empty"}}
        data = {"digest": "0" * 64, "trained_to": 1, "types": types}
        self.services.log.append(Append(SITE, (NewEvent(stream_of(SITE), None, TOPIC, data),)))


def a_row(engine: Engine, table: Table) -> Row:
    """One of the site's rows, with as many values as any."""
    with engine.connect() as connection:
        rows = connection.execute(select(table).where(table.c.site == SITE).limit(50)).mappings()
        found = [dict(row) for row in rows]
    assert found, f"{table.name} has no row to change"
    middle = found[len(found) // 2 :] + found
    return max(middle, key=lambda row: sum(value is not None for value in row.values()))


def exchange(engine: Engine, table: Table, before: Row | None, after: Row | None) -> None:
    """Puts a row in the place of another; None is no row."""
    with engine.begin() as connection:
        if before is not None:
            key = [column == before[column.name] for column in table.primary_key]
            assert connection.execute(delete(table).where(*key)).rowcount == 1
        if after is not None:
            connection.execute(insert(table), after)


def changed(column: Column[Any], value: Any) -> Any:
    """Another value that the column takes."""
    if column.name == "site":
        return "shed"
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + (10_000 if column.primary_key else 1)
    if isinstance(column.type, LargeBinary):
        return bytes(value[:-1]) + bytes([value[-1] ^ 1])
    if value is None:
        return "x"
    if value[:1] in ("{", "["):
        return "[1]" if value != "[1]" else "[2]"
    return value[:-1] + ("x" if value[-1:] != "x" else "y")
