"""When a message happened, whatever its sender's clock says."""

from __future__ import annotations

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidValue
from app.intake.moments import occurred
from tests.fakes import NOON

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
CASES = [
    ("nothing given: the moment of recording", None, None, None, False),
    ("an empty timestamp is none", "", 0, None, False),
    ("a timestamp alone is believed", -HOUR, None, -HOUR, False),
    ("a right clock: a minute on its way", -2 * MINUTE, -MINUTE, -MINUTE, False),
    ("a clock an hour fast is put right", HOUR - MINUTE, HOUR, -MINUTE, False),
    ("a clock a year slow is put right", -365 * DAY - MINUTE, -365 * DAY, -MINUTE, False),
    ("a clock of long ago is put right", -5_000 * DAY - MINUTE, -5_000 * DAY, -MINUTE, False),
    ("a little ahead is left to the log", 4 * MINUTE, None, 4 * MINUTE, False),
    ("too far ahead is now, and flagged", 6 * MINUTE, None, None, True),
    ("a message from after it was sent", 0, -HOUR, None, True),
    ("a sending time alone says nothing", None, -HOUR, None, False),
]


@pytest.mark.parametrize(("sentence", "stamped", "sent", "at", "ahead"), CASES)
def test_occurred_at(
    sentence: str, stamped: int | str | None, sent: int | None, at: int | None, ahead: bool
) -> None:
    timestamp = format_moment(NOON + stamped) if isinstance(stamped, int) else stamped
    sent_at = format_moment(NOON + sent) if sent is not None else None
    expected = None if at is None else NOON + at
    assert occurred(timestamp, sent_at, NOON) == (expected, ahead)


def test_ten_years_back_is_history_and_more_is_a_fault() -> None:
    assert occurred(format_moment(NOON - 3652 * DAY), None, NOON)[0] == NOON - 3652 * DAY
    with pytest.raises(InvalidValue, match="occurred_too_long_ago"):
        occurred(format_moment(NOON - 3700 * DAY), None, NOON)


def test_offsets_and_finer_digits_are_read() -> None:
    assert occurred("2026-11-23T13:00:00.123456789+01:00", None, NOON)[0] == NOON + 123_456
