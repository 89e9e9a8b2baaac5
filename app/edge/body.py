"""Reading a request's body: bytes within a limit, then JSON that is safe to walk and to store.

Unreadable bytes or JSON are 400, too many of them 413; a readable document that nests too deep or
holds a NUL is 422. The content type is not asked for: browsers' beacons send JSON as text/plain.
"""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from typing import Any

import orjson
from flask import request
from flask.globals import app_ctx

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import BODY_BYTES_MAX
from aggregates.kernel.limits import JSON_DEPTH_MAX
from app.edge.problems import TooLarge
from app.edge.problems import Unreadable
from app.edge.problems import UnsupportedEncoding
from app.edge.validation import escaped

_CHUNK = 65_536
_LENGTH_DIGITS = 18  # Python refuses to read very long numbers, and no body is that long


def read_json(limit_bytes: int = BODY_BYTES_MAX, *, allow_nul: bool = False) -> Any:
    """The request's JSON document. `allow_nul` leaves strings with NUL to the caller."""
    data = read_bytes(limit_bytes)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _unreadable(data, error) from None
    if data.count(b"{") + data.count(b"[") > JSON_DEPTH_MAX:  # fewer cannot nest deeper
        _refuse_depth(document)
    if not allow_nul and b"\\u0000" in data:
        _refuse_nul(document)
    return document


def read_bytes(limit_bytes: int) -> bytes:
    """The body, at most this long, after its content encoding; read once, kept for the request."""
    kept = app_ctx.g
    data: bytes | None = kept.get("body")
    if data is None:
        data = kept.body = _decoded(limit_bytes)
    if len(data) > limit_bytes:
        raise _too_large(limit_bytes)
    return data


def nul_in(value: Any, pointer: str = "") -> str | None:
    """The pointer to the first string or name that holds a NUL, if any."""
    if isinstance(value, str):
        return pointer if "\0" in value else None
    if isinstance(value, dict):
        items = ((f"{pointer}/{escaped(key)}", key, item) for key, item in value.items())
        found = (at if "\0" in key else nul_in(item, at) for at, key, item in items)
        return next((at for at in found if at is not None), None)
    if isinstance(value, list):
        places = (nul_in(item, f"{pointer}/{index}") for index, item in enumerate(value))
        return next((at for at in places if at is not None), None)
    return None


def announced(environ: dict[str, Any]) -> int | None:
    """The body's Content-Length, if it has one; Unreadable if that is no number."""
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return None
    if not length.isdecimal() or not length.isascii() or len(length) > _LENGTH_DIGITS:
        raise Unreadable("invalid_header", "Content-Length is not a number")
    return int(length)


def cut_short() -> Unreadable:
    """What a body is that ends too early."""
    return Unreadable("body_cut_short", "the body ends before its Content-Length")


def _decoded(limit_bytes: int) -> bytes:
    environ = request.environ
    data = _raw(environ, limit_bytes)
    encoding = environ.get("HTTP_CONTENT_ENCODING")
    if not encoding or encoding == "identity":
        return data
    if encoding != "gzip":
        raise UnsupportedEncoding("unsupported_encoding", "send the body plain or as gzip")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, limit_bytes + 1)
    except zlib.error:
        raise Unreadable("malformed_gzip", "the body is not the gzip it says it is") from None
    if len(plain) <= limit_bytes and not unpacker.eof:
        raise Unreadable("malformed_gzip", "the gzip body is cut short")
    if unpacker.unused_data:
        raise Unreadable("malformed_gzip", "something follows the gzip body")
    return plain


def _raw(environ: dict[str, Any], limit_bytes: int) -> bytes:
    size = announced(environ)
    stream = environ["wsgi.input"]
    if size is None:
        return _until_end(stream, limit_bytes) if "HTTP_TRANSFER_ENCODING" in environ else b""
    if size > limit_bytes:
        raise _too_large(limit_bytes)
    data: bytes = stream.read(size)
    if len(data) < size:
        raise cut_short()
    return data


def _until_end(stream: Any, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size <= limit_bytes and (part := stream.read(_CHUNK)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge("body_too_large", f"at most {limit_bytes} bytes", limit=limit_bytes)


def _unreadable(data: bytes, error: orjson.JSONDecodeError) -> Unreadable:
    """Says why a body is no JSON; the slow parser is asked only here."""
    if not data.strip():
        return Unreadable("malformed_json", "the body is empty")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return Unreadable("not_utf8", "the body is not UTF-8")
    odd: list[str] = []
    with suppress(ValueError, RecursionError):  # no JSON for this one either: orjson said where
        json.loads(text, parse_constant=odd.append)
        if odd:
            return Unreadable("not_json_number", f"{odd[0]} is not a JSON number")
    if "surrogate" in error.msg:
        return Unreadable("lone_surrogate", "a string holds half of a surrogate pair")
    if "infinity" in error.msg:
        return Unreadable("number_out_of_range", "a number is larger than a double holds")
    if "depth" in error.msg:
        return Unreadable("too_deep", f"JSON nests at most {JSON_DEPTH_MAX} levels")
    return Unreadable("malformed_json", f"not JSON at line {error.lineno}, column {error.colno}")


def _refuse_depth(document: Any) -> None:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(JSON_DEPTH_MAX):
        level = [
            child
            for item in level
            for child in (item.values() if item.__class__ is dict else item)
            if child.__class__ is dict or child.__class__ is list
        ]
        if not level:
            return
    detail = f"JSON nests at most {JSON_DEPTH_MAX} levels"
    raise InvalidInput([Problem("", "too_deep", detail)])


def _refuse_nul(document: Any) -> None:
    pointer = nul_in(document)
    if pointer is not None:
        raise InvalidInput([Problem(pointer, "nul_in_string", "a string holds a NUL")])
