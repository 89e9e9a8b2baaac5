"""Batches and coupons as answers show them."""

from __future__ import annotations

from typing import Any

from aggregates.coupon import GENERATED
from aggregates.kernel.clock import format_moment
from projections.coupon_batches import Batch
from projections.coupons import Coupon
from rulesets.cart_rules import CartRule
from rulesets.compiled import CompiledRevision
from rulesets.usage import COUPON_CUSTOMER_USES
from rulesets.usage import COUPON_USES

JOB = "coupons"
"""The job that fills batches, as GET /v1/jobs names it."""
_SHAPE = ("length", "format", "prefix", "suffix", "dash_every")

ACTIVE, EXPIRED, USED_UP = STATUSES = ("active", "expired", "used_up")


def batch_view(batch: Batch) -> dict[str, Any]:
    """A batch, without what its codes are drawn with."""
    shape = {name: batch.spec[name] for name in _SHAPE} if batch.kind == GENERATED else {}
    return {
        "batch": batch.id,
        "rule_id": batch.rule_id,
        "kind": batch.kind,
        "job": JOB,
        "status": batch.status,
        "asked": batch.quantity,
        "added": batch.added,
        "refused": batch.refused,
        "refusals": [
            {"line": line, "code": code, "coupon": coupon} for line, code, coupon in batch.refusals
        ],
        "error": batch.error,
        **shape,
        "asked_at": format_moment(batch.asked_at),
        "ended_at": _moment(batch.ended_at),
    }


def coupon_view(coupon: Coupon, uses: int, compiled: CompiledRevision, now: int) -> dict[str, Any]:
    """A coupon. What it does not say itself, its rule says."""
    rule = compiled.definitions.get(("cart-rules", coupon.rule_id))
    says = {} if rule is None else rule.body["coupon"]
    most = coupon.uses_max or says.get("uses_per_coupon") or None
    return {
        "code": coupon.code,
        "rule_id": coupon.rule_id,
        "batch": coupon.batch,
        "status": _status(coupon, uses, most, now),
        "uses": uses,
        "uses_max": most,
        "uses_per_customer": coupon.customer_uses_max or says.get("uses_per_customer") or None,
        "created_at": format_moment(coupon.created_at),
        "expires_at": _moment(coupon.expires_at),
    }


def specific_view(rule: CartRule, uses: int, now: int) -> dict[str, Any]:
    """The code that stands in a rule itself: its time is the rule's."""
    limits = rule.limits.most if rule.limits is not None else {}
    most, closes = limits.get(COUPON_USES), rule.window.closes
    over = closes is not None and now >= closes
    return {
        "code": rule.coupon,
        "rule_id": rule.id,
        "batch": None,
        "status": EXPIRED if over else USED_UP if most is not None and uses >= most else ACTIVE,
        "uses": uses,
        "uses_max": most,
        "uses_per_customer": limits.get(COUPON_CUSTOMER_USES),
        "created_at": None,
        "expires_at": _moment(closes),
    }


def _status(coupon: Coupon, uses: int, most: int | None, now: int) -> str:
    if coupon.expired(now):
        return EXPIRED
    return ACTIVE if most is None or uses < most else USED_UP


def _moment(at: int | None) -> str | None:
    return None if at is None else format_moment(at)
