"""Seals beside the log: rows of read models, and answers that are kept for a repeat."""

from __future__ import annotations

import os
from base64 import b64decode
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace

import orjson

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import IdempotencyRow
from aggregates.log import StoredAnswer
from app.eventlog.keys import KeyStore

_NONCE_BYTES = 12
_KEYS_MAX = 8
"""Persons under whose own keys one answer is sealed; one about more has a key of its own."""
_SEALED = b'{"keys":'
_HEX_DIGITS = 32


class RowSeals:
    """Implements projections.seals.Seals: base64 of nonce and AES-GCM, bound to the pseudonym."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def seal(self, site: SiteId, texts: Mapping[Pseudonym, bytes]) -> dict[Pseudonym, str]:
        """Each text under the key of its pseudonym; "" where that is destroyed."""
        ciphers = self._keys.known_ciphers(site, texts.keys())
        sealed = {}
        for name, text in texts.items():
            cipher, nonce = ciphers.get(name), os.urandom(_NONCE_BYTES)
            blob = b"" if cipher is None else nonce + cipher.encrypt(nonce, text, name.encode())
            sealed[name] = b64encode(blob).decode()
        return sealed

    def open(self, site: SiteId, sealed: Mapping[Pseudonym, str]) -> dict[Pseudonym, bytes]:
        """The reverse; absent where the key is destroyed."""
        ciphers = self._keys.known_ciphers(site, sealed.keys())
        opened = {}
        for name, text in sealed.items():
            cipher, blob = ciphers.get(name), b64decode(text)
            if cipher is not None and blob:
                plain = cipher.decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], name.encode())
                opened[name] = plain
        return opened


class AnswerSeals:
    """Kept answers, under the keys of everybody they are about: to forget one of them is enough."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def sealed(self, site: SiteId, row: IdempotencyRow) -> IdempotencyRow:
        """The row as it is stored; as it is if it is about nobody. What is only about an order, or
        about many, is sealed under a key of nobody else."""
        if not row.about:
            return row
        persons = sorted(Pseudonym(name) for name in row.about if len(name) == _HEX_DIGITS)
        if not 0 < len(persons) <= _KEYS_MAX:
            persons = [self._keys.nobody(site)]
        ciphers = self._keys.known_ciphers(site, persons)
        body = row.body
        for name in persons:
            cipher, nonce = ciphers.get(name), os.urandom(_NONCE_BYTES)
            if cipher is None:
                body = b""
                break
            body = nonce + cipher.encrypt(nonce, body, row.scope.encode())
        kept = {"keys": persons, "sealed": b64encode(body).decode()}
        return replace(row, body=orjson.dumps(kept))

    def opened(self, site: SiteId, scope: str, answer: StoredAnswer) -> StoredAnswer | None:
        """The answer as it was given; None if somebody it is about was forgotten."""
        if not answer.body.startswith(_SEALED):
            return answer
        kept = orjson.loads(answer.body)
        ciphers = self._keys.known_ciphers(site, kept["keys"])
        body = b64decode(kept["sealed"])
        for name in reversed(kept["keys"]):
            cipher = ciphers.get(name)
            if cipher is None or not body:
                return None
            body = cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], scope.encode())
        return replace(answer, body=body)


def keys_of(body: bytes) -> set[Pseudonym]:
    """Under whose keys a stored answer is sealed."""
    return set(orjson.loads(body)["keys"]) if body.startswith(_SEALED) else set()
