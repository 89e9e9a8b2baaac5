"""Rows of coupon codes in the log that no batch names."""

from __future__ import annotations

from collections.abc import Iterator

from aggregates.coupon import CHUNK_CODES
from aggregates.kernel.ids import SiteId
from app.coupons.uploading import unasked
from app.doctor.finding import Finding
from app.doctor.finding import note
from app.wiring import Services


def of_coupons(services: Services, site: SiteId) -> Iterator[Finding]:
    """Uploads whose process was killed while it wrote them; nothing has to be done about them."""
    with services.stores.log.connect() as connection:
        left = unasked(connection, site)
    if left:
        what = (
            f"{site}: {left} events of coupon uploads (up to {CHUNK_CODES} rows each) belong to no"
            " batch: whoever wrote them was killed, or writes now. They have no effect; a file"
            " whose import got no answer can be sent again"
        )
        yield note("uploads", what)
