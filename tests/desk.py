"""An auditor's desk over HTTP: what a shop sends, and what is asked of its past."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import Services
from tests.fakes import SettableClock

SITE = SiteId("shop")


class Desk:
    """Sends with a key of every scope, or of those given."""

    def __init__(self, services: Services, clock: SettableClock) -> None:
        self.services = services
        self.clock = clock
        self._client = create_app(services).test_client()
        self._all = self.key(*SCOPES)
        self._sent = 0

    def key(self, *scopes: str) -> str:
        """A new key."""
        return issued_key(self.services, SITE, sorted(scopes), "test").token

    def call(
        self, method: str, path: str, body: Any = None, key: str = "", **headers: str
    ) -> TestResponse:
        """The whole answer."""
        sent = {"Authorization": f"Bearer {key or self._all}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.open(path, method=method, json=body, headers=sent)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """(status, JSON)."""
        answer = self.call(method, path, body, **headers)
        return answer.status_code, answer.json

    def made(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a request that succeeds."""
        status, answer = self.ask(method, path, body, **headers)
        assert status < 300, answer
        return answer

    def send(self, *messages: dict[str, Any], key: str = "") -> int:
        """Sends messages; the log position after them. Each gets an id of its own."""
        batch = []
        for message in messages:
            self._sent += 1
            batch.append({"messageId": f"m-{self._sent}", **message})
        status, answer = self.ask("POST", "/v1/batch", {"batch": batch}, key=key)
        assert status == 200, answer
        assert not answer["rejected"], answer
        return int(answer["log_position"])

    def person(self, **asked: str) -> str:
        """The person id of a customer_id or anonymous_id."""
        return str(self.made("POST", "/v1/shoppers/lookup", asked)["person"])

    @property
    def head(self) -> int:
        """The last position of the log."""
        return self.services.log.head(SITE).position

    def follow(self) -> None:
        """Brings the followed projections to the head."""
        self.services.follower.catch_up(SITE)


def identify(user: str, anonymous: str, **more: Any) -> dict[str, Any]:
    """A browser is a customer's."""
    return {"type": "identify", "userId": user, "anonymousId": anonymous, **more}
