"""The shop's side of the demo: speaks to the service in nothing but its public HTTP contract."""

from __future__ import annotations

import time
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import orjson
from flask import Flask

BATCH_BYTES = 2_000_000
BATCH_MESSAGES = 500
CATALOG_PRODUCTS = 1_000


class Shop:
    """A client with one key. Every answer that is no success stops the demo with its text."""

    def __init__(self, application: Flask, key: str) -> None:
        self._client = application.test_client()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """One request; RuntimeError with status and text unless it succeeded."""
        answer = self._client.open(
            path,
            method=method,
            data=None if body is None else orjson.dumps(body),
            headers={**self._headers, **headers},
        )
        if answer.status_code >= 400:
            msg = f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)[:2000]}"
            raise RuntimeError(msg)
        parsed: dict[str, Any] = orjson.loads(answer.data)
        return parsed

    def timed(self, path: str, body: Any) -> tuple[dict[str, Any], float]:
        """One POST with its wall time in milliseconds."""
        start = time.perf_counter()
        answer = self.call("POST", path, body)
        return answer, (time.perf_counter() - start) * 1000

    def send_products(self, products: Iterable[dict[str, Any]]) -> Iterator[int]:
        """Upserts the catalogue; yields how many products went with each request."""
        for page in _pages(products, CATALOG_PRODUCTS):
            self.call("PUT", "/v1/catalog/products", {"products": page})
            yield len(page)

    def send_messages(
        self, messages: Iterable[dict[str, Any]], rejected: list[dict[str, Any]]
    ) -> Iterator[int]:
        """Sends messages in batches; yields how many went, collects what was rejected and why."""
        for page in _pages(messages, BATCH_MESSAGES):
            answer = self.call("POST", "/v1/batch", {"batch": page})
            rejected.extend(answer["rejected"])
            yield len(page)

    def publish(self, definitions: Iterable[tuple[str, dict[str, dict[str, Any]]]]) -> int:
        """Drafts every definition under its key and publishes all in one revision."""
        published = []
        for kind, bodies in definitions:
            for key, body in bodies.items():
                self.call("PUT", f"/v1/{kind}/{key}", body)
                published.append({"kind": kind, "id": key})
        answer = self.call("POST", "/v1/rulesets", {"publish": published, "note": "first site"})
        return int(answer["revision"])


def _pages(items: Iterable[dict[str, Any]], count: int) -> Iterator[list[dict[str, Any]]]:
    page: list[dict[str, Any]] = []
    size = 0
    for item in items:
        weight = len(orjson.dumps(item))
        if page and (len(page) == count or size + weight > BATCH_BYTES):
            yield page
            page, size = [], 0
        page.append(item)
        size += weight
    if page:
        yield page
