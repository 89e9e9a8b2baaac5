"""An order event that always fails holds up nobody but its own order, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner

from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from app.commands import unsettled
from app.jobs import settle as job
from app.wiring import Services
from decisions import settlement
from decisions.means import Means
from projections import unsettled_orders
from projections.order_events import OrderEvent
from projections.unsettled_orders import TRIES_MAX
from projections.unsettled_orders import Unsettled
from tests.published import publish
from tests.redemptions_given import SITE
from tests.settlement_given import Shop
from tests.settlement_given import coupon_rule

RULE_ID = "rul_0000000001"


class Broken:
    """Settlement that fails for one order until it is mended."""

    def __init__(self, services: Services, order: str, error: Exception) -> None:
        self.order, self.error, self.calls = services.keys.digest(SITE, "order", order), error, 0
        self.mended = False

    def __call__(
        self, means: Means, site: SiteId, history: Sequence[OrderEvent]
    ) -> settlement.Acted | None:
        if history[-1].order == self.order and not self.mended:
            self.calls += 1
            raise self.error
        return settlement.settle(means, site, history)


@pytest.fixture
def broken(services: Services, monkeypatch: pytest.MonkeyPatch) -> Broken:
    found = Broken(services, "o-1", KeyError("secret in here"))
    monkeypatch.setattr(job, "settle_event", found)
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    return found


def left(services: Services) -> list[Unsettled]:
    with services.stores.read.connect() as connection:
        return unsettled_orders.of_site(connection, SITE)


def uses(shop: Shop) -> int:
    return shop.counters().get(f"rule/{RULE_ID}/uses", 0)


def test_other_orders_go_on_and_those_of_the_order_wait_for_it(
    shop: Shop, services: Services, broken: Broken, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.tell("Order Completed", "o-1", coupons=["SAVE"])
    shop.tell("Order Completed", "o-2", coupons=["SAVE"])
    assert shop.settle() == "orders: 1 settled, 1 tried again in the next run"
    shop.tell("Order Cancelled", "o-1")
    shop.tell("Order Completed", "o-3", coupons=["SAVE"])
    assert shop.settle() == "orders: 1 settled, 1 tried again in the next run"
    assert (broken.calls, uses(shop)) == (2, 2)  # the cancellation was not tried by itself
    (failed,) = left(services)
    assert (failed.error, failed.tries, failed.is_aside) == ("KeyError", 2, False)
    broken.mended = True
    assert shop.run() == "orders: 1 cancelled, 1 settled"
    assert left(services) == []
    assert shop.run() == "no order had anything to settle"
    assert uses(shop) == 2


def test_an_order_that_failed_ten_times_is_set_aside_until_somebody_asks(
    shop: Shop, services: Services, broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.tell("Order Completed", "o-1", coupons=["SAVE"])
    shop.settle()
    for _ in range(TRIES_MAX + 2):
        told = shop.run()
    assert told == "orders: 1 set aside (rationale unsettled)"
    assert broken.calls == TRIES_MAX
    broken.mended = True
    assert shop.run() == told
    shop.tell("Order Updated", "o-1", coupons=["WRONG"])
    assert shop.settle() == told
    monkeypatch.setenv("RATIONALE_DATABASE_URL", services.settings.database_url)
    monkeypatch.setenv("RATIONALE_DATA_DIR", str(services.settings.data_dir))
    listed = CliRunner().invoke(unsettled.command)
    assert f"{TRIES_MAX} tries, set aside" in listed.output
    assert "secret" not in listed.output
    again = CliRunner().invoke(unsettled.command, ["--site", SITE, "--try-again"])
    assert (again.exit_code, again.output.count("1 orders")) == (0, 1)
    assert shop.run() == "orders: 1 edited, 1 settled"
    assert (left(services), uses(shop)) == ([], 0)


def test_a_database_that_is_away_sets_nothing_aside(
    shop: Shop, services: Services, broken: Broken
) -> None:
    broken.error = Unavailable("database_unavailable", "the database does not answer now")
    shop.tell("Order Completed", "o-1", coupons=["SAVE"])
    with pytest.raises(AssertionError, match="the job failed"):
        shop.settle()
    assert left(services) == []
    broken.mended = True
    assert shop.run() == "orders: 1 settled"


def test_an_event_of_no_sense_is_set_aside_and_told(
    shop: Shop, services: Services, capfd: pytest.CaptureFixture[str]
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    order = services.keys.digest(SITE, "order", "o-1")
    data: dict[str, Any] = {"order": order, "trust": "server", "coupons": [7], "currency": "USD"}
    stream = stream_id(SITE, "message", "odd")
    event = NewEvent(stream, 1, "OrderCompleted", {**data, "total_minor": 1})
    services.log.append(Append(SITE, (event,)))
    shop.tell("Order Completed", "o-2", coupons=["SAVE"])
    assert shop.settle() == "orders: 1 settled, 1 tried again in the next run"
    assert len(left(services)) == 1
