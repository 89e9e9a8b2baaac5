"""Stratum 2: rules that read running totals fire again whenever a total has changed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from rulesets.facts import Facts
from rulesets.judge import Judge
from rulesets.settled import SettledTruths
from rulesets.stratum import Stratum


class Refiring:
    """What is fired now. A total that crosses no threshold changes no literal, and then the engine
    need not be asked again."""

    __slots__ = (
        "_facts",
        "_fired",
        "_judge",
        "_late",
        "_place",
        "_stale",
        "_stratum",
        "_true",
        "_truths",
    )

    def __init__(
        self,
        stratum: Stratum,
        facts: Facts,
        judge: Judge,
        true: AbstractSet[int] | None,
        truths: SettledTruths,
    ) -> None:
        self._stratum = stratum
        self._facts = facts
        self._judge = judge
        self._true = None if true is None else set(true)
        self._truths = truths
        self._place: Any = None
        self._late: set[int] | None = None
        self._fired: frozenset[str] = frozenset()
        self._stale = True

    def total_changed(self) -> None:
        """To be told after each change."""
        self._stale = True

    def has_fired(self, name: str) -> bool:
        """Whether the rule is fired with the totals of now."""
        if self._stale:
            self._fire()
        return name in self._fired

    def _fire(self) -> None:
        self._stale = False
        if self._true is None:
            self._late_fired(None)
            return
        place = self._stratum.table.late_place(self._facts)
        if place is not None and place == self._place:
            return
        self._place = place
        late = self._judge.late_literals(self._stratum, self._facts, self._true)
        if late is None:
            self._late_fired(None)
        elif late != self._late:
            self._late = late
            self._late_fired(self._true | late)

    def _late_fired(self, true: AbstractSet[int] | None) -> None:
        self._fired = frozenset(self._judge.fired(self._stratum, self._facts, true, self._truths))
