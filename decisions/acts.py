"""What acts on orders and decisions share: their answers, trying again, uses in the API's words."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.money import format_money
from aggregates.log import IdempotencyRow

ATTEMPTS = 5
"""Who comes second looks again; five times in a row is a storm."""

Json = dict[str, Any]
Once = Callable[[int, Json], IdempotencyRow | None]
"""The row that keeps an answer (status, body) for a repeated Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and the log position at which it is so."""

    status: int
    body: Json
    log_position: int


def attempts() -> Iterator[int]:
    """As often as it is tried again."""
    return iter(range(ATTEMPTS))


def told_uses(data: Json) -> list[Json]:
    """The uses of an event as they are answered."""
    return [
        {
            "rule_id": use["rule_id"],
            "coupon": use["coupon"],
            "amount": format_money(use["amount_minor"], data["currency"]),
        }
        for use in data["uses"]
    ]
