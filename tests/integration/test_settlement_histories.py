"""Whatever happened to orders, in whatever order: counters are what the log says, and stay so."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from app.commands.keys import issued_key
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from decisions.cart import decide_cart
from decisions.redemptions import redeem
from decisions.redemptions import reduce
from decisions.redemptions import release
from decisions.reservations import release_expired
from decisions.reserving import reserve
from decisions.settlement import GRACE_S
from decisions.settlement import settle
from decisions.uses_of_log import UsesOfLog
from projections import order_events
from tests.fakes import SettableClock
from tests.published import publish
from tests.settlement_given import coupon_rule

CAMPAIGN = {"name": "spring", "uses_total": 4, "budget": {"amount": "7.00"}}
RULES = {
    "a": {
        **coupon_rule("ONE", uses_per_coupon=2),
        "budget": {"amount": "5.00"},
        "campaign": CAMPAIGN,
    },
    "b": {**coupon_rule("TWO", uses_per_customer=1), "uses_total": 3, "campaign": CAMPAIGN},
}
ACTS = [
    "reserve",
    "reserve edited",
    "redeem",
    "edit",
    "release",
    "reduce",
    "complete",
    "update",
    "refund",
    "cancel",
    "settle",
    "late",
]
steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.sampled_from(["o-1", "o-2", "o-3"]),
        st.sampled_from(["ada", "bob"]),
        st.sampled_from([[], ["ONE"], ["two"], ["ONE", "TWO"], ["WRONG"]]),
    ),
    min_size=3,
    max_size=14,
)
NUMBERS = itertools.count(1)


class History:
    """A site of its own, where things happen to three orders."""

    def __init__(self, services: Services, clock: SettableClock) -> None:
        self.services, self.clock, self.means = services, clock, services.means
        self.site = SiteId(f"site-{next(NUMBERS)}")
        issued_key(services, self.site, ("decide",), "test")
        publish(services.stores.log, self.site, cart_rules=RULES)
        self._count = 0

    def act(self, what: str, order: str, customer: str, codes: list[str]) -> None:
        """One step; a refusal is an answer too."""
        self.clock.advance(20 * SECOND)
        with suppress(Conflict, InvalidValue, NotFound):
            self._act(what, order, customer, codes)

    def _act(self, what: str, order: str, customer: str, codes: list[str]) -> None:
        if what in {"reserve", "redeem", "edit", "reserve edited"}:
            decision = self.decide(customer, codes, order if "edit" in what else None)
            asked = {"decision_id": decision, "order_id": order}
            if what in {"redeem", "edit"}:
                redeem(self.means, self.site, asked, _no_key, edited=what == "edit")
            else:
                reserve(self.means, self.site, decision, 60, _no_key)
        elif what == "release":
            release(self.means, self.site, order, _no_key)
        elif what == "reduce":
            reduce(self.means, self.site, order, "3.00", _no_key)
        elif what == "settle":
            self.settle()
        elif what == "late":
            release_expired(self.means, self.site)
        else:
            self.tell(what, order, customer, codes)

    def decide(self, customer: str, codes: list[str], edited: str | None) -> str:
        cart: dict[str, Any] = {
            "cart_id": "c",
            "currency": "USD",
            "shopper": {"customer_id": customer},
            "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
            "coupons": codes[:1],
            **({"replaces_order": edited} if edited else {}),
        }
        return decide_cart(self.means, self.site, cart, lambda _: None).record.decision_id

    def tell(self, what: str, order: str, customer: str, codes: list[str]) -> None:
        """An order's own event, as intake records it."""
        self._count += 1
        keys = self.services.keys
        data: dict[str, Any] = {"order": keys.digest(self.site, "order", order), "trust": "server"}
        data["user_id"] = customer
        if what in {"complete", "update"}:
            data |= {"currency": "USD", "total_minor": 2_000, "coupons": codes}
        if what == "refund":
            data |= {"currency": "USD", "total_minor": 700}
        topic = {"complete": "Completed", "update": "Updated", "refund": "Refunded"}
        shopper = keys.of(self.site, "customer", customer)
        stream = stream_id(self.site, "message", str(self._count))
        event = NewEvent(stream, 1, f"Order{topic.get(what, 'Cancelled')}", data, shopper)
        self.services.log.append(Append(self.site, (event,)))

    def settle(self) -> None:
        """The job over all that waits, without noting how far it came."""
        self.clock.advance(GRACE_S * SECOND)
        self.services.follower.catch_up(self.site)
        now = self.clock.now()
        with self.services.stores.read.connect() as connection:
            waiting = order_events.waiting(connection, self.site, now, 1_000)
            histories = [
                order_events.of_order(connection, self.site, one.order, one.position)
                for one in waiting
            ]
        for history in histories:
            settle(self.means, self.site, history)

    def counters(self) -> dict[str, int]:
        with self.services.stores.log.connect() as connection:
            rows = connection.exec_driver_sql("SELECT site, key, used FROM counters").fetchall()
        return {key: used for site, key, used in rows if site == self.site and used}

    def of_log(self) -> dict[str, int]:
        head = self.services.log.head(self.site).position
        return UsesOfLog(self.services.log, self.site).at(head, 0)


@pytest.fixture(scope="module")
def world(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Services, SettableClock]]:
    folder = tmp_path_factory.mktemp("histories")
    for file in sqlite_template.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    environment = {
        "RATIONALE_DATA_DIR": str(folder),
        "RATIONALE_DATABASE_URL": f"sqlite:///{folder / 'rationale.db'}",
    }
    clock = SettableClock()
    services = build(Settings.from_environment(environment), clock)
    yield services, clock
    services.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_any_history_leaves_the_counters_that_its_log_tells(
    world: tuple[Services, SettableClock], history: list[tuple[str, str, str, list[str]]]
) -> None:
    told = History(*world)
    for step in history:
        told.act(*step)
        assert told.counters() == told.of_log()
    told.settle()
    assert told.counters() == told.of_log()
    assert all(used >= 0 for used in told.counters().values())
    head = told.services.log.head(told.site).position
    told.settle()  # everything is looked at again
    assert told.services.log.head(told.site).position == head
    for order in ("o-1", "o-2", "o-3"):
        with suppress(NotFound):
            release(told.means, told.site, order, _no_key)
    told.clock.advance(61 * SECOND)
    release_expired(told.means, told.site)
    assert told.counters() == told.of_log() == {}


def _no_key(status: int, body: dict[str, Any]) -> None:
    """No Idempotency-Key was sent."""
