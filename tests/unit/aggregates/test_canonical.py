"""Canonical JSON: equal values have equal bytes, and nothing is a float."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import digest
from aggregates.kernel.canonical import number
from aggregates.kernel.canonical import revive


def test_keys_are_sorted_and_sets_are_sorted_lists() -> None:
    assert canonical({"b": 1, "a": frozenset("ba")}) == b'{"a":["a","b"],"b":1}'


def test_a_decimal_stays_exact_through_canonical_json() -> None:
    value = {"quantity": Decimal("2.5"), "list": [Decimal("0.0001")]}
    assert revive(orjson.loads(canonical(value))) == value


def test_equal_values_have_equal_digests_whatever_their_order() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


@pytest.mark.parametrize(
    ("given_number", "normal"),
    [
        (2, 2),
        (2.0, 2),
        (2.5, Decimal("2.5")),
        (0.1, Decimal("0.1")),
        (Decimal("2.500"), Decimal("2.5")),
        (1e300, Decimal("1E+300")),
        (2**60, Decimal(2**60).normalize()),
    ],
)
def test_a_number_has_one_normal_form(given_number: float | Decimal, normal: object) -> None:
    assert number(given_number) == normal
    assert type(number(given_number)) is type(normal)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_json_number_keeps_its_shortest_decimal(value: float) -> None:
    assert float(number(value)) == value
    assert revive(orjson.loads(canonical(number(value)))) == number(value)
