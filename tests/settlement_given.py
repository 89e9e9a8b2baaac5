"""What tests of settlement say: order events of a shop's server, and the job that looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from app.jobs.job import Job
from app.jobs.performing import perform
from app.jobs.settle import settle
from app.wiring import Services
from decisions.settlement import GRACE_S
from decisions.uses_of_log import UsesOfLog
from tests.fakes import SettableClock
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE


def coupon_rule(code: str = "SAVE", **more: Any) -> dict[str, Any]:
    """A rule with a specific code."""
    return {**RULE, "coupon": {"type": "specific", "code": code, **more}}


class Shop:
    """A shop's server: sends what it would over HTTP, and lets time pass."""

    def __init__(self, services: Services, clock: SettableClock, send: Callable[..., Any]) -> None:
        self.services = services
        self.clock = clock
        self.send = send
        self._count = 0

    def tell(self, event: str, order: str, customer: str | None = "ada", **said: Any) -> Any:
        """An order event; the moment is now unless `at` says otherwise."""
        self._count += 1
        at = said.pop("at", self.clock.now())
        properties: dict[str, Any] = {"order_id": order, **said}
        if event in {"Order Completed", "Order Updated"}:
            properties = {"currency": "USD", "total": "20.00", **properties}
        who = {"userId": customer} if customer else {"anonymousId": "browser"}
        message = {
            "type": "track",
            "event": event,
            "messageId": f"m-{self._count}",
            "timestamp": format_moment(at),
            "properties": properties,
            **who,
        }
        status, answer = self.send("POST", "/v1/batch", {"batch": [message]})
        assert (status, answer["accepted"]) == (200, 1), answer
        return answer

    def settle(self) -> str:
        """Lets the time of grace pass and runs the job."""
        self.clock.advance((GRACE_S + 1) * SECOND)
        return self.run()

    def run(self) -> str:
        """Runs the job now; its word."""
        services = self.services
        services.follower.catch_up(SITE)
        self._count += 1
        run = services.runs.claim(SITE, "settle", f"run {self._count}")
        assert run is not None
        told: list[str] = []

        def body(*given: Any) -> str:
            told.append(settle(*given))
            return told[0]

        perform(Job("settle", 60, body), services, run)
        assert told, "the job failed"
        return told[0]

    def held(self, order: str) -> Any:
        """What GET says of an order."""
        return self.send("GET", f"/v1/redemptions/{order}")[1]

    def counters(self) -> dict[str, int]:
        """The counters that are not 0, by what they count; they are what the log says."""
        with self.services.stores.log.connect() as connection:
            rows = connection.exec_driver_sql("SELECT key, used FROM counters").fetchall()
        found = {key: used for key, used in rows if used}
        head = self.services.log.head(SITE).position
        assert found == UsesOfLog(self.services.log, SITE).at(head, 0)
        return {_short(key): used for key, used in found.items()}


def _short(key: str) -> str:
    parts = key.split("/")
    return "/".join(["customer", *parts[2:]] if parts[0] == "customer" else parts)
