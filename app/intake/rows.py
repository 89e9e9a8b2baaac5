"""Rows of a stream or file: NDJSON or CSV, plain or gzipped, one at a time.

A row that cannot be read is a row all the same: whoever handles it hears why from `read`, and goes
on with the next one. Only a line longer than a request may be stops the whole.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Generator
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import BinaryIO
from typing import Protocol
from typing import cast

import orjson

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import BODY_BYTES_MAX
from aggregates.kernel.limits import JSON_DEPTH_MAX
from app.intake.nuls import nul_or_reserved


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` counts from 1, as an editor does."""

    line: int
    text: bytes | None = None
    values: dict[str, Any] | None = None

    def read(self) -> dict[str, Any]:
        """The row's object; InvalidInput if it is none."""
        document = self.values if self.text is None else _parsed(self.text)
        if document.__class__ is not dict:
            raise _refused("wrong_type", "a line is one JSON object")
        try:
            nul_or_reserved(document)
        except InvalidValue as error:
            raise InvalidInput([error.at("")]) from None
        return cast(dict[str, Any], document)


def lines_of(stream: Stream, chunk: int = 65_536) -> Iterator[Row]:
    """The NDJSON rows of a byte stream; blank lines are skipped."""
    rest = b""
    line = 0
    while data := stream.read(chunk):
        *whole, rest = (rest + data).split(b"\n")
        for text in whole:
            line += 1
            if text.strip():
                yield Row(line, text)
        if len(rest) > BODY_BYTES_MAX:
            raise _refused("line_too_long", f"line {line + 1} has more than {BODY_BYTES_MAX} bytes")
    if rest.strip():
        yield Row(line + 1, rest)


class FileRows:
    """The rows of a file: `.csv` or `.csv.gz` by its header, everything else as NDJSON. Whoever
    goes through them may ask meanwhile how far into the file they are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw: BinaryIO | None = None
        self._reached = 0
        names = [suffix.lower() for suffix in path.suffixes]
        self._zipped = names[-1:] == [".gz"]
        self.form = "csv" if ".csv" in names[-2:] else "ndjson"
        """How the file is read; the same bytes read another way are other rows."""

    @property
    def reached(self) -> int:
        """How many bytes of the file were read."""
        return self._reached if self._raw is None else self._raw.tell()

    def __iter__(self) -> Generator[Row]:
        """Closes the file at its end, or when the generator is closed."""
        with (
            self._path.open("rb") as raw,
            gzip.open(raw) if self._zipped else nullcontext(raw) as plain,
        ):
            self._raw = raw if raw.seekable() else None
            try:
                yield from self._rows(cast(BinaryIO, plain))
            finally:
                self._reached, self._raw = self.reached, None

    def _rows(self, stream: BinaryIO) -> Iterator[Row]:
        try:
            yield from _csv_rows(stream) if self.form == "csv" else lines_of(stream)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise _refused("malformed_gzip", "the file is not a whole gzip") from None
        except csv.Error as error:
            raise _refused("line_too_long", f"not CSV that can be read: {error}") from None


def _csv_rows(stream: BinaryIO) -> Iterator[Row]:
    """Each row by its column's name; an empty cell is absent."""
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
    try:
        reader = csv.DictReader(text)
        for values in reader:
            cells = {name: cell for name, cell in values.items() if name and cell}
            yield Row(reader.line_num, values=cells)
    finally:
        text.detach()  # closing it would close the file, of which is asked how far it was read


def _parsed(text: bytes) -> Any:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _refused("malformed_json", f"not JSON at column {error.colno}") from None
    if text.count(b"{") + text.count(b"[") > JSON_DEPTH_MAX and _depth(document) > JSON_DEPTH_MAX:
        raise _refused("too_deep", f"JSON nests at most {JSON_DEPTH_MAX} levels")
    return document


def _depth(value: Any) -> int:
    level = [value]
    depth = 0
    while level := [item for item in level if item.__class__ in (dict, list)]:
        depth += 1
        level = [
            child for item in level for child in (item.values() if item.__class__ is dict else item)
        ]
    return depth


def _refused(code: str, sentence: str) -> InvalidInput:
    return InvalidInput([Problem("", code, sentence)], sentence)
