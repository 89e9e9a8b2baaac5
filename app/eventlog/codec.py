"""Events to stored states and back: `{"open": .., "sealed"?: .., "key"?: .., "v": class version}`.

`sealed` is base64 of a 12-byte nonce and the AES-GCM of the sealed fields, bound to (site, stream,
version, topic), so that it opens in no other place. `key` names the pseudonym whose key it is,
where that is not the event's own shopper; an event of nobody is sealed under its site's key. What
somebody says of another's order (`both`) is sealed under the keys of both, one over the other: to
forget either of them is enough.
"""

from __future__ import annotations

import os
from base64 import b64decode
from base64 import b64encode
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aggregates.events import VOCABULARY
from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import revive
from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from aggregates.upcasters import is_known
from aggregates.upcasters import upcast
from app.eventlog.chain import Row
from app.eventlog.keys import SITE_KEY
from app.eventlog.keys import KeyStore

_NONCE_BYTES = 12
_DECIMAL = b'"$decimal"'
Unseal = bool | Collection[str]
"""Whether to open sealed fields: of all events, or of these topics."""


class Codec:
    """Writes and reads states; asks the key store for ciphers."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def encode(self, site: SiteId, event: NewEvent) -> bytes:
        """The state to store. InvalidValue for a topic or field that is not in the vocabulary."""
        known = VOCABULARY.get(event.topic)
        if known is None:
            raise InvalidValue("unknown_topic", f"{event.topic} is no event of the vocabulary")
        is_open, is_sealed = known.open, known.sealed
        fields = event.data
        state: dict[str, Any] = {"v": known.version}
        if fields.keys() <= is_open:
            state["open"] = fields
            return canonical(state)
        sealed = {name: fields[name] for name in fields if name in is_sealed}
        state["open"] = {name: fields[name] for name in fields if name in is_open}
        if len(sealed) + len(state["open"]) != len(fields):
            strange = sorted(set(fields) - is_open - is_sealed)
            raise InvalidValue("unclassified_field", f"{event.topic} has no fields {strange}")
        if event.sealed_for is not None and event.sealed_for != event.shopper_id:
            state["key"] = event.sealed_for
            if event.shopper_id is not None:
                state["both"] = True
        state["sealed"] = self._seal(site, event, sealed)
        return canonical(state)

    def open_fields(self, state: bytes) -> dict[str, Any]:
        """The open fields as a reader of the log will see them."""
        fields: dict[str, Any] = revive(orjson.loads(state)["open"])
        return fields

    def all_fields(self, event: NewEvent, state: bytes) -> dict[str, Any]:
        """The same with the sealed ones, which only the one who seals them still has."""
        fields = self.open_fields(state)
        hidden = {name: value for name, value in event.data.items() if name not in fields}
        fields.update(revive(orjson.loads(canonical(hidden))))
        return fields

    def decode(self, rows: Sequence[Row], unseal: Unseal = False) -> list[RecordedEvent]:
        """Stored rows of one site as events; TamperedLog if a sealed part does not open."""
        states = [orjson.loads(row[8]) for row in rows]
        ciphers = self._ciphers(rows, states, unseal) if unseal else {}
        return [
            self._event(row, state, ciphers, unseal)
            for row, state in zip(rows, states, strict=True)
        ]

    def _seal(self, site: SiteId, event: NewEvent, sealed: Mapping[str, Any]) -> str:
        if event.version is None:
            raise InvalidValue("seal_without_version", "a seal is bound to the event's version")
        place = _place(site, event.stream_id.bytes, event.version, event.topic)
        blob = canonical(sealed)
        for name in _sealers(event):
            cipher = self._keys.cipher(site, name)
            if cipher is None:
                raise Erased("key_destroyed", "the person this would be sealed for was forgotten")
            nonce = os.urandom(_NONCE_BYTES)
            blob = nonce + cipher.encrypt(nonce, blob, place)
        return b64encode(blob).decode()

    def _ciphers(
        self, rows: Sequence[Row], states: Iterable[Mapping[str, Any]], unseal: Unseal
    ) -> dict[Pseudonym, AESGCM | None]:
        names = {
            name
            for row, state in zip(rows, states, strict=True)
            if "sealed" in state and _is_wanted(row[4], unseal)
            for name in _keys_of(row, state)
        }
        return self._keys.ciphers(SiteId(rows[0][0]), names) if names else {}

    def _event(
        self,
        row: Row,
        state: Mapping[str, Any],
        ciphers: Mapping[Pseudonym, AESGCM | None],
        unseal: Unseal,
    ) -> RecordedEvent:
        site, position, stream, version, topic, shopper, occurred_at, recorded_at, stored = row
        data = revive(state["open"]) if _DECIMAL in stored else state["open"]
        erased = False
        if "sealed" in state and _is_wanted(topic, unseal):
            opening = [ciphers[name] for name in _keys_of(row, state)]
            if None in opening:
                erased = True
            else:
                data = {**data, **_opened(opening, row, state["sealed"])}
        return RecordedEvent(
            SiteId(site),
            position,
            UUID(bytes=stream),
            version,
            topic,
            None if shopper is None else Pseudonym(shopper),
            occurred_at,
            recorded_at,
            upcast(topic, state["v"], data),
            erased,
            Pseudonym(state["key"]) if "key" in state else None,
            is_known(topic, state["v"]),
        )


def _is_wanted(topic: str, unseal: Unseal) -> bool:
    return unseal if isinstance(unseal, bool) else topic in unseal


def _sealers(event: NewEvent) -> list[Pseudonym]:
    """Whose keys seal an event, the innermost first."""
    names = [name for name in (event.shopper_id, event.sealed_for) if name is not None]
    return list(dict.fromkeys(names)) or [SITE_KEY]


def _keys_of(row: Row, state: Mapping[str, Any]) -> list[Pseudonym]:
    """Whose keys open it, the outermost first."""
    key = Pseudonym(state.get("key") or row[5] or SITE_KEY)
    return [key, Pseudonym(row[5])] if state.get("both") and row[5] else [key]


def _place(site: str, stream: bytes, version: int, topic: str) -> bytes:
    return canonical([site, stream.hex(), version, topic])


def _opened(ciphers: Iterable[AESGCM | None], row: Row, sealed: str) -> dict[str, Any]:
    site, position, stream, version, topic = row[:5]
    plain, place = b64decode(sealed), _place(site, stream, version, topic)
    try:
        for cipher in ciphers:
            assert cipher is not None
            plain = cipher.decrypt(plain[:_NONCE_BYTES], plain[_NONCE_BYTES:], place)
    except InvalidTag:
        detail = "a sealed part does not open in its place"
        raise TamperedLog("sealed_part_invalid", detail, position=position) from None
    fields: dict[str, Any] = orjson.loads(plain)
    return revive(fields) if _DECIMAL in plain else fields
