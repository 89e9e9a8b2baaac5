"""A shop with a past: carts decided over HTTP, some of which became orders."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.jobs.simulations import simulations
from app.wiring import build
from tests.authors import RULE
from tests.authors import Author
from tests.fakes import NOON
from tests.fakes import SettableClock

SITE = SiteId("shop")
TEN = {**RULE, "key": "ten"}


@dataclass
class Shop:
    """An author, the clock, and what was asked of the shop so far."""

    author: Author
    clock: SettableClock
    decided: list[dict[str, Any]] = field(default_factory=list)

    def live(self, kind: str, body: dict[str, Any]) -> str:
        """Publishes a definition; its id."""
        drafted = self.author.made("PUT", f"/v1/{kind}/{body['key']}", body)
        self.author.publish((kind, drafted["id"]))
        name: str = drafted["id"]
        return name

    def decide(self, price: str = "100.00", **more: Any) -> dict[str, Any]:
        """One cart, one second later."""
        self.clock.advance(SECOND)
        line = {"line_id": "1", "sku": "a", "quantity": 1, "unit_price": price}
        cart = {"cart_id": "c", "currency": "USD", "lines": [line], **more}
        made = self.author.made("POST", "/v1/decisions/cart", cart)
        self.decided.append(made)
        return made

    def order(self, decision: dict[str, Any], order_id: str) -> None:
        """An order comes of a decision."""
        asked = {"decision_id": decision["decision_id"], "order_id": order_id}
        self.author.made("POST", "/v1/redemptions", asked)

    def asked(self, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A question over all that was decided so far."""
        self.clock.advance(SECOND)
        over = {"from": format_moment(NOON), "to": format_moment(self.clock.now())}
        return {"candidate": {"changes": list(changes)}, "over": over, **more}

    def run(self) -> None:
        """What the scheduler would do now."""
        services = self.author.services
        run = services.runs.claim(SITE, "simulations", format_moment(self.clock.now()))
        assert run is not None
        run.succeeded(simulations(services, SITE, run))

    def simulated(self, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A simulation that has ended well."""
        asked = self.author.made("POST", "/v1/simulations", self.asked(*changes, **more))
        self.run()
        found = self.author.made("GET", f"/v1/simulations/{asked['id']}")
        assert found["status"] == "succeeded", found["error"]
        return found


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Shop]:
    """Nothing is published yet."""
    with _opened(sqlite_url, tmp_path, clock) as found:
        yield found


@pytest.fixture
def stored_shop(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Shop]:
    """The same on both databases, for what is about rows."""
    with _opened(database_url, tmp_path, clock) as found:
        yield found


@contextmanager
def _opened(url: str, folder: Path, clock: SettableClock) -> Iterator[Shop]:
    environment = {"RATIONALE_DATA_DIR": str(folder), "RATIONALE_DATABASE_URL": url}
    services = build(Settings.from_environment(environment), clock)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "author").token
    yield Shop(Author(services, create_app(services).test_client(), key), clock)
    services.close()


Change = Callable[..., dict[str, Any]]


@pytest.fixture
def rule() -> Change:
    """A change of a cart rule: ten percent off everything, unless it says otherwise."""
    return lambda **more: {"kind": "cart-rules", **RULE, **more}
