"""What codes look like, and how those of a batch are drawn."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from aggregates.kernel.errors import InvalidValue
from rulesets.coupon_codes import CHARSETS
from rulesets.coupon_codes import Shape
from rulesets.coupon_codes import chunks_of
from rulesets.coupon_codes import codes_of_chunk
from rulesets.coupon_codes import long_enough
from rulesets.coupon_codes import malformed

KEY = b"key of the batch"


def nothing(_: Collection[str]) -> list[str]:
    return []


def batch(shape: Shape, quantity: int, key: bytes = KEY) -> list[str]:
    return [
        code
        for chunk in range(1, chunks_of(quantity) + 1)
        for code in codes_of_chunk(shape, quantity, chunk, key, nothing)
    ]


@pytest.mark.parametrize(
    ("shape", "number", "code"),
    [
        (Shape(12, "alphanumeric", dash_every=4), 0, "0000-0000-0000"),
        (Shape(5, "alphabetical", "SPRING-", "!"), 27, "SPRING-AAABB!"),
        (Shape(3, "numeric", dash_every=2), 7, "00-7"),
        (Shape(4, "numeric", dash_every=4), 9_999, "9999"),
        (Shape(4, "alphanumeric", dash_every=1), 36**4 - 1, "Z-Z-Z-Z"),
    ],
)
def test_a_number_is_written_in_the_digits_of_its_format(
    shape: Shape, number: int, code: str
) -> None:
    assert shape.write(number) == code
    assert shape.written_length == len(code)


@pytest.mark.parametrize(
    ("length", "format_", "quantity", "raised"),
    [
        (1, "numeric", 2, 1),
        (1, "numeric", 3, 2),
        (3, "numeric", 250, 3),
        (3, "numeric", 251, 4),
        (4, "alphanumeric", 1_000_000, 5),
        (12, "alphanumeric", 1_000_000, 12),
    ],
)
def test_a_length_is_raised_until_at_most_a_quarter_of_all_codes_is_given_out(
    length: int, format_: str, quantity: int, raised: int
) -> None:
    assert long_enough(length, format_, quantity) == raised


def test_a_batch_has_as_many_codes_as_asked_and_none_twice() -> None:
    codes = batch(Shape(4, "numeric"), 2_500)
    assert len(set(codes)) == 2_500
    assert all(len(code) == 4 and code.isdecimal() for code in codes)


def test_a_chunk_made_again_is_the_same_one_and_another_key_makes_another() -> None:
    shape = Shape(8, "alphanumeric")
    assert batch(shape, 1_200) == batch(shape, 1_200)
    assert not set(batch(shape, 1_200)) & set(batch(shape, 1_200, b"another key"))


def test_the_codes_of_a_batch_use_the_whole_range() -> None:
    firsts = {code[0] for code in batch(Shape(8, "alphanumeric"), 3_000)}
    assert firsts == set(CHARSETS["alphanumeric"])


def test_a_code_that_another_batch_has_is_drawn_anew() -> None:
    shape = Shape(3, "numeric")
    others = {code.lower() for code in codes_of_chunk(shape, 250, 1, KEY, nothing)[:200]}
    codes = codes_of_chunk(shape, 250, 1, KEY, lambda keys: others.intersection(keys))
    assert len(set(codes)) == 250
    assert not others & set(codes)


@pytest.mark.parametrize("room", ["none is left", "nearly none is left"])
def test_where_too_few_codes_are_left_it_says_which_settings_to_change(room: str) -> None:
    shape = Shape(3, "numeric")
    kept = set() if room == "none is left" else {f"{number:03}" for number in range(0, 1000, 5)}
    with pytest.raises(InvalidValue) as refusal:
        codes_of_chunk(shape, 250, 1, KEY, lambda keys: [key for key in keys if key not in kept])
    assert refusal.value.code == "codes_exhausted"
    for setting in ("length", "prefix", "suffix", "format"):
        assert setting in refusal.value.detail


@pytest.mark.parametrize("code", ["A", "2?ds5!2d", "x" * 64, "ÄÖ-7", "%", "券券"])
def test_a_code_may_have_any_visible_signs(code: str) -> None:
    assert not malformed(code)


@pytest.mark.parametrize(
    "code", ["", "x" * 65, "a b", " a", "a\n", "a\t", "\0", "a\u00a0b", "a\u200bb", "\ufffd"]
)
def test_a_code_has_no_spaces_and_nothing_that_cannot_be_seen(code: str) -> None:
    assert malformed(code)


def test_a_code_whose_key_is_longer_than_a_code_may_be_is_none() -> None:
    assert malformed("ß" * 40)
