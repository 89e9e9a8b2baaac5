"""A file of codes, kept in the log before its batch is asked for.

It waits in a temporary file until its last byte is there: of a stream that breaks off nothing is
kept. Rows that cannot be codes are refused here, by line; whether a code is taken is found out when
its chunk is added. Who is killed while chunks are written leaves some of them in the log; nobody
reads them, as only a batch names an upload (`unasked`).
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from aggregates.coupon import CHUNK_CODES
from aggregates.coupon import UPLOADED
from aggregates.coupon import upload_stream
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import BODY_BYTES_MAX
from aggregates.kernel.limits import COUPON_BATCH_CODES_MAX
from aggregates.kernel.limits import COUPON_CODE_LENGTH_MAX
from aggregates.log import Append
from aggregates.log import NewEvent
from app.coupons.expiry import expiry_of
from app.eventlog.tables import events
from app.intake.rows import Stream
from projections import coupon_batches
from projections import sites
from rulesets.coupon_codes import malformed

if TYPE_CHECKING:
    from app.wiring import Services

COLUMNS = ("code", "expires_at", "uses_per_coupon", "uses_per_customer")
_UPLOAD_BITS = 128
_IN_MEMORY = 1_000_000  # bytes of a file before it goes to disk: a chunk is some 30 kB
_NUMBER_DIGITS_MAX = 15  # whole numbers that JSON carries without doubt


@dataclass(slots=True)
class Uploaded:
    """What was kept: so many chunks in the stream of `upload`, all of them after the position
    `after` and up to `upto`."""

    upload: str
    after: int
    upto: int = 0
    chunks: int = 0
    rows: int = 0


@dataclass(slots=True)
class _Chunk:
    """Rows of one event: [line, code, expires_at, uses_max, customer_uses_max], and those that are
    refused: [line, error code, what stood there]."""

    rows: list[list[Any]] = field(default_factory=list)
    refused: list[list[Any]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.rows) + len(self.refused)

    def line(self) -> bytes:
        """As one line of JSON."""
        return orjson.dumps({"rows": self.rows, "refused": self.refused}) + b"\n"


def upload(services: Services, site: SiteId, rule_id: str, stream: Stream) -> Uploaded:
    """Keeps the rows of a CSV stream; InvalidInput if it is none or has too many."""
    with services.stores.log.connect() as connection:
        zone = ZoneInfo(sites.get(connection, site).settings.time_zone)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        rows = _spooled(stream, zone, spool)
        spool.seek(0)
        head = services.log.head(site).position
        done = Uploaded(f"{services.random.bits(_UPLOAD_BITS):032x}", head, rows=rows)
        for line in spool:
            _keep(services, site, rule_id, done, orjson.loads(line))
    return done


def unasked(connection: Connection, site: SiteId) -> int:
    """How many events of uploads no batch names: their process was killed while it wrote them, or
    is writing them now. They have no effect."""
    named = {
        upload_stream(site, upload).bytes for upload in coupon_batches.uploads(connection, site)
    }
    counted = (
        select(events.c.stream_id, func.count())
        .where(events.c.site == site, events.c.topic == UPLOADED)
        .group_by(events.c.stream_id)
    )
    return sum(count for stream, count in connection.execute(counted) if bytes(stream) not in named)


def _spooled(stream: Stream, zone: ZoneInfo, spool: IO[bytes]) -> int:
    """Writes the chunks of a stream into a file, one a line; how many rows they have."""
    chunk, count = _Chunk(), 0
    for line, values in _rows(stream):
        count += 1
        if count > COUPON_BATCH_CODES_MAX:
            detail = f"at most {COUPON_BATCH_CODES_MAX} codes in one import"
            raise InvalidInput([Problem("", "too_many_codes", detail)], detail)
        _take(chunk, line, values, zone)
        if chunk.size == CHUNK_CODES:
            spool.write(chunk.line())
            chunk = _Chunk()
    if chunk.size:
        spool.write(chunk.line())
    return count


def _keep(
    services: Services, site: SiteId, rule_id: str, done: Uploaded, chunk: dict[str, Any]
) -> None:
    done.chunks += 1
    data = {"upload": done.upload, "rule_id": rule_id, **chunk}
    event = NewEvent(upload_stream(site, done.upload), done.chunks, UPLOADED, data)
    done.upto = services.log.append(Append(site, (event,))).log_position


def _take(chunk: _Chunk, line: int, values: dict[str, str], zone: ZoneInfo) -> None:
    code = values.get("code", "")
    try:
        if malformed(code):
            detail = "1 to 64 visible signs without spaces"
            raise InvalidValue("malformed_code", detail)
        expires = values.get("expires_at")
        limits = [None if not expires else expiry_of(expires, zone)]
        limits += [_count(values.get(name)) for name in COLUMNS[2:]]
    except InvalidValue as error:
        chunk.refused.append([line, error.code, code[:COUPON_CODE_LENGTH_MAX].replace("\0", "")])
    else:
        chunk.rows.append([line, code, *limits])


def _count(text: str | None) -> int | None:
    """A number of uses; nothing and 0 are what the rule says."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS_MAX):
        raise InvalidValue("not_a_whole_number", "a whole number from 0 on")
    return int(text) or None


def _rows(stream: Stream) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by column, with its line."""
    text = io.TextIOWrapper(
        io.BufferedReader(_Raw(stream)), "utf-8-sig", errors="replace", newline=""
    )
    reader = csv.reader(text)
    try:
        names = _header(next(reader, []))
        for cells in reader:
            if cells:
                yield reader.line_num, _by_column(names, cells)
    except csv.Error as error:
        detail = f"not CSV that can be read at line {reader.line_num}: {error}"
        raise InvalidInput([Problem("", "line_too_long", detail)], detail) from None


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if "code" not in names or set(names) - set(COLUMNS) or len(set(names)) < len(names):
        detail = f"the first line names the columns: code, and any of {', '.join(COLUMNS[1:])}"
        raise InvalidInput([Problem("", "unknown_columns", detail)], detail)
    return names


def _by_column(names: list[str], cells: list[str]) -> dict[str, str]:
    """A row with more cells than columns has no code that could be trusted."""
    if len(cells) > len(names):
        return {}
    return {name: cell.strip() for name, cell in zip(names, cells, strict=False)}


class _Raw(io.RawIOBase):
    """A stream of ours as one of Python's, whose lines have an end."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._line_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._stream.read(len(buffer))
        ended = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line_bytes = len(data) - ended - 1 + (self._line_bytes if ended < 0 else 0)
        if self._line_bytes > BODY_BYTES_MAX:
            detail = f"a line has more than {BODY_BYTES_MAX} bytes"
            raise InvalidInput([Problem("", "line_too_long", detail)], detail)
        buffer[: len(data)] = data
        return len(data)
