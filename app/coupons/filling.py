"""Filling batches: chunk by chunk, the oldest batch first, each chunk in the log once.

All who fill take the oldest open batch, and a chunk expects the version of its batch's stream. So
codes are added one chunk after the other, whatever processes are at it, and what a chunk found free
is free when it is written. It also expects the ruleset it looked for specific codes in.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

from aggregates import ruleset
from aggregates.coupon import ADDED
from aggregates.coupon import ENDED
from aggregates.coupon import GENERATED
from aggregates.coupon import UPLOADED
from aggregates.coupon import batch_stream
from aggregates.coupon import upload_stream
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from app.coupons.asking import batch_key
from projections import coupon_batches
from projections import coupons
from projections.coupon_batches import Batch
from rulesets.cart_rules import coupon_key
from rulesets.coupon_codes import Shape
from rulesets.coupon_codes import chunks_of
from rulesets.coupon_codes import codes_of_chunk

if TYPE_CHECKING:
    from app.wiring import Services

TAKEN = "coupon_taken"
_UPLOADED_AT_ONCE = 10
_LIMITS = coupons.LIMITS


class Filling:
    """Fills the batches of one site. `step` may be repeated, also by another process."""

    def __init__(self, services: Services, site: SiteId) -> None:
        self._services = services
        self._site = site
        self._uploads: dict[str, Iterator[RecordedEvent]] = {}
        self._uploaded: RecordedEvent | None = None
        self._specific: tuple[int, frozenset[str]] = (-1, frozenset())

    def next(self) -> Batch | None:
        """The batch whose turn it is, if there is any."""
        with self._services.stores.log.connect() as connection:
            return coupon_batches.oldest_open(connection, self._site)

    def step(self, batch: Batch) -> None:
        """Adds the next chunk of a batch, or ends it; nothing if another process was first, or a
        rule was published meanwhile."""
        expect = {batch_stream(self._site, batch.id): batch.version}
        event = self._end(batch, None)
        if batch.version <= _chunks(batch):
            revision = self._services.log.read_stream(
                self._site, ruleset.stream_of(self._site), last=True
            )
            expect[ruleset.stream_of(self._site)] = revision[0].version if revision else 0
            try:
                event = self._chunk(batch)
            except InvalidValue as error:
                event = self._end(batch, {"code": error.code, "detail": error.detail})
        try:
            self._services.log.append(Append(self._site, (event,), expect))
        except VersionConflict:
            return

    def _chunk(self, batch: Batch) -> NewEvent:
        filled = self._generated if batch.kind == GENERATED else self._imported
        return self._event(batch, ADDED, filled(batch))

    def _end(self, batch: Batch, error: Mapping[str, str] | None) -> NewEvent:
        data: dict[str, Any] = {"added": batch.added, "refused": batch.refused}
        if error is not None:
            data["error"] = dict(error)
        return self._event(batch, ENDED, data)

    def _event(self, batch: Batch, topic: str, data: Mapping[str, Any]) -> NewEvent:
        named = {"batch": batch.id, "rule_id": batch.rule_id}
        stream = batch_stream(self._site, batch.id)
        return NewEvent(stream, batch.version + 1, topic, {**named, **data})

    def _generated(self, batch: Batch) -> dict[str, Any]:
        spec = batch.spec
        look = (spec[name] for name in ("length", "format", "prefix", "suffix", "dash_every"))
        key = batch_key(self._services, self._site, batch)
        codes = codes_of_chunk(Shape(*look), batch.quantity, batch.version, key, self._taken)
        return {"codes": codes, **{name: spec[name] for name in _LIMITS}}

    def _imported(self, batch: Batch) -> dict[str, Any]:
        """The rows of the chunk whose codes are free; of two alike the first is."""
        sent = self._sent(batch)
        rows = sent.data["rows"]
        keys = [coupon_key(row[1]) for row in rows]
        taken = self._taken(keys)
        free, refused = [], list(sent.data["refused"])
        for row, key in zip(rows, keys, strict=True):
            if key in taken:
                refused.append([row[0], TAKEN, row[1]])
            else:
                taken.add(key)
                free.append(row)
        found: dict[str, Any] = {"codes": [row[1] for row in free]}
        for index, name in enumerate(_LIMITS, 2):
            values = [row[index] for row in free]
            found[name] = values if len(set(values)) > 1 else next(iter(values), None)
        return {**found, **({"refused": sorted(refused)} if refused else {})}

    def _sent(self, batch: Batch) -> RecordedEvent:
        """The chunk that comes next; of a batch that others went on with, those are passed by."""
        while self._uploaded is None or not self._is_next(batch, self._uploaded):
            if batch.id not in self._uploads:
                self._uploads = {batch.id: self._read(batch)}
            self._uploaded = next(self._uploads[batch.id])
        return self._uploaded

    def _is_next(self, batch: Batch, event: RecordedEvent) -> bool:
        stream = upload_stream(self._site, batch.spec["upload"])
        return event.stream_id == stream and event.version == batch.version

    def _read(self, batch: Batch) -> Iterator[RecordedEvent]:
        stream = upload_stream(self._site, batch.spec["upload"])
        after, upto = batch.spec["after"], batch.spec["upto"]
        while page := self._services.log.read(
            self._site, after, _UPLOADED_AT_ONCE, upto=upto, topics={UPLOADED}
        ):
            after = page[-1].position
            yield from (event for event in page if event.stream_id == stream)

    def _taken(self, keys: Collection[str]) -> set[str]:
        specific = self._live_specific()
        found = coupons.find(self._services.log.pinned, self._site, keys)
        return found.keys() | specific.intersection(keys)

    def _live_specific(self) -> frozenset[str]:
        """The keys of the codes of live specific rules."""
        current = self._services.revisions.current(self._site)
        if self._specific[0] != current.revision:
            codes = (rule.coupon_key for rule in current.rules.values())
            self._specific = (current.revision, frozenset(key for key in codes if key))
        return self._specific[1]


def _chunks(batch: Batch) -> int:
    if batch.kind == GENERATED:
        return chunks_of(batch.quantity)
    count: int = batch.spec["chunks"]
    return count
