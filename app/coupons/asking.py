"""Asking for a batch of codes; the job `coupons` fills it.

Each batch has a random seed in its event. Its codes follow from that and from the site's secret, so
a chunk that is made again is the same one, and nobody who only reads the log can tell codes that
were not made yet.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from aggregates.coupon import ASKED
from aggregates.coupon import GENERATED
from aggregates.coupon import IMPORTED
from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import COUPON_CODE_LENGTH_MAX
from aggregates.log import Append
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from app.coupons.expiry import expiry_of
from app.coupons.uploading import Uploaded
from app.coupons.views import batch_view
from projections import coupon_batches
from projections import definition_reads
from projections import revisions
from projections import sites
from projections.coupon_batches import Batch
from rulesets.coupon_codes import Shape
from rulesets.coupon_codes import long_enough
from rulesets.coupon_codes import malformed

if TYPE_CHECKING:
    from app.wiring import Services

Once = Callable[[int, Mapping[str, Any]], IdempotencyRow | None]
_KIND = "cart-rules"
_ATTEMPTS = 100
_SEED_BITS = 256


@dataclass(frozen=True, slots=True)
class Author:
    """Who asks and why, and how the answer is kept."""

    key_id: str
    once: Once
    note: str | None


Asked = tuple[dict[str, Any], int]
"""The batch as answers show it, and the log position."""


def rule_with_codes(connection: Connection, site: SiteId, name: str) -> str:
    """The id of a saved rule whose coupons are generated; NotFound or Conflict otherwise."""
    stored = definition_reads.get(connection, site, _KIND, name)
    body = revisions.bodies(connection, site, [stored.digest])[stored.digest]
    if (body.get("coupon") or {}).get("type") != GENERATED:
        detail = "only a rule whose coupon is of type generated has a list of codes"
        raise Conflict("coupon_not_generated", detail)
    return stored.id


def ask_generated(
    services: Services, site: SiteId, rule: str, asked: Mapping[str, Any], author: Author
) -> Asked:
    """A batch of so many random codes. The length is raised where guesses would be right too
    often."""
    with services.stores.log.connect() as connection:
        rule_id = rule_with_codes(connection, site, rule)
        zone = ZoneInfo(sites.get(connection, site).settings.time_zone)
    quantity = asked["quantity"]
    shape = _shape(asked, quantity)
    spec = {
        "length": shape.length,
        "format": shape.format,
        "prefix": shape.prefix,
        "suffix": shape.suffix,
        "dash_every": shape.dash_every,
        "seed": f"{services.random.bits(_SEED_BITS):064x}",
        "expires_at": _expiry(asked.get("expires_at"), zone),
        "uses_max": asked.get("uses_per_coupon") or None,
        "customer_uses_max": asked.get("uses_per_customer") or None,
    }
    return _ask(services, site, (rule_id, GENERATED, spec, quantity), author)


def ask_imported(
    services: Services, site: SiteId, rule_id: str, uploaded: Uploaded, author: Author
) -> Asked:
    """A batch of the codes that were sent."""
    spec = {
        "upload": uploaded.upload,
        "chunks": uploaded.chunks,
        "after": uploaded.after,
        "upto": uploaded.upto,
    }
    return _ask(services, site, (rule_id, IMPORTED, spec, uploaded.rows), author)


def batch_key(services: Services, site: SiteId, batch: Batch) -> bytes:
    """What the codes of a generated batch are drawn with."""
    seed = batch.spec["seed"]
    return bytes.fromhex(services.keys.digest(site, "coupon-codes", f"{batch.id}/{seed}"))


def _ask(
    services: Services, site: SiteId, what: tuple[str, str, dict[str, Any], int], author: Author
) -> Asked:
    rule_id, kind, spec, quantity = what
    for _ in range(_ATTEMPTS):
        with services.stores.log.connect() as connection:
            number = coupon_batches.next_number(connection, site)
        now = services.clock.now()
        fresh = Batch(
            number, rule_id, kind, spec, quantity, author.key_id, now, 1, 0, 0, (), None, None
        )
        view = batch_view(fresh)
        data = {
            "batch": batch_id(number),
            "rule_id": rule_id,
            "kind": kind,
            "spec": spec,
            "quantity": quantity,
            "actor": author.key_id,
            "note": author.note,
        }
        event = NewEvent(batch_stream(site, fresh.id), 1, ASKED, data, occurred_at=now)
        kept = author.once(202, view)
        try:
            done = services.log.append(Append(site, (event,), once=kept, refuse_duplicates=True))
        except DuplicateEvent:
            continue  # another author took the number
        return view, done.log_position
    raise Unavailable("busy_authors", "too many authors ask for batches at this moment")


def _shape(asked: Mapping[str, Any], quantity: int) -> Shape:
    problems = [
        Problem(f"/{name}", "malformed_code", "visible signs without spaces")
        for name in ("prefix", "suffix")
        if asked.get(name) and malformed(asked[name])
    ]
    length = long_enough(asked["length"], asked["format"], quantity)
    shape = Shape(
        length,
        asked["format"],
        asked.get("prefix", ""),
        asked.get("suffix", ""),
        asked.get("dash_every") or None,
    )
    if not problems and malformed(shape.write(0)):
        raised = f" (raised to {length}, as guesses would be right too often)"
        detail = (
            f"codes would have {shape.written_length} signs of which {length} are random"
            f"{raised if length > asked['length'] else ''}, {COUPON_CODE_LENGTH_MAX} is the most"
        )
        problems.append(Problem("/length", "code_too_long", detail))
    if problems:
        raise InvalidInput(problems)
    return shape


def _expiry(text: str | None, zone: ZoneInfo) -> int | None:
    if text is None:
        return None
    try:
        return expiry_of(text, zone)
    except InvalidValue as error:
        raise InvalidInput([error.at("/expires_at")]) from None
