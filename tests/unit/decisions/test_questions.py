"""From checked JSON to a cart in minor units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.money import parse_money
from decisions.findings import differences
from decisions.questions import cart_question
from decisions.questions import floors_of
from decisions.questions import with_floors


def cart(*lines: dict[str, Any], currency: str = "USD") -> dict[str, Any]:
    numbered = [
        {"line_id": str(number), "sku": "A", "quantity": 1, "unit_price": "1.00", **line}
        for number, line in enumerate(lines)
    ]
    return {"cart_id": "c", "currency": currency, "lines": numbered}


@given(
    st.one_of(st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{1,4})?", fullmatch=True)),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_amounts_are_read_as_the_kernel_reads_them(text: str, currency: str) -> None:
    try:
        expected: int | str = parse_money(text, currency)
    except InvalidValue as error:
        expected = error.code
    try:
        found: int | str = (
            cart_question(cart({"unit_price": text}, currency=currency)).lines[0].unit_price_minor
        )
    except InvalidInput as error:
        found = error.problems[0].code
    assert found == expected


def test_a_fraction_of_a_unit_is_rounded_half_up() -> None:
    question = cart_question(cart({"quantity": Decimal("2.5"), "unit_price": "0.05"}))
    assert question.subtotal_minor == 13


def test_all_problems_are_told_at_once() -> None:
    wrong = cart({"unit_price": "1.005"}, {"line_id": "0", "parent_line_id": "7"})
    with pytest.raises(InvalidInput) as caught:
        cart_question(wrong)
    assert [(p.pointer, p.code) for p in caught.value.problems] == [
        ("/lines/0/unit_price", "too_many_digits"),
        ("/lines/1/line_id", "duplicate_line_id"),
        ("/lines/1/parent_line_id", "parent_unknown"),
    ]


def test_a_lines_own_floor_goes_before_the_catalogues() -> None:
    question = cart_question(cart({"minimum_price": "0.10"}, {}, {"sku": "B"}))
    products = {
        "A": {"minimum_price_minor": 50, "currency": "USD"},
        "B": {"minimum_price_minor": 60, "currency": "EUR"},
    }
    floors = floors_of(question, products)
    assert floors == {"1": 50}
    lines = with_floors(question, floors).lines
    assert [line.minimum_price_minor for line in lines] == [10, 50, None]


def test_differences_name_the_place_and_both_values() -> None:
    found = differences("/o", {"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}], "d": True})
    assert [(d.path, d.recorded, d.replayed) for d in found] == [
        ("/o/a/1/b", 2, 3),
        ("/o/c", 1, None),
        ("/o/d", None, True),
    ]
    assert not differences("", {"a": [1]}, {"a": [1]})
    assert differences("", 1, True)
