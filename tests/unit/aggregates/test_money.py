"""Money: decimal text in the currency's own digits, integers inside."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.limits import AMOUNT_MINOR_MAX
from aggregates.kernel.money import DIGITS
from aggregates.kernel.money import format_money
from aggregates.kernel.money import parse_money


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("12.5", "USD", 1250),
        ("12", "USD", 1200),
        ("1250", "JPY", 1250),
        ("1.250", "KWD", 1250),
        ("0", "EUR", 0),
        ("0.01", "EUR", 1),
        (12, "USD", 1200),
        (12.5, "USD", 1250),
        (0.1, "USD", 10),
        (1e3, "JPY", 1000),
        (Decimal("9.99"), "EUR", 999),
    ],
)
def test_an_amount_is_read_to_the_minor_unit(value: object, currency: str, minor: int) -> None:
    assert parse_money(value, currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "code"),
    [
        ("12.505", "USD", "too_many_digits"),
        ("12.500", "USD", "too_many_digits"),
        ("1.5", "JPY", "too_many_digits"),
        (0.001, "USD", "too_many_digits"),
        ("-1.00", "USD", "negative_amount"),
        (-1, "USD", "negative_amount"),
        ("10000000000.01", "USD", "amount_too_large"),
        ("1e3", "USD", "not_money"),
        ("1,50", "USD", "not_money"),
        ("", "USD", "not_money"),
        (" 1", "USD", "not_money"),
        ("1\n", "USD", "not_money"),
        ("٣", "USD", "not_money"),
        ("007", "USD", "not_money"),
        ("+1", "USD", "not_money"),
        (True, "USD", "not_money"),
        (None, "USD", "not_money"),
        (float("inf"), "USD", "not_money"),
        (float("nan"), "USD", "not_money"),
        (1e300, "USD", "not_money"),
        (10**400, "USD", "not_money"),
        ("1", "XXX", "unknown_currency"),
        ("1", "usd", "unknown_currency"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_code(
    value: object, currency: str, code: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_money(value, currency)
    assert refused.value.code == code


def test_a_signed_amount_may_be_negative() -> None:
    assert parse_money("-1.50", "USD", signed=True) == -150


@given(
    st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX),
    st.sampled_from(sorted(DIGITS)),
)
def test_every_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    assert parse_money(format_money(minor, currency), currency, signed=True) == minor
