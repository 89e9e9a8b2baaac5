"""An artefact comes back as it was written, or says that it does not."""

from __future__ import annotations

import zlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.recommendations.artefact import TOP_MAX
from projections.recommendations.artefact import Artefact
from projections.recommendations.artefact import Trained
from projections.recommendations.artefact_format import NEIGHBOURS
from projections.recommendations.artefact_format import PART_BYTES
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Damaged
from projections.recommendations.artefact_format import Reading
from projections.recommendations.artefact_format import Written
from projections.recommendations.artefact_format import written

SKUS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=20)
COUNTS = st.integers(0, 2**53 - 1)
RANKING = st.lists(st.tuples(SKUS, COUNTS, COUNTS), unique_by=lambda row: row[0], max_size=30)
NEIGHBOURHOOD = st.dictionaries(
    SKUS, st.lists(st.tuples(SKUS, COUNTS, COUNTS), min_size=1, max_size=5), max_size=20
)


def read(artefact: Written) -> Artefact:
    reading = Reading(artefact.digest)
    for part in artefact.parts:
        reading.take(part)
    reading.check()
    trained = Trained(artefact.digest, 7, 8, 9)
    served = Artefact(reading.type, reading.kind, reading.scale, trained, reading.lines)
    served.open_lines(list(reading.lines))
    return served


@given(RANKING)
def test_a_ranking_comes_back_as_it_was_written(rows: list[tuple[str, int, int]]) -> None:
    served = read(written("trending", RANKED, 1_000, rows))

    assert (served.type, served.kind, served.scale) == ("trending", RANKED, 1_000)
    assert served.top(len(rows)) == rows
    assert served.scores() == {sku: score for sku, score, _ in rows}
    assert [served.entry(row[0]) for row in rows] == rows
    assert (served.trained_to, served.trained_at, served.readiness) == (7, 8, 9)


@given(NEIGHBOURHOOD)
def test_neighbours_come_back_as_they_were_written(
    neighbours: dict[str, list[tuple[str, int, int]]],
) -> None:
    served = read(written("viewed-viewed", NEIGHBOURS, 10, sorted(neighbours.items())))

    assert {sku: served.of(sku) for sku in neighbours} == neighbours
    assert served.top(10) == []


@pytest.mark.parametrize("sku", ['a"b', "a\\", 'a\\"', '",[[', "\n", "\x00", "ü", "\u2028", '"]'])
def test_a_sku_may_hold_what_stands_in_json(sku: str) -> None:
    served = read(written("viewed-viewed", NEIGHBOURS, 1, [(sku, [["b", 2, 1]])]))
    assert served.of(sku) == [("b", 2, 1)]
    assert served.of("b") == []


def test_the_same_content_has_the_same_digest() -> None:
    rows = [("b", 2), ("a", 1)]
    assert written("t", RANKED, 1, rows) == written("t", RANKED, 1, iter(rows))
    digests = {
        written("t", RANKED, 1, rows).digest,
        written("t", RANKED, 1, rows[::-1]).digest,
        written("t", RANKED, 2, rows).digest,
        written("u", RANKED, 1, rows).digest,
    }
    assert len(digests) == 4


def test_a_part_is_small_and_the_lines_of_all_are_the_artefact() -> None:
    rows = [(f"sku-{number:06}", 10_000 - number) for number in range(10_000)]
    artefact = written("t", RANKED, 1, rows)
    unpacked = [zlib.decompress(part) for part in artefact.parts]

    assert len(unpacked) > 2
    assert all(len(part) <= PART_BYTES + 1 for part in unpacked)
    header, *lines = b"".join(unpacked).splitlines()
    assert orjson.loads(header) == {"type": "t", "kind": "ranked", "scale": 1}
    assert [tuple(orjson.loads(line)) for line in lines] == rows
    assert artefact.lines == 10_000


def test_only_the_top_of_a_long_ranking_is_kept_open() -> None:
    rows = [(f"sku-{number:06}", 10_000 - number) for number in range(TOP_MAX + 100)]
    served = read(written("t", RANKED, 1, rows))
    assert served.top(10**6) == rows[:TOP_MAX]
    assert served.entry(rows[-1][0]) == rows[-1]
    assert served.entry("unknown") is None


def test_an_artefact_of_which_nothing_is_stored_is_damaged() -> None:
    with pytest.raises(Damaged, match="missing"):
        Reading(written("t", RANKED, 1, [("a", 1)]).digest).check()


@pytest.mark.parametrize("what", ["one missing", "swapped", "changed", "not packed", "no lines"])
def test_damage_is_found(what: str) -> None:
    artefact = written("t", RANKED, 1, [(f"sku-{number:06}", 1) for number in range(10_000)])
    parts = list(artefact.parts)
    if what == "one missing":
        del parts[1]
    elif what == "swapped":
        parts[1], parts[2] = parts[2], parts[1]
    elif what == "changed":
        parts[1] = zlib.compress(zlib.decompress(parts[1]).replace(b"1", b"2", 1))
    elif what == "not packed":
        parts[1] = parts[1][:-10]
    else:
        parts[0] = zlib.compress(b"[1, 2]\n")
    reading = Reading(artefact.digest)

    def read_all() -> None:
        for part in parts:
            reading.take(part)
        reading.check()

    with pytest.raises(Damaged, match=artefact.digest[:16]):
        read_all()
