"""The name of a set of rules: two candidates that decide carts alike by their bodies have one.

It is over what is live of cart rules and segments after the change: kind, id, body and pause. A
definition that was not live before has no id in it, since a body that is simulated before it is
saved gets its id only then. Publish times are left out: they say when, not what.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable

from aggregates.kernel.canonical import digest
from aggregates.ruleset import Entry
from aggregates.ruleset import Place

KINDS = ("cart-rules", "segments")


def digest_of_rules(before: Collection[Place], after: Iterable[Entry]) -> str:
    """Of the entries of a revision, given the places of the one that it comes from."""
    return digest(
        sorted(
            [entry.kind, entry.id if (entry.kind, entry.id) in before else "", entry.digest]
            + ["paused"] * entry.paused
            for entry in after
            if entry.kind in KINDS
        )
    )
