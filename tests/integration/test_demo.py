"""The demo over a sixth of the customers: it must hold from the history to the verified chain."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.commands.keys import issued_key
from app.config import Settings
from app.database import migrate
from app.database import open_stores
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from demo.online_retail import Retail
from demo.run import SITE
from demo.run import Demo
from demo.shop import Shop


class ASixth(Retail):
    """Every sixth customer, and no guests."""

    def messages(self) -> Iterator[dict[str, Any]]:
        """Those whose number says so."""
        for message in super().messages():
            if int(message.get("userId", 1)) % 6 == 0:
                yield message


def test_the_demo_holds_from_real_history_to_the_verified_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.run.CARTS", 60)
    settings = Settings.from_environment({"RATIONALE_DATA_DIR": str(tmp_path)})
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    migrate(stores)
    stores.close()
    services = build(settings)
    text = io.StringIO()
    try:
        key = issued_key(services, SITE, tuple(sorted(SCOPES - {"collect"})), "test").token
        shop = Shop(create_app(services), key)
        retail = ASixth(datetime.now(UTC))
        held = Demo(services, shop, Console(file=text, width=200), retail, views=1_500).run()
    finally:
        services.close()
    printed = text.getvalue()
    assert held, printed
    for wanted in (
        "Tea time",
        "Good to see you again",
        "WELCOME10: applied",
        "Free delivery",
        "most-purchased   readiness",
        "“Kitchen” orders the category by what is most purchased.",
        "ROSES REGENCY TEACUP AND SAUCER is pinned to place 1.",
        "REGENCY TEA PLATE ROSES is boosted because of the segment “Loyal",
        "“Kitchen”, from further up, orders the category",
        "Often bought together (bought-bought)",
        "Others also looked at (viewed-viewed)",
        "bought with it, orders ",
    ):
        assert wanted in printed
    assert "NO" not in printed.split("What was done")[1]
