"""Proofs as a third party checks them: the standalone verifier, alone, with the public key."""

from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from aggregates.kernel.errors import DomainError
from app.checkpoints import proofs
from app.checkpoints.note import read_note
from app.checkpoints.note import signed_note
from app.signing.signing import Signing
from tests.checkpoints_given import SignedLog
from tests.checkpoints_given import signing_in
from tests.log_events import SITE

VERIFIER = Path(__file__).parents[3] / "docs" / "verify_proof.py"
Proof = dict[str, Any]


class Stranger:
    """Has the verifier, a public key, and a folder of his own."""

    def __init__(self, folder: Path, signing: Signing) -> None:
        self._folder = folder
        folder.mkdir()
        shutil.copy(VERIFIER, folder)
        self.trusts(signing)

    def trusts(self, signing: Signing) -> None:
        """The key that he was told."""
        self.told(signing.public.pem)

    def told(self, *pems: str) -> None:
        """The same as text; all that were ever in use, if there were several."""
        self._keys = []
        for number, pem in enumerate(pems):
            (self._folder / f"{number}.pem").write_text(pem)
            self._keys += ["--key", f"{number}.pem"]

    def checks(self, proof: Proof, *more: str, site: str = SITE) -> str:
        """What the verifier says, which exits as it says."""
        (self._folder / "proof.json").write_bytes(orjson.dumps(proof))
        command = [sys.executable, "-I", "verify_proof.py", *self._keys, "--site", site, *more]
        done = subprocess.run(
            [*command, "proof.json"], cwd=self._folder, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        assert done.returncode == (0 if done.stdout.startswith("PROVEN") else 1)
        return done.stdout

    def checks_with(self, kept: str, proof: Proof) -> str:
        """The same against a checkpoint of his own."""
        (self._folder / "kept.checkpoint").write_text(kept, "utf-8")
        return self.checks(proof, "--kept", "kept.checkpoint")


@pytest.fixture
def stranger(signed_log: SignedLog, tmp_path: Path) -> Stranger:
    return Stranger(tmp_path / "stranger", signed_log.signing)


def _flipped(encoded: str) -> str:
    raw = bytearray(b64decode(encoded))
    raw[-1] ^= 1
    return b64encode(raw).decode()


def _event(name: str, value: Any) -> Callable[[Proof], Proof]:
    return lambda proof: {**proof, "event": {**proof["event"], name: value}}


def _state(proof: Proof) -> Proof:
    return _event("state", _flipped(proof["event"]["state"]))(proof)


def _path(proof: Proof) -> Proof:
    return {**proof, "path": [*proof["path"][:-1], _flipped(proof["path"][-1])]}


def _line(number: int, change: Callable[[str], str]) -> Callable[[Proof], Proof]:
    def changed(proof: Proof) -> Proof:
        lines = proof["checkpoint"].split("\n")
        lines[number] = change(lines[number])
        return {**proof, "checkpoint": "\n".join(lines)}

    return changed


def _signature(line: str) -> str:
    dash, name, encoded = line.split(" ")
    return f"{dash} {name} {_flipped(encoded)}"


FALSIFIED: dict[str, Callable[[Proof], Proof]] = {
    "another position": _event("position", 200),
    "another stream": _event("stream_id", "00" * 16),
    "another version": _event("version", 2),
    "another topic": _event("topic", "DecisionRecorded"),
    "another shopper": _event("shopper_id", "0" * 32),
    "another moment": _event("occurred_at", 0),
    "recorded at another moment": _event("recorded_at", 0),
    "a flipped byte in the state": _state,
    "a flipped byte in the path": _path,
    "a shorter path": lambda proof: {**proof, "path": proof["path"][:-1]},
    "a longer path": lambda proof: {**proof, "path": [*proof["path"], proof["path"][0]]},
    "another hash before": lambda proof: {**proof, "previous_hash": "00" * 32},
    "a larger log": _line(1, lambda line: str(int(line) + 1)),
    "another root": _line(2, _flipped),
    "another chain": _line(3, lambda line: "chain " + "00" * 32),
    "another moment of signing": _line(4, lambda line: line.replace("2026", "2025")),
    "a flipped byte in the signature": _line(6, _signature),
    "no signature": lambda proof: {**proof, "checkpoint": proof["checkpoint"].split("\u2014")[0]},
    "nothing": lambda proof: {"format": proof["format"]},
    "another kind": lambda proof: {**proof, "format": "other"},
}


def test_a_stranger_is_shown_events_and_no_falsified_ones(
    signed_log: SignedLog, stranger: Stranger, tmp_path: Path
) -> None:
    signed_log.grow(5, 257, 600)
    for position in (1, 5, 6, 257, 258, 600):
        proof = proofs.inclusion(signed_log.stores.log, SITE, position)
        assert f"at position {position} of" in stranger.checks(proof)
    proof = proofs.inclusion(signed_log.stores.log, SITE, 100, 600)
    assert stranger.checks(proof).startswith("PROVEN")
    assert '"event": "Viewed"' in stranger.checks(proof, "--show")
    for name, falsify in FALSIFIED.items():
        assert stranger.checks(falsify(proof)).startswith("REFUSED"), name
    assert stranger.checks(proof, site="shed").startswith("REFUSED")
    other = signing_in(tmp_path / "other")
    resigned = signed_note(read_note(proof["checkpoint"]), other)
    assert stranger.checks({**proof, "checkpoint": resigned}).startswith("REFUSED")
    stranger.trusts(other)
    assert stranger.checks(proof).startswith("REFUSED")


def test_a_stranger_is_shown_that_the_log_only_grew(
    signed_log: SignedLog, stranger: Stranger
) -> None:
    sizes = (1, 5, 256, 300, 600)
    signed_log.grow(*sizes)
    log = signed_log.stores.log
    for former, later in ((1, 5), (1, 600), (5, 300), (256, 600), (300, 600), (600, 600)):
        proof = proofs.consistency(log, SITE, former, later)
        assert f"from {former} to {later} events" in stranger.checks(proof)
    proof = proofs.consistency(log, SITE, 300, 600)
    former = replace(read_note(proof["from"]), root=bytes(32))
    forged = [
        _path(proof),
        {**proof, "path": proof["path"][1:]},
        {**proof, "from": proof["to"], "to": proof["from"]},
        {**proof, "from": signed_note(former, signed_log.signing)},
        {**proof, "to": proof["to"].replace("600", "601")},
    ]
    for number, each in enumerate(forged):
        assert stranger.checks(each).startswith("REFUSED"), number
    assert stranger.checks_with(proof["from"], proof).startswith("PROVEN")
    resigned = signed_note(former, signed_log.signing)
    for kept in (proof["to"], resigned, ""):
        assert stranger.checks_with(kept, proof).startswith("REFUSED"), kept


def test_a_log_that_grew_over_a_change_of_the_key_is_shown_by_both_keys(
    signed_log: SignedLog, stranger: Stranger
) -> None:
    signed_log.grow(5)
    former = signed_log.signing.public.pem
    later = signed_log.rotate().pem
    signed_log.grow(9)
    proof = proofs.consistency(signed_log.stores.log, SITE, 5, 9)
    for pems, said in (((former, later), "PROVEN"), ((former,), "REFUSED"), ((later,), "REFUSED")):
        stranger.told(*pems)
        assert stranger.checks(proof).startswith(said), pems


def test_what_cannot_be_proven_says_why(signed_log: SignedLog) -> None:
    signed_log.grow(5, 9)
    log = signed_log.stores.log
    asked = [
        (lambda: proofs.inclusion(log, SITE, 10), "event_unknown"),
        (lambda: proofs.inclusion(log, SITE, 0), "event_unknown"),
        (lambda: proofs.inclusion(log, SITE, 3, 6), "checkpoint_unknown"),
        (lambda: proofs.inclusion(log, SITE, 6, 5), "invalid_input"),
        (lambda: proofs.consistency(log, SITE, 5, 8), "checkpoint_unknown"),
        (lambda: proofs.consistency(log, SITE, 9, 5), "invalid_input"),
        (lambda: proofs.position_of_decision(log, SITE, "dec_1"), "decision_unknown"),
    ]
    for ask, code in asked:
        with pytest.raises(DomainError) as refused:
            ask()
        assert refused.value.code == code
