"""A specific code that goes live is no other rule's, and no code of a batch; case does not count.

A rule has its code from its publish until it is archived: while it is scheduled, paused or over,
too. Revisions are made one after the other, so of two authors the second is judged by the first.

Of codes of batches, the other side is app/coupons/filling.py: a chunk of codes expects the ruleset
it was judged by. Here a revision expects the batches it was judged by: the open ones, and that no
other was begun.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from app.authoring.rule_groups import KIND
from projections import coupon_batches
from projections import coupons
from projections.revisions import Body
from rulesets.cart_rules import coupon_key
from rulesets.definitions import LiveDefinition

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
        key = _key(bodies[entries[place].digest])
        if key is not None:
            found[key] = act.pointer
    return found


def check_specific(entering: Mapping[str, str], live: Iterable[LiveDefinition]) -> None:
    """InvalidInput `coupon_taken`, at what goes live with a code that another rule has; `entering`
    says where. Rules that are live already and share one, as they once could, are left alone."""
    # What is live already has its code first; among those that enter at once, the first of them.
    rules = [rule for rule in live if rule.kind == KIND]
    rules.sort(key=lambda rule: (rule.id in entering, rule.id))
    first: dict[str, str] = {}
    problems = []
    for rule in rules:
        key = _key(rule.body)
        if key is None:
            continue
        other = first.setdefault(key, rule.id)
        if other != rule.id and rule.id in entering:
            detail = f"{other} has this code: give another, or archive {other}; case does not count"
            problems.append(Problem(entering[rule.id], "coupon_taken", detail))
    if problems:
        raise InvalidInput(problems)


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


def _key(body: Body) -> str | None:
    coupon = body.get("coupon") or {}
    return coupon_key(coupon["code"]) if coupon.get("type") == "specific" else None
