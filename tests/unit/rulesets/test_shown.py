"""Values as explanations show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rulesets.evaluator import shown


@pytest.mark.parametrize(
    ("kind", "actual", "currency", "text"),
    [
        ("money", 1250, "USD", "12.50"),
        ("money", Decimal("1000.5"), "USD", "10.005"),
        ("money", Decimal("-0.25"), "USD", "-0.0025"),
        ("money", Decimal("333.125"), "JPY", "333.125"),
        ("money", Decimal("1000.5"), "KWD", "1.0005"),
        ("money", Decimal("1E+20"), "USD", "1000000000000000000.00"),
        ("money", None, "USD", None),
        ("number", Decimal("2.50"), "USD", "2.5"),
        ("set", frozenset({"b", "a"}), "USD", ["a", "b"]),
    ],
)
def test_a_value_is_shown_exactly(kind: str, actual: Any, currency: str, text: Any) -> None:
    assert shown(kind, actual, currency) == text
