"""The tree against the definitions of RFC 9162, and the paths against the standalone verifier."""

from __future__ import annotations

import importlib.util
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checkpoints.merkle import consistency_path
from app.checkpoints.merkle import inclusion_path
from app.checkpoints.merkle import leaf_hash
from app.checkpoints.merkle import node_hash
from app.checkpoints.merkle import root_of
from app.checkpoints.tree import Growth
from app.verifying.log import Peaks

VERIFIER = Path(__file__).parents[3] / "docs" / "verify_proof.py"
LEAVES = [leaf_hash(bytes([number % 251]) * 32) for number in range(700)]


def _verifier() -> Any:
    spec = importlib.util.spec_from_file_location("verify_proof", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = _verifier()


def _defined(leaves: list[bytes]) -> bytes:
    """MTH of the RFC, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + _defined(leaves[:half]) + _defined(leaves[half:])).digest()


def _subtrees(start: int, end: int) -> bytes:
    return _defined(LEAVES[start:end])


@given(st.integers(0, 300))
def test_a_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(LEAVES[:size]) == _defined(LEAVES[:size])


@given(st.data())
def test_every_leaf_is_proven_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(_subtrees, index, size)
    root = verifier.root_by_inclusion
    assert root(LEAVES[index], index, size, path) == _defined(LEAVES[:size])
    assert root(leaf_hash(b"other"), index, size, path) != _defined(LEAVES[:size])
    for wrong in (path[:-1], [*path, bytes(32)]) if path else ():
        with pytest.raises(verifier.Refused):
            root(LEAVES[index], index, size, wrong)


@given(st.data())
def test_every_former_tree_is_proven(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    former = data.draw(st.integers(1, size))
    path = consistency_path(_subtrees, former, size)
    roots = _defined(LEAVES[:former]), _defined(LEAVES[:size])
    assert verifier.roots_by_consistency(former, size, roots[0], path) == roots
    if former < size:
        other = verifier.roots_by_consistency(former, size, roots[0], [bytes(32), *path[1:]])
        assert other != roots


def test_a_growing_tree_makes_each_node_once_when_it_is_whole() -> None:
    blocks = [[leaf_hash(bytes([block % 256]) * 32)] * 256 for block in range(513)]
    growth, made = Growth(), {}
    for block in blocks:
        for level, number, node in growth.add(block):
            assert made.setdefault((level, number), node) == node
    roots = [root_of(block) for block in blocks]
    assert made == {
        **{(1, number): root for number, root in enumerate(roots)},
        (2, 0): root_of(roots[:256]),
        (2, 1): root_of(roots[256:512]),
    }


def test_segments_make_the_root_and_the_nodes_above_them() -> None:
    segments = [leaf_hash(number.to_bytes(4, "big")) for number in range(600)]
    peaks, above = Peaks(), []
    for number, segment in enumerate(segments):
        assert peaks.root(segment) == root_of(segments[: number + 1])
        above += peaks.add(segment)
    assert above == [(3, 0, root_of(segments[:256])), (3, 1, root_of(segments[256:512]))]
    assert node_hash(above[0][2], above[1][2]) == root_of(segments[:512])
