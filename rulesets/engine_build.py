"""Building in a child process first: what crashes or hangs the C code does so there.

The parent sends the texts of the networks; the child makes each, fires every rule once with all
it needs and once with one literal missing, and says whether the answers were right.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from rulesets.engine import EngineFailed
from rulesets.engine import EngineRule
from rulesets.engine import Network
from rulesets.literals import LiteralTable
from rulesets.shards import Shard
from rulesets.shards import plan

TIMEOUT_S = 30.0
"""5,000 rules take about a second; a hang in C never ends."""

_OK = "built"


def check(rules: Sequence[EngineRule], timeout_s: float = TIMEOUT_S) -> None:
    """Builds these rules in a child process; InvalidInput `engine_refused` if that goes wrong."""
    shards = plan(rules, LiteralTable()).shards
    try_out([shard.text for shard in shards], [_needs(shard) for shard in shards], timeout_s)


def try_out(
    texts: Sequence[str], needs: Sequence[Sequence[Sequence[int]]], timeout_s: float = TIMEOUT_S
) -> None:
    """Makes and fires networks in a child process."""
    if not texts:
        return
    work = json.dumps([[text, wanted] for text, wanted in zip(texts, needs, strict=True)])
    try:
        child = subprocess.run(
            [sys.executable, "-m", "rulesets.engine_build"],
            input=work,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    except subprocess.TimeoutExpired:
        raise _refused(f"the engine did not finish within {timeout_s:g} s") from None
    if child.returncode != 0:
        raise _refused(f"the engine process ended with {child.returncode}")
    if child.stdout.strip() != _OK:
        raise _refused(child.stdout.strip()[:200])


def _needs(shard: Shard) -> list[list[int]]:
    """The properties of each rule of a network, read back from the text that C gets."""
    rules = json.loads(shard.text)
    return [
        [
            int(name[1:])
            for test in rules[str(number)]["all"][0]["c"]["$and"]
            for name in test
            if name.startswith("p")
        ]
        for number in range(len(shard.owners))
    ]


def _refused(detail: str) -> InvalidInput:
    return InvalidInput([Problem("", "engine_refused", detail)])


def _answer(work: str) -> str:
    for text, needs in json.loads(work):
        try:
            network = Network(text)
            for number, wanted in enumerate(needs):
                if number not in network.fire(wanted):
                    return f"rule {number} does not fire when it should"
                if wanted and number in network.fire(wanted[1:]):
                    return f"rule {number} fires when it should not"
        except EngineFailed as error:
            return str(error)
    return _OK


if __name__ == "__main__":
    sys.stdout.write(_answer(sys.stdin.read()))
