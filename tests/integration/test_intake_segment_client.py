"""The real `segment-analytics-python` sends to a live server, over a way that loses things."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from segment.analytics.client import Client

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from app.config import Settings
from app.database import open_stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from tests.fakes import SettableClock
from tests.flaky_proxy import LOST
from tests.flaky_proxy import REFUSED
from tests.flaky_proxy import UNANSWERED
from tests.flaky_proxy import flaky_proxy

pytestmark = pytest.mark.slow
SITE = SiteId("shop")
WAIT_S = 40.0


@dataclass(frozen=True, slots=True)
class Live:
    """A server process: where it listens, and a key of its site."""

    port: int
    token: str
    environment: dict[str, str]

    def events(self) -> list[RecordedEvent]:
        """The whole log of the site, unsealed, read beside the server."""
        settings = Settings.from_environment(self.environment)
        stores = open_stores(settings.database_url)
        log = SqlEventLog(stores, KeyStore(stores.keys, settings.secret_key), SettableClock())
        try:
            return log.read(SITE, 0, 10_000, unseal=True)
        finally:
            log.close()
            stores.close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """`rationale web` on a free port, over an empty database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RATIONALE_")}
    environment = {**kept, "RATIONALE_DATA_DIR": str(tmp_path / "data")}
    _run(environment, "migrate")
    token = _run(environment, "keys", "create", "--site=shop", "--scope=ingest")
    port = _free_port()
    command = [sys.executable, "-m", "app", "web", "--host=127.0.0.1", f"--port={port}"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _await(port, process, tmp_path / "server.log")
        yield Live(port, token, environment)
    finally:
        process.terminate()
        process.wait(WAIT_S)


def test_each_message_is_in_the_log_once_whatever_got_lost(live: Live) -> None:
    mishaps = [REFUSED, UNANSWERED, LOST, UNANSWERED]
    failed: list[Any] = []
    with flaky_proxy(live.port, mishaps) as (host, proxy):
        client = Client(
            live.token, host=host, gzip=True, upload_size=20, upload_interval=0.1, timeout=10,
            on_error=lambda error, batch: failed.append(error),
        )  # fmt: skip
        _speak(client)
        client.flush()
        client.shutdown()
        assert failed == []
        assert proxy.spent
        assert set(proxy.statuses) == {200}
    sent = live.events()
    ids = Counter(event.data["message_id"] for event in sent if "message_id" in event.data)
    assert set(ids.values()) == {1}
    kinds = Counter(event.topic for event in sent if "message_id" in event.data)
    assert kinds == {
        "InteractionRecorded": 63, "ShopperIdentified": 1, "ShopperGrouped": 1,
        "OrderCompleted": 1, "OrderRefunded": 1,
    }  # fmt: skip
    assert Counter(event.topic for event in sent)["IdentitiesLinked"] == 2
    viewed = [e.data["products"][0]["sku"] for e in sent if e.data.get("event") == "Product Viewed"]
    assert sorted(viewed) == sorted(f"sku-{index}" for index in range(60))
    assert [event.position for event in sent] == list(range(1, len(sent) + 1))
    assert not any(event.topic == "MessageQuarantined" for event in sent)


def test_a_moment_that_the_client_names_is_when_it_happened(live: Live) -> None:
    client = Client(live.token, host=f"http://127.0.0.1:{live.port}", sync_mode=True)
    moment = datetime.now(UTC) - timedelta(days=30)
    client.track("anna", "Product Viewed", {"sku": "s"}, timestamp=moment)
    event = live.events()[-1]
    offset = abs(event.occurred_at - moment.timestamp() * 1e6)
    assert offset < 60e6
    assert event.data["message_id"]


def _speak(client: Client) -> None:
    client.identify("anna", {"vip": True, "score": 2.5}, anonymous_id="browser-1")
    for index in range(60):
        product = {"sku": f"sku-{index}", "price": 12.5, "currency": "USD"}
        client.track("anna", "Product Viewed", product, anonymous_id="browser-1")
    client.page("anna", "shop", "Home", {"url": "https://shop.example/"})
    client.screen("anna", "shop", "Home")
    client.group("anna", "wholesale", {"plan": "gold"})
    client.alias("browser-0", "anna")
    order = {"order_id": "1001", "currency": "USD", "total": 25}
    client.track("anna", "Order Completed", {**order, "products": [{"sku": "s", "price": 25}]})
    client.track("clerk", "Order Refunded", {**order, "total": 5})


def _run(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "app", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
