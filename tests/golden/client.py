"""Who writes a golden log: a client of one site, and a clock that never stands still."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.wiring import Services

SCOPES = ("ingest", "decide", "author", "audit", "admin")
BEGIN = 1_795_435_200_000_000
"""2026-11-23 12:00 UTC."""
Body = dict[str, Any]


class Clock:
    """Moves half a second with every look, so that moments differ and no log stands still."""

    def __init__(self) -> None:
        self.moment = BEGIN

    def now(self) -> int:
        self.moment += 500_000
        return self.moment


class Client:
    """A key of one site. What a version does not know is refused, counted and left out."""

    def __init__(self, services: Services, client: FlaskClient, site: str) -> None:
        self.services = services
        self.site = SiteId(site)
        self.refused: list[str] = []
        self.decisions = 0
        self._client = client
        self._key = issued_key(services, site, SCOPES, "golden").token
        self._messages = 0

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer; None if it was refused."""
        sent = {"Authorization": f"Bearer {self._key}", **headers}
        answer = self._client.open(path, method=method, json=body, headers=sent)
        if answer.status_code >= 300:
            self.refused.append(f"{method} {path}: {answer.status_code} {answer.data[-300:]!r}")
            return None
        return answer.json

    def define(self, kind: str, bodies: dict[str, Body], *, again: bool = False) -> list[Body]:
        """Drafts of these bodies; what a revision publishes of them."""
        headers = {"If-Match": "*"} if again else {}
        made = [{"kind": kind, "id": key} for key in bodies]
        return [
            one
            for one, body in zip(made, bodies.values(), strict=True)
            if self.call("PUT", f"/v1/{kind}/{one['id']}", body, **headers) is not None
        ]

    def decide(self, kind: str, body: Body) -> str:
        """The id of a decision, "" if it was refused."""
        answer = self.call("POST", f"/v1/decisions/{kind}", body)
        self.decisions += answer is not None
        return answer["decision_id"] if answer else ""

    def say(self, event: str, who: Body, **more: Any) -> None:
        """One message; `event` is a track call unless it is a type of another."""
        self._messages += 1
        own = {"type": "track", "event": event, **more}
        if event in {"identify", "alias", "group"}:
            own = {"type": event, **more}
        message = {"messageId": f"m{self._messages}", **who, **own}
        self.call("POST", "/v1/batch", {"batch": [message]})

    def settle(self, **settings: Any) -> None:
        """Changes settings, one by one, so that those of later versions are refused alone."""
        for name, value in settings.items():
            now = self.call("GET", "/v1/site")
            kept = {key: one for key, one in now.items() if key != "log_position"}
            self.call("PUT", "/v1/site", {**kept, name: value})

    def follow(self) -> None:
        """Folds what was said, up to now."""
        while self.services.follower.step(self.site):
            pass
