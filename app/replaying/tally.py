"""What a part of a range came to, as JSON: counts, what decided, and every finding.

A report outlives an erasure. So of what is sealed in the log, the facts above all, it says where it
differs and not what it is: whoever may know asks for the replay of that one decision.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from decisions.findings import Difference
from decisions.findings import Replayed
from decisions.replay_range import Counts

SEALED = ("/facts/", "/outcome/coupons")
"""Where facts stand, and the codes that a person typed."""
Finding = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """Sums of counts. `findings`: every decision that was not identical, by its position."""

    replayed: int = 0
    identical: int = 0
    erased: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    semantics: Counter[str] = field(default_factory=Counter)
    revisions: dict[int, str] = field(default_factory=dict)
    unproven: dict[int, str] = field(default_factory=dict)
    findings: dict[int, Finding] = field(default_factory=dict)

    def add(self, told: dict[str, Any]) -> None:
        """Adds what `told_of` made."""
        self.replayed += told["replayed"]
        self.identical += told["identical"]
        self.erased += told["erased"]
        self.kinds.update(told["kinds"])
        self.semantics.update(told["semantics"])
        self.revisions.update({int(number): one for number, one in told["revisions"].items()})
        self.unproven.update({int(number): one for number, one in told["unproven"].items()})
        self.findings.update({one["position"]: one for one in told["findings"]})

    @property
    def holds(self) -> bool:
        """Whether all that could be replayed came out identical, by revisions that are proven."""
        return self.replayed == self.identical and not self.unproven


def told_of(counts: Counts) -> dict[str, Any]:
    """Counts as JSON, without a word of anybody's facts."""
    return {
        "replayed": counts.replayed,
        "identical": counts.identical,
        "erased": counts.erased,
        "kinds": dict(counts.kinds),
        "semantics": {str(number): count for number, count in counts.semantics.items()},
        "revisions": {str(number): digest for number, digest in counts.revisions.items()},
        "unproven": {str(number): code for number, code in counts.unproven.items()},
        "findings": [_finding(place, one) for place, one in sorted(counts.different.items())],
    }


def _finding(position: int, replayed: Replayed) -> Finding:
    return {
        "position": position,
        "decision_id": replayed.decision_id,
        "kind": replayed.kind,
        "revision": replayed.revision,
        "differences": [_difference(one) for one in replayed.differences],
        "not_rebuilt": [one.to_json() for one in replayed.not_rebuilt],
        "findings": [one.to_json() for one in replayed.findings],
    }


def _difference(found: Difference) -> dict[str, Any]:
    if found.path.startswith(SEALED):
        return {"path": found.path, "sealed": True}
    return found.to_json()
