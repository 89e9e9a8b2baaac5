"""Structured logs: one JSON object a line on standard error, and nothing personal in any of them.

A line carries event names, ids that the service itself made, routes as patterns, codes and
durations. It never carries a path, a query, a body, a header, or the message of an exception,
since each of them may quote what a client sent. ERROR means that a human must act.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any
from typing import BinaryIO
from typing import cast

import orjson
import structlog
from structlog.typing import EventDict

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import SystemClock
from aggregates.kernel.clock import format_moment

FRAMES_MAX = 12
_INFO = 20
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(level: str = "info", stream: BinaryIO | None = None) -> None:
    """Sends structlog's lines, and the standard library's warnings, to standard error as JSON."""
    target = stream or cast(BinaryIO, _StandardError())
    _lines.sink = structlog.BytesLogger(target) if _LEVELS[level] <= _INFO else None
    structlog.configure(
        processors=[_stamp, structlog.processors.add_log_level, _render],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    handler = LibraryHandler()
    handler.setLevel(logging.WARNING)
    logging.root.handlers = [handler]


def request_line(fields: dict[str, Any]) -> None:
    """One INFO line, past structlog's processors: it is written for every request."""
    if _lines.sink is not None:
        fields["at"] = _lines.now()
        fields["level"] = "info"
        _lines.sink.msg(orjson.dumps(fields))


def failure(event: str, error: BaseException, **known: Any) -> None:
    """One ERROR line about an exception: its class and where it came from, not what it says."""
    structlog.get_logger().error(event, error=_class(error), where=_where(error), **known)


class _StandardError:
    """Standard error as it is when a line is written, since it may have been replaced meanwhile."""

    def write(self, line: bytes) -> int:
        return sys.stderr.buffer.write(line)

    def flush(self) -> None:
        sys.stderr.buffer.flush()


class _Lines:
    """Where request lines go; nowhere until `configure`."""

    sink: structlog.BytesLogger | None = None
    _second = 0
    _text = ""

    def now(self) -> str:
        """The moment as text; the part before the point is made once a second."""
        moment = SystemClock().now()
        second, micros = divmod(moment, SECOND)
        if second != self._second:
            self._text, self._second = format_moment(second * SECOND)[:20], second
        return f"{self._text}{micros:06}Z"


_lines = _Lines()


class LibraryHandler(logging.Handler):
    """Lines of libraries: the logger, the bare message and the place, never the arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"logger": record.name, "message": str(record.msg)[:300]}
        if record.exc_info and record.exc_info[1] is not None:
            fields |= {
                "error": _class(record.exc_info[1]),
                "where": _where(record.exc_info[1]),
            }
        level = record.levelname.lower()
        log = structlog.get_logger()
        (log.warning if level == "warning" else log.error)("library", **fields)


def _stamp(logger: Any, method: str, event: EventDict) -> EventDict:
    event["at"] = format_moment(SystemClock().now())
    return event


def _render(logger: Any, method: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=str)


def _class(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}"


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
