"""An author who calls the service over HTTP, and a body of each kind to begin with."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.wiring import Services

RULE: dict[str, Any] = {
    "name": "Ten percent",
    "priority": 10,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
SEGMENT: dict[str, Any] = {"name": "All", "apply_to": "all", "conditions": {"all": []}}
BLOCK: dict[str, Any] = {
    "name": "Hello",
    "types": ["content"],
    "content": {"html": "<p>Hello</p>"},
    "priority": 1,
}
CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [{"line_id": "1", "sku": "a", "quantity": 1, "unit_price": "100.00"}],
}


class Author:
    """Calls the service with a key of every scope."""

    def __init__(self, services: Services, client: FlaskClient, key: str, key_id: str = "") -> None:
        self.services = services
        self.key_id = key_id
        self._client = client
        self._key = key

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request; `If_Match` is the header If-Match."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given["Authorization"] = f"Bearer {self._key}"
        return self._client.open(path, method=method, json=body, headers=given)

    def made(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The answer of a request that succeeds."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code < 300, answer.json
        found: dict[str, Any] = answer.json
        return found

    def refused(
        self, status: int, method: str, path: str, body: Any = None, **headers: str
    ) -> dict[str, Any]:
        """The problem of a request that fails."""
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == status, answer.json
        found: dict[str, Any] = answer.json
        return found

    def publish(self, *named: tuple[str, str], **more: Any) -> dict[str, Any]:
        """One revision of these (kind, id or key)."""
        wanted = [{"kind": kind, "id": name} for kind, name in named]
        return self.made("POST", "/v1/rulesets", {"publish": wanted, **more})

    def discount(self) -> str:
        """What a cart of 100.00 gets now."""
        answer = self.made("POST", "/v1/decisions/cart", {**CART, "dry_run": True})
        total: str = answer["totals"]["discount"]
        return total
