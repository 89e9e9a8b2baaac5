"""A request's body as a stream of any length, plain or gzipped, for routes that are `streamed`."""

from __future__ import annotations

import zlib
from typing import Any

from flask import request

from app.edge.body import announced
from app.edge.body import cut_short
from app.edge.problems import Unreadable
from app.edge.problems import UnsupportedEncoding
from app.intake.rows import Stream

_ENDLESS = 2**63


def body_stream() -> Stream:
    """The body of the request; Unsupported if it is packed in another way."""
    encoding = request.environ.get("HTTP_CONTENT_ENCODING")
    raw = _Body(request.environ)
    if not encoding or encoding == "identity":
        return raw
    if encoding != "gzip":
        raise UnsupportedEncoding("unsupported_encoding", "send the body plain or as gzip")
    return _Unzipped(raw)


def whole_stream() -> Stream:
    """The same, where a part must never pass for the whole. A chunked body that breaks off looks
    like one that ends, so it has to be gzip, which has an end of its own; else Unreadable."""
    environ = request.environ
    if "HTTP_TRANSFER_ENCODING" in environ and environ.get("HTTP_CONTENT_ENCODING") != "gzip":
        detail = "send a Content-Length, or gzip: a chunked body cannot be told from a part of it"
        raise Unreadable("length_required", detail)
    return body_stream()


class _Body:
    """The request's bytes, as many as it announced."""

    def __init__(self, environ: dict[str, Any]) -> None:
        length = announced(environ)
        endless = length is None and "HTTP_TRANSFER_ENCODING" in environ
        self._left = length or (_ENDLESS if endless else 0)
        self._endless = endless
        self._input = environ["wsgi.input"]

    def read(self, size: int, /) -> bytes:
        """The next bytes, b"" at the end. Unreadable if it comes too early: the line that it cuts
        may look like a whole one."""
        data: bytes = self._input.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        if not data and self._left and not self._endless:
            raise cut_short()
        return data


class _Unzipped:
    """The same, unpacked piece by piece: a bomb only ever fills one piece. Several gzips in a row
    are one, as `cat a.gz b.gz` and parallel packers make them."""

    def __init__(self, packed: Stream) -> None:
        self._packed = packed
        self._unpacker = zlib.decompressobj(wbits=31)

    def read(self, size: int, /) -> bytes:
        """The next bytes, b"" at the end."""
        data = b""
        try:
            while not data:
                if self._unpacker.eof:
                    packed = self._unpacker.unused_data or self._packed.read(size)
                    if not packed:
                        break
                    self._unpacker = zlib.decompressobj(wbits=31)
                else:
                    packed = self._unpacker.unconsumed_tail or self._packed.read(size)
                if not packed:
                    raise Unreadable("malformed_gzip", "the gzip body is cut short")
                data = self._unpacker.decompress(packed, size)
        except zlib.error:
            raise Unreadable("malformed_gzip", "the body is not the gzip it says it is") from None
        return data
