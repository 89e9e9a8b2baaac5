"""Fakes of what the edge stands on: a log that only keeps answers, and keys in memory."""

from __future__ import annotations

from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Appended
from aggregates.log import StoredAnswer
from app.edge.callers import StoredKey
from app.edge.callers import digest_of

PEPPER = b"a pepper for tests"
SITE = SiteId("shop")


class AnswerLog:
    """As much of an EventLog as the edge uses."""

    def __init__(self) -> None:
        self.units: list[Append] = []
        self.answers: dict[str, StoredAnswer] = {}

    def append(self, unit: Append) -> Appended:
        if unit.once is not None:
            if unit.once.scope in self.answers:
                raise AlreadyDone(self.answers[unit.once.scope])
            row = unit.once
            stored = StoredAnswer(row.request, row.status, row.body, len(self.units) + 1)
            self.answers[row.scope] = stored
        self.units.append(unit)
        return Appended((), len(self.units), 0)

    def stored_answer(self, site: SiteId, scope: str) -> StoredAnswer | None:
        return self.answers.get(scope)


class Keys:
    """Issued keys in memory; counts how often it is asked."""

    def __init__(self) -> None:
        self.stored: dict[str, StoredKey] = {}
        self.asked = 0

    def issue(self, key_id: str, *scopes: str) -> str:
        token = f"rk_{key_id}_{key_id}secret"
        digest = digest_of(PEPPER, token).hex()
        self.stored[key_id] = StoredKey(SITE, frozenset(scopes), digest)
        return token

    def lookup(self, key_id: str) -> StoredKey | None:
        self.asked += 1
        return self.stored.get(key_id)
