"""What coupon codes look like, and how those of a batch are drawn.

The codes of a batch are numbers below charset ** length, written in the charset's digits. The range
of numbers is cut into as many equal parts as the batch has chunks of codes, and each chunk draws
from its own part: the codes are as hard to guess as if they were drawn from the whole, no two
chunks draw the same one, and what is stored together lies together.

A draw is a function of the batch's key, the chunk and the attempt, so a chunk that is made again is
the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from itertools import product

from aggregates.coupon import CHUNK_CODES
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.limits import COUPON_CODE_LENGTH_MAX
from rulesets.operators import fold

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHARSETS = {
    "alphanumeric": _DIGITS + _LETTERS,
    "alphabetical": _LETTERS,
    "numeric": _DIGITS,
}
"""Upper case only, as case does not count; in the order of the keys that codes are stored by."""
GUESSED_MAX = Fraction(1, 4)
"""The most of all possible codes that may be given out (FEATURES K14)."""
ATTEMPTS_MAX = 10
"""How often a code is drawn anew that another batch has."""
_SPARE_BITS = 64  # so that the remainder of a draw favours no code that anybody could tell
_DASH = "-"
_LOST = "\ufffd"  # stands where a file's bytes were no text

Taken = Callable[[Collection[str]], Iterable[str]]
"""Of these keys, those that a code of the site has."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the codes of a batch are written. `length` counts neither prefix, suffix nor dashes."""

    length: int
    format: str
    prefix: str = ""
    suffix: str = ""
    dash_every: int | None = None

    @property
    def possible(self) -> int:
        """How many codes there are."""
        number: int = len(CHARSETS[self.format]) ** self.length
        return number

    @property
    def written_length(self) -> int:
        """With everything."""
        dashes = (self.length - 1) // self.dash_every if self.dash_every else 0
        return len(self.prefix) + self.length + dashes + len(self.suffix)

    def write(self, number: int) -> str:
        """The code of a number."""
        triples = _triples(CHARSETS[self.format])
        base = len(triples)
        text = ""
        for _ in range(-(-self.length // 3)):
            number, triple = divmod(number, base)
            text = triples[triple] + text
        text = text[-self.length :]
        if self.dash_every:
            every = self.dash_every
            text = _DASH.join(text[at : at + every] for at in range(0, self.length, every))
        return f"{self.prefix}{text}{self.suffix}"


def long_enough(length: int, format_: str, quantity: int) -> int:
    """The length, raised until no guess is right too often."""
    base = len(CHARSETS[format_])
    while quantity > GUESSED_MAX * base**length:
        length += 1
    return length


def malformed(code: str) -> bool:
    """Whether it cannot be a code: empty, too long, with spaces or what cannot be seen."""
    if not 0 < len(code) <= COUPON_CODE_LENGTH_MAX or not code.isprintable():
        return True
    if len(fold(code)) > COUPON_CODE_LENGTH_MAX:
        return True
    return _LOST in code or any(sign.isspace() for sign in code)


def chunks_of(quantity: int) -> int:
    """How many chunks a batch has."""
    return -(-quantity // CHUNK_CODES)


def codes_of_chunk(
    shape: Shape, quantity: int, chunk: int, key: bytes, taken: Taken
) -> Sequence[str]:
    """The codes of chunk 1, 2, ... in order. InvalidValue `codes_exhausted` when some code is taken
    at each attempt."""
    first = (chunk - 1) * CHUNK_CODES
    count = min(CHUNK_CODES, quantity - first)
    low = shape.possible * first // quantity
    room = shape.possible * (first + count) // quantity - low
    found: dict[int, str] = {}
    refused: set[int] = set()
    for attempt in range(ATTEMPTS_MAX):
        if room < count + len(refused):
            break
        drawn = _distinct(_draws(key, chunk, attempt, room), count - len(found), refused, found)
        codes = {number: shape.write(low + number) for number in drawn}
        keys = {fold(code): number for number, code in codes.items()}
        for one in taken(keys):
            refused.add(keys[one])
            del codes[keys[one]]
        found.update(codes)
        if len(found) == count:
            return [found[number] for number in sorted(found)]
    detail = (
        f"other batches have too many codes of this look: ask again with a length of more than"
        f" {shape.length}, another prefix or suffix, or a format with more signs"
    )
    raise InvalidValue("codes_exhausted", detail)


def _distinct(draws: Iterator[int], count: int, *known: Collection[int]) -> set[int]:
    """So many numbers of which none is known."""
    new: set[int] = set()
    while len(new) < count:
        new.update(islice(draws, count - len(new)))
        for some in known:
            new.difference_update(some)
    return new


@lru_cache(maxsize=len(CHARSETS))
def _triples(charset: str) -> list[str]:
    """All triples of signs in order: a code is written three signs at a time."""
    return ["".join(signs) for signs in product(charset, repeat=3)]


def _draws(key: bytes, chunk: int, attempt: int, room: int) -> Iterator[int]:
    """Numbers below `room` without end, from the batch's key."""
    width = (room.bit_length() + _SPARE_BITS + 7) // 8
    page = 0
    while True:
        name = b"%d/%d/%d" % (chunk, attempt, page)
        data = hashlib.shake_256(key + name).digest(width * CHUNK_CODES)
        for at in range(0, len(data), width):
            yield int.from_bytes(data[at : at + width]) % room
        page += 1
