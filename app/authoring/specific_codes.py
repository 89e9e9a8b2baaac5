"""A specific code that goes live is no code of a batch. (Two rules may have one specific code.)

The other side is app/coupons/filling.py: a chunk of codes expects the ruleset it was judged by.
Here a revision expects the batches it was judged by: the open ones, and that no other was begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Engine

from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from app.authoring.acts import Act
from projections import coupon_batches
from projections import coupons
from projections.revisions import Body
from rulesets.cart_rules import coupon_key

Codes = Mapping[str, str]
"""The key of each specific code that goes live, with the pointer to its rule's act."""
TURNS = 10
"""How often codes are looked up anew while batches are filled: a look takes a tenth of a chunk."""


def codes_of(
    published: Mapping[Place, Act], entries: Mapping[Place, Entry], bodies: Mapping[str, Body]
) -> Codes:
    """The codes of the specific rules that are published."""
    found = {}
    for place, act in published.items():
        coupon = bodies[entries[place].digest].get("coupon") or {}
        if coupon.get("type") == "specific":
            found[coupon_key(coupon["code"])] = act.pointer
    return found


def expected(engine: Engine, site: SiteId, codes: Codes) -> dict[UUID, int]:
    """What must hold when these codes go live; InvalidInput `coupon_taken` for those that are
    taken. The batches are read first: what is added after that is noticed."""
    if not codes:
        return {}
    with engine.connect() as connection:
        filled = coupon_batches.open_batches(connection, site)
        filled[batch_id(coupon_batches.next_number(connection, site))] = 0
        taken = coupons.taken(connection, site, codes)
    if taken:
        detail = "a code that was generated or imported is the same; case does not count"
        raise InvalidInput(
            [Problem(f"{codes[key]}/body/coupon/code", "coupon_taken", detail) for key in taken]
        )
    return {batch_stream(site, batch): version for batch, version in filled.items()}
