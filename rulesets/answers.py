"""Answers of the API: what was decided, in the words and decimals of whoever asked.

`cart_answer_bytes` gives the same as JSON from ready-made pieces: an answer with 75 rules on five
lines is 49 kB of names and labels that never change.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import Any

import orjson

from aggregates.kernel.money import format_money
from rulesets.facts import Facts
from rulesets.nearly import MISSING
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion
from rulesets.tax import with_both

if TYPE_CHECKING:
    from rulesets.compiled import CompiledRevision
    from rulesets.outcome import CartOutcome
    from rulesets.outcome import ContentOutcome

_REMEMBERED_MAX = 16_384


class _Texts(dict[int, bytes]):
    """Amounts of one currency as text, with what follows them: a large cart with many rules has
    thousands, and a dictionary that fills itself is the fastest way to them."""

    def __init__(self, currency: str, end: bytes) -> None:
        self._currency = currency
        self._end = end

    def __missing__(self, minor: int) -> bytes:
        if len(self) >= _REMEMBERED_MAX:
            self.clear()
        text = self[minor] = format_money(minor, self._currency).encode() + self._end
        return text


@lru_cache(maxsize=32)
def _texts(currency: str, end: bytes = b"") -> _Texts:
    return _Texts(currency, end)


def cart_answer(
    compiled: CompiledRevision, question: CartQuestion, facts: Facts, outcome: CartOutcome
) -> dict[str, Any]:
    """Lines, shipping, totals, applied rules, coupons; a discount of nothing is left out."""
    answer: dict[str, Any] = orjson.loads(cart_answer_bytes(compiled, question, facts, outcome))
    return answer


def cart_answer_bytes(
    compiled: CompiledRevision, question: CartQuestion, facts: Facts, outcome: CartOutcome
) -> bytes:
    """The answer as one JSON object."""
    answered = _cart_answer(compiled, question, facts, outcome)
    if question.tax is None:
        return answered
    told = with_both(orjson.loads(answered), question, outcome, compiled.settings.tax_basis)
    return orjson.dumps(told)


def _cart_answer(
    compiled: CompiledRevision, question: CartQuestion, facts: Facts, outcome: CartOutcome
) -> bytes:
    """The same on the site's side of tax."""
    currency, store_view = question.currency, facts.values.get("context.store_view")
    codes = outcome.codes
    columns = list(zip(*[rule.parts for rule in outcome.applied], strict=True))
    columns = columns or [()] * len(question.lines)
    line_discounts = [sum(parts) for parts in columns]
    all_spoken: list[bytes] = []
    free_lines: set[int] = set()
    shipping_entries: list[bytes] = []
    applied: list[bytes] = []
    shipping_discount = 0
    text, closed = _texts(currency), _texts(currency, b'"}')
    for rule_id, parts, shipping_minor, frees, _, _ in outcome.applied:
        rule = compiled.rules[rule_id]
        spoken = rule.spoken(store_view, codes.get(rule_id)) if codes else rule.spoken(store_view)
        all_spoken.append(spoken)
        if shipping_minor:
            shipping_entries += spoken, closed[shipping_minor]
            shipping_discount += shipping_minor
        free_lines.update(frees)
        applied += spoken, text[sum(parts) + shipping_minor], rule.spoken_end
    lines = [
        b'{"line_id":%b,%b,"free_shipping":%b,"discounts":[%b]}'
        % (
            orjson.dumps(line.line_id),
            _amounts(b"subtotal", line.subtotal_minor, line_discounts[index], currency),
            b"true" if index in free_lines else b"false",
            _discounts(all_spoken, columns[index], closed),
        )
        for index, line in enumerate(question.lines)
    ]
    shipping = b'{%b,"free":%b,"discounts":[%b]}' % (
        _amounts(b"amount", outcome.shipping_minor, shipping_discount, currency),
        b"true" if any(rule.free_shipment for rule in outcome.applied) else b"false",
        _listed(shipping_entries),
    )
    return b'{"lines":[%b],"shipping":%b,"totals":%b,"applied_rules":[%b],"coupons":%b,%b}' % (
        b",".join(lines),
        shipping,
        _totals(outcome, sum(line_discounts), shipping_discount, currency),
        _listed(applied),
        _coupons(outcome),
        _beside(compiled, outcome, currency),
    )


def _beside(compiled: CompiledRevision, outcome: CartOutcome, currency: str) -> bytes:
    """Gifts to choose from, and what is missing for rules that are near."""
    gifts = [
        {**gift._asdict(), "rule_id": rule.rule_id}
        for rule in outcome.applied
        for gift in rule.gifts
    ]
    messages = []
    for rule_id, lacking, money in outcome.messages:
        missing = format_money(int(lacking), currency) if money else str(lacking)
        nearly = compiled.rules[rule_id].nearly
        text = nearly.text.replace(MISSING, missing) if nearly else ""
        messages.append({"rule_id": rule_id, "text": text, "missing": missing})
    if not gifts and not messages:
        return b'"gifts":[],"messages":[]'
    return b'"gifts":%b,"messages":%b' % (
        orjson.dumps(gifts, default=float),
        orjson.dumps(messages),
    )


def spoken(because: Iterable[tuple[str, str]]) -> dict[str, str | bool]:
    """What let a shopper in, as answers and explanations have it: `{"default": true}` if nothing
    had to."""
    return {kind: True if kind == "default" else name for kind, name in because}


def content_answer(
    compiled: CompiledRevision, question: ContentQuestion, facts: Facts, outcome: ContentOutcome
) -> dict[str, Any]:
    """The blocks of a slot with their content; the slot's own content when no block is left."""
    slot = compiled.slots[outcome.slot_id]
    blocks = {block.id: block for block in slot.blocks}
    shown: list[dict[str, Any]] = [
        {
            "block_id": block.block_id,
            "name": blocks[block.block_id].name,
            "content": dict(blocks[block.block_id].content),
            "because": spoken(block.because),
        }
        for block in outcome.blocks
    ]
    if outcome.fallback:
        shown = [
            {
                "block_id": None,
                "name": slot.name,
                "content": dict(slot.fallback),
                "because": {"default": True},
            }
        ]
    return {"slot": slot.key, "blocks": shown, "fallback": outcome.fallback}


def _discounts(all_spoken: Sequence[bytes], parts: Sequence[int], closed: _Texts) -> bytes:
    """What each rule took off one line, without those that took nothing."""
    pairs = zip(all_spoken, parts, strict=True)
    return _listed([spoken + closed[part] for spoken, part in pairs if part])


def _listed(pieces: list[bytes]) -> bytes:
    """Entries, each of which brings its comma, as the inside of a list."""
    return b"".join(pieces)[1:]


def _amounts(name: bytes, amount: int, taken: int, currency: str) -> bytes:
    """`"subtotal":"20.00","discount":"2.00","total":"18.00"`."""
    text = _texts(currency)
    return b'"%b":"%b","discount":"%b","total":"%b"' % (
        name,
        text[amount],
        text[taken],
        text[amount - taken],
    )


def _totals(
    outcome: CartOutcome, line_discount: int, shipping_discount: int, currency: str
) -> bytes:
    discount, text = line_discount + shipping_discount, _texts(currency)
    return (
        b'{"subtotal":"%b","shipping":"%b","line_discount":"%b","shipping_discount":"%b",'
        b'"discount":"%b","total":"%b"}'
    ) % (
        text[outcome.subtotal_minor],
        text[outcome.shipping_minor],
        text[line_discount],
        text[shipping_discount],
        text[discount],
        text[outcome.subtotal_minor + outcome.shipping_minor - discount],
    )


def _coupons(outcome: CartOutcome) -> bytes:
    if not outcome.coupons:
        return b"[]"
    return orjson.dumps([_coupon(coupon.code, coupon.reason) for coupon in outcome.coupons])


def _coupon(code: str, reason: str | None) -> dict[str, str]:
    if reason is None:
        return {"code": code, "status": "applied"}
    return {"code": code, "status": "rejected", "reason": reason}
