"""API keys: `rk_<id>_<secret>`, kept only as an HMAC under the service's secret.

A key has 256 random bits, so a fast HMAC is enough; it is compared in constant time. Each process
remembers the keys it saw and asks the table again after `FRESH_S`: that is how long a revoked key
may still work. A key that was right is known again by a BLAKE2 under a secret of the process, which
costs a tenth of OpenSSL's HMAC in the middle of a request.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from aggregates.kernel.errors import Unauthorized
from aggregates.kernel.ids import SiteId

FRESH_S = 1.0
REMEMBERED_MAX = 10_000
SCOPES = frozenset({"ingest", "collect", "decide", "author", "audit", "admin"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the key of this request."""

    site: SiteId
    key_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as the table has it; `digest` is the hexadecimal HMAC."""

    site: SiteId
    scopes: frozenset[str]
    digest: str


@dataclass(slots=True)
class _Remembered:
    digest: bytes
    caller: Caller
    until: float
    mark: bytes = b""


class Callers:
    """Finds who calls. `lookup` reads one live key by its id, None if there is none."""

    def __init__(self, pepper: bytes, lookup: Callable[[str], StoredKey | None]) -> None:
        self._pepper = pepper
        self._lookup = lookup
        self._remembered: dict[str, _Remembered] = {}
        self._secret = secrets.token_bytes(32)

    def find(self, token: str) -> Caller:
        """The caller with this key; Unauthorized `invalid_key` otherwise."""
        key_id = token[3 : token.find("_", 3)]
        known = self._remembered.get(key_id)
        if known is None or known.until < time.monotonic():
            known = self._read(key_id)
        mark = blake2b(_encoded(token), key=self._secret, digest_size=32).digest()
        if known is not None and hmac.compare_digest(mark, known.mark):
            return known.caller
        if known is None or not hmac.compare_digest(digest_of(self._pepper, token), known.digest):
            raise Unauthorized("invalid_key", "this key is not valid")
        known.mark = mark
        return known.caller

    def _read(self, key_id: str) -> _Remembered | None:
        stored = self._lookup(key_id)
        if stored is None:
            self._remembered.pop(key_id, None)
            return None
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        caller = Caller(stored.site, key_id, stored.scopes)
        until = time.monotonic() + FRESH_S
        known = _Remembered(bytes.fromhex(stored.digest), caller, until)
        self._remembered[key_id] = known
        return known


def new_key() -> tuple[str, str]:
    """A new key's id and the whole key, which is shown once."""
    key_id = secrets.token_hex(8)
    return key_id, f"rk_{key_id}_{secrets.token_urlsafe(32)}"


def digest_of(pepper: bytes, token: str) -> bytes:
    """The HMAC of a key; the prefix keeps it apart from the pepper's other uses."""
    return hmac.digest(pepper, b"api-key\0" + _encoded(token), "sha256")


def _encoded(token: str) -> bytes:
    return token.encode("utf-8", "surrogateescape")
