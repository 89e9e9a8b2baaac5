"""Amounts in bodies of definitions: what is wrong with one, told with its place."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.money import digits_of
from aggregates.kernel.money import parse_money
from rulesets.values import exact_number


def lint_money(raw: object, currency: str, pointer: str, *, above: int = -1) -> Iterator[Problem]:
    """An amount of a currency, of more than `above` minor units."""
    try:
        digits_of(currency)
        minor = parse_money(raw, currency)
    except InvalidValue as error:
        yield error.at(pointer)
        return
    if minor <= above:
        yield Problem(pointer, "out_of_range", "more than 0 is wanted")


def lint_moneys(
    body: Mapping[str, Any], base: str, pointer: str, *, amount: str = "amount", above: int = -1
) -> Iterator[Problem]:
    """An amount in the base currency, if there is one, and `amounts` in others."""
    if amount in body:
        yield from lint_money(body[amount], base, f"{pointer}/{amount}", above=above)
    yield from lint_others(body.get("amounts"), base, f"{pointer}/amounts", above=above)


def lint_others(amounts: object, base: str, pointer: str, *, above: int = -1) -> Iterator[Problem]:
    """Amounts by currency, beside one in the base currency."""
    if not isinstance(amounts, Mapping):
        return
    for currency, raw in amounts.items():
        at = f"{pointer}/{str(currency)[:8]}"
        if currency == base:
            yield Problem(at, "base_currency_twice", f"the amount in {base} stands beside these")
        else:
            yield from lint_money(raw, str(currency), at, above=above)


def lint_whole(raw: object, pointer: str) -> Iterator[Problem]:
    """A whole number from 1."""
    size = size_of(raw)
    if size is None:
        yield Problem(pointer, "not_a_number", "a number from 0 is wanted")
    elif not isinstance(size, int):
        yield Problem(pointer, "not_a_whole_number", "units are counted one by one")
    elif size == 0:
        yield Problem(pointer, "out_of_range", "1 or more is wanted")


def size_of(raw: object) -> int | Decimal | None:
    """A number from 0; None for what is none."""
    try:
        size = exact_number(raw)
    except InvalidValue:
        return None
    return None if size < 0 else size
