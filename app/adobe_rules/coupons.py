"""The coupon of a rule: what its code is, and which of its codes are not carried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.adobe_rules.reading import Coupon
from app.adobe_rules.reading import SalesRule
from app.adobe_rules.report import Telling
from rulesets.cart_rules import coupon_key

_TYPES = {"1": "NO_COUPON", "2": "SPECIFIC_COUPON", "3": "AUTO"}
"""Numbers of the database, which some exports have instead."""


def coupon_of(rule: SalesRule, coupons: Sequence[Coupon], telling: Telling) -> dict[str, Any]:
    """The body's `coupon`."""
    kind = _TYPES.get(rule.coupon_type, rule.coupon_type)
    if kind == "AUTO" or (kind == "SPECIFIC_COUPON" and rule.use_auto_generation):
        return _generated(rule, coupons, telling)
    if kind == "SPECIFIC_COUPON":
        return _specific(rule, coupons, telling)
    if kind != "NO_COUPON":
        pointer = f"{rule.pointer}/coupon_type"
        telling.refuse(pointer, "unknown_form", f"{rule.coupon_type[:40]!r} is not known")
    return {"type": "none"}


def tell_taken(
    rule: SalesRule, coupon: dict[str, Any], of: dict[str, int], telling: Telling
) -> None:
    """A code that another rule of the file has: both are drafted, one of them can be published.
    `of`: whose each code is, by its key; the rule is noted in it."""
    code = coupon.get("code")
    if not code:
        return
    first = of.setdefault(coupon_key(code), rule.rule_id)
    if first != rule.rule_id:
        pointer = f"{rule.pointer}/coupon_type"
        detail = f"rule {first} has the code {code!r} too: only one of them can be published"
        telling.note(pointer, "coupon_taken", detail)


def _generated(rule: SalesRule, coupons: Sequence[Coupon], telling: Telling) -> dict[str, Any]:
    codes = sum(coupon.generated for coupon in coupons)
    how_many = f"its {codes} codes" if coupons else "its codes"
    pointer = f"{rule.pointer}/use_auto_generation"
    telling.leave_out(pointer, "codes_not_carried", f"{how_many} are not carried with it")
    return _limited({"type": "generated"}, rule.uses_per_coupon, 0)


def _specific(rule: SalesRule, coupons: Sequence[Coupon], telling: Telling) -> dict[str, Any]:
    """The one code that people type; Adobe keeps it as a coupon beside the rule."""
    pointer = f"{rule.pointer}/coupon_type"
    typed = [coupon for coupon in coupons if not coupon.generated]
    code = typed[0].code if typed else rule.code
    if not code:
        detail = "its code is not in this file: name the answer of /V1/coupons/search"
        telling.refuse(pointer, "coupon_code_missing", detail)
    for coupon in typed[1:]:
        telling.leave_out(pointer, "codes_not_carried", f"a second code, {coupon.code!r}")
    if any(coupon.generated for coupon in coupons):
        telling.note(pointer, "without_effect", "generated codes, which Adobe ignores as well")
    if not typed:
        return _limited({"type": "specific", "code": code}, rule.uses_per_coupon, 0)
    coupon = typed[0]
    if coupon.times_used:
        detail = f"{coupon.times_used} uses of its code so far: counting begins at 0 here"
        telling.leave_out(pointer, "uses_not_carried", detail)
    if coupon.expires and coupon.expires[:10] != rule.to_date[:10]:
        telling.leave_out(pointer, "no_form_here", f"its code expires on {coupon.expires[:10]}")
    limit = coupon.usage_limit or rule.uses_per_coupon
    return _limited({"type": "specific", "code": code}, limit, coupon.usage_per_customer)


def _limited(coupon: dict[str, Any], uses: int, of_a_customer: int) -> dict[str, Any]:
    if uses:
        coupon["uses_per_coupon"] = uses
    if of_a_customer:
        coupon["uses_per_customer"] = of_a_customer
    return coupon
