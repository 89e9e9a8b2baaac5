"""The eventsourcing library's recorder over the log of one site: the other entrance to one append.

It refuses what units absorb: a (stream, version) that exists raises IntegrityError, as the library
expects. Notification ids are positions. States are stored as they are given.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.persistence import IntegrityError
from eventsourcing.persistence import Notification
from eventsourcing.persistence import ProgrammingError
from eventsourcing.persistence import StoredEvent
from eventsourcing.persistence import Subscription

from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.ids import SiteId
from app.eventlog.log import SqlEventLog
from app.eventlog.reads import NO_END

_POLL_S = 0.01
_PAGE = 500


class SiteRecorder(ApplicationRecorder):
    """Bound to one site. Use one SqlEventLog for a process, not one for each recorder."""

    def __init__(self, log: SqlEventLog, site: SiteId) -> None:
        self._log = log
        self._site = site

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """The positions of the events, all of which went in."""
        if kwargs.get("tracking") is not None:
            msg = "positions of followed projections are kept by projections.positions"
            raise ProgrammingError(msg)
        rows = [
            (_uuid(event.originator_id), event.originator_version, event.topic, event.state)
            for event in stored_events
        ]
        try:
            return self._log.append_stored(self._site, rows)
        except DuplicateEvent as error:
            raise IntegrityError(error.detail) from error

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """A stream by version."""
        stream = _uuid(originator_id)
        found = [
            StoredEvent(stream, row[3], row[4], row[8])
            for row in self._log.reads.stream(self._site, stream.bytes, NO_END, last=False)
            if (gt is None or row[3] > gt) and (lte is None or row[3] <= lte)
        ]
        return (found[::-1] if desc else found)[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The site's log from a position on."""
        after = 0 if start is None else start - inclusive_of_start
        upto = NO_END if stop is None else stop
        rows = self._log.reads.page(self._site, after, upto, limit, topics=topics or None)
        return [Notification(UUID(bytes=r[2]), r[3], r[4], r[8], id=r[1]) for r in rows]

    def max_notification_id(self) -> int | None:
        """The last position; None of an empty log."""
        return self._log.head(self._site).position or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Every event after a position, also those still to come."""
        return PollingSubscription(recorder=self, gt=gt, topics=topics)


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Asks the log again and again: it works alike on both databases and loses nothing."""

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None, topics: Sequence[str]
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._page: deque[Notification] = deque()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._page:
                self._last_notification_id = self._page[0].id
                return self._page.popleft()
            after = self._last_notification_id or 0
            self._page.extend(
                self._recorder.select_notifications(
                    after, _PAGE, topics=self._topics, inclusive_of_start=False
                )
            )
            if not self._page:
                time.sleep(_POLL_S)
        raise StopIteration


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
