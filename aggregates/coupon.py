"""Coupon codes: batches that are asked for, filled chunk by chunk, and ended.

A batch is one stream: `CouponBatchAsked` is its version 1, chunk n its version n + 1, its end the
version after the last. So a chunk is in the log once, whoever makes it, and who goes on after a
crash sees from the version where to.
"""

from __future__ import annotations

from uuid import UUID

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id

UPLOADED = "CouponRowsUploaded"
ASKED = "CouponBatchAsked"
ADDED = "CouponCodesAdded"
ENDED = "CouponBatchEnded"
DELETED = "CouponCodesDeleted"

GENERATED, IMPORTED = "generated", "imported"
"""The kinds of a batch."""

CHUNK_CODES = 1_000
"""Codes of one event: about 20 kB, and one transaction of some 10 ms."""


def batch_id(number: int) -> str:
    """`cpb_0000000007` for 7: the batches of a site are counted."""
    return f"cpb_{number:010d}"


def batch_stream(site: SiteId, batch: str) -> UUID:
    """The stream of a batch."""
    return stream_id(site, "coupon-batch", batch)


def upload_stream(site: SiteId, upload: str) -> UUID:
    """The stream of the rows that were sent for a batch which was not asked for yet."""
    return stream_id(site, "coupon-upload", upload)


def deletions_stream(site: SiteId, rule_id: str) -> UUID:
    """The stream of what was deleted of a rule's codes."""
    return stream_id(site, "coupon-deletions", rule_id)
