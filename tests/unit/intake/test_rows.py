"""Rows of streams and files: one at a time, a bad one by itself."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from aggregates.kernel.errors import InvalidInput
from app.intake.rows import FileRows
from app.intake.rows import Row
from app.intake.rows import lines_of


@pytest.mark.parametrize("chunk", [1, 3, 7, 65_536])
def test_lines_are_found_wherever_the_pieces_end(chunk: int) -> None:
    stream = io.BytesIO(b'{"a":1}\n\n  \n{"a":2}\r\n{"a":3}')
    found = [(row.line, row.read()) for row in lines_of(stream, chunk)]
    assert found == [(1, {"a": 1}), (4, {"a": 2}), (5, {"a": 3})]


BAD = [
    ("not JSON", b"{", "malformed_json"),
    ("no object", b"[1]", "wrong_type"),
    ("a number that is none", b'{"a":NaN}', "malformed_json"),
    ("half of a surrogate pair", b'{"a":"\\ud800"}', "malformed_json"),
    ("a NUL", b'{"a":["x\\u0000"]}', "nul_in_string"),
    ("a NUL in a name", b'{"\\u0000":1}', "nul_in_string"),
    ("the log's own name", b'{"a":{"$decimal":"x"}}', "reserved_name"),
    ("too deep", b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"),
    ("not UTF-8", b'{"a":"\xff"}', "malformed_json"),
]


@pytest.mark.parametrize(("sentence", "line", "code"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_line_says_why(sentence: str, line: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Row(1, line).read()
    assert refusal.value.problems[0].code == code


def test_many_brackets_are_not_depth() -> None:
    assert Row(1, b'{"a":[' + b"[]," * 50 + b"[]]}").read()


def test_a_line_without_an_end_stops_before_memory_does() -> None:
    with pytest.raises(InvalidInput, match="line 1 has more than"):
        list(lines_of(io.BytesIO(b"x" * 1_200_000)))


def test_files_are_read_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeffsku,name,empty\ns,Größe,\n", "utf-8")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"sku,name\ns,x\n"))
    (tmp_path / "c.ndjson").write_bytes(b'{"sku":"s"}\n')
    (tmp_path / "d.jsonl.gz").write_bytes(gzip.compress(b'{"sku":"s"}\n'))
    read = {path.name: [r.read() for r in FileRows(path)] for path in sorted(tmp_path.iterdir())}
    assert read == {
        "a.csv": [{"sku": "s", "name": "Größe"}],
        "b.csv.gz": [{"sku": "s", "name": "x"}],
        "c.ndjson": [{"sku": "s"}],
        "d.jsonl.gz": [{"sku": "s"}],
    }


@pytest.mark.parametrize("cut", [slice(-9), slice(5, None), slice(0, 12)])
def test_a_file_that_is_no_whole_gzip_says_so(tmp_path: Path, cut: slice) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"sku,name\ns,x\n" * 50)[cut])
    with pytest.raises(InvalidInput) as refusal:
        list(FileRows(path))
    assert refusal.value.problems[0].code == "malformed_gzip"


def test_a_cell_without_an_end_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'sku,name\ns,"' + b"x" * 200_000)
    with pytest.raises(InvalidInput) as refusal:
        list(FileRows(path))
    assert refusal.value.problems[0].code == "line_too_long"
