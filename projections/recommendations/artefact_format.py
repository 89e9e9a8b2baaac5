"""A trained artefact as it is stored: NDJSON of canonical JSON, integers only, in packed parts.

The first line is a header: `{"kind", "scale", "type"}`. The lines after it are, by kind:

    ranked       ["sku", score, evidence...]                   best first: by (-score, sku)
    neighbours   ["sku", [["other", score, together], ...]]    by sku; neighbours by (-score, sku)

`score / scale` is the number that a person reads. The digest is over all bytes before they are
packed, so the same content is stored once, however it was cut into parts.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal

import orjson

from aggregates.kernel.canonical import canonical

Kind = Literal["ranked", "neighbours"]
RANKED: Kind = "ranked"
NEIGHBOURS: Kind = "neighbours"
NEIGHBOURS_MAX = 50
"""Neighbours kept of a product: two units of the largest size, and some for filters to drop."""
PART_BYTES = 64_000
"""Lines of one part: reading one keeps the interpreter for a millisecond or two, not longer."""
_SKU = re.compile(rb'\["((?:[^"\\]|\\.)*)"')


class Damaged(Exception):
    """The stored parts are not what the digest names; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Written:
    """An artefact ready to be stored. `lines`: how many products it has."""

    digest: str
    parts: tuple[bytes, ...]
    lines: int


def written(unit_type: str, kind: Kind, scale: int, rows: Iterable[Any]) -> Written:
    """The artefact of rows that come in its order; each row is a line."""
    digest = hashlib.sha256()
    parts: list[bytes] = []
    waiting = [canonical({"type": unit_type, "kind": kind, "scale": scale})]
    size = len(waiting[0])
    count = 0

    def pack() -> None:
        data = b"\n".join(waiting) + b"\n"
        digest.update(data)
        parts.append(zlib.compress(data))

    for row in rows:
        line = canonical(row)
        if size + len(line) > PART_BYTES:
            pack()
            waiting, size = [], 0
        waiting.append(line)
        size += len(line) + 1
        count += 1
    pack()
    return Written(digest.hexdigest(), tuple(parts), count)


@dataclass(slots=True)
class Reading:
    """Reads an artefact one part after the other, so that others may run in between."""

    digest: str
    type: str = ""
    kind: Kind = RANKED
    scale: int = 1
    lines: dict[str, bytes] = field(default_factory=dict)
    """Every line by its SKU, in the order of the artefact."""
    _hash: Any = field(default_factory=hashlib.sha256)

    def take(self, part: bytes) -> None:
        """The next part; Damaged if it cannot be one."""
        try:
            data = zlib.decompress(part)
        except zlib.error as error:
            raise self._damaged("a part does not unpack") from error
        self._hash.update(data)
        lines = data.split(b"\n")
        if not self.type:
            self._header(lines.pop(0))
        for line in lines:
            if line:
                found = _SKU.match(line)
                if found is None:
                    raise self._damaged("a line names no product")
                self.lines[_text(found[1])] = line

    def check(self) -> None:
        """Damaged unless what was read is all that the digest names."""
        if self._hash.hexdigest() != self.digest:
            raise self._damaged("parts are missing, or are not what the digest names")

    def _header(self, line: bytes) -> None:
        try:
            header = orjson.loads(line)
            self.type, self.kind, self.scale = header["type"], header["kind"], header["scale"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise self._damaged("its first line is no header") from error

    def _damaged(self, why: str) -> Damaged:
        return Damaged(f"artefact {self.digest[:16]}: {why}")


def _text(raw: bytes) -> str:
    if b"\\" not in raw:
        return raw.decode()
    text: str = orjson.loads(b'"' + raw + b'"')
    return text
