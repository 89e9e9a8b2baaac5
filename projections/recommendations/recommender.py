"""What every recommender is: an expression that trains it, and candidates from what it learned.

`train` is an ibis expression over a History, so that it reads like its definition and other engines
can run the same. `candidates` is pure and quick; nothing that it touches imports ibis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

from projections.recommendations.artefact import Entry
from projections.recommendations.artefact_format import Kind
from projections.recommendations.models import Model

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from projections.recommendations.history import History


@dataclass(frozen=True, slots=True)
class Asked:
    """What a unit is asked with: the products of the context (the one looked at, or the cart's),
    what the shopper viewed as (sku, viewed_at) newest first, and how many candidates to give."""

    skus: tuple[str, ...] = ()
    viewed: tuple[tuple[str, int], ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One product with its strongest evidence; `score / scale` is what a person reads."""

    sku: str
    score: int
    scale: int
    because: dict[str, Any] = field(default_factory=dict)


class Recommender(Protocol):
    """One type. `kind` and `scale` say how its artefact is written, `window_days` how far back its
    training reads; a type that needs no model has the kind None."""

    @property
    def type(self) -> str: ...
    @property
    def kind(self) -> Kind | None: ...
    @property
    def scale(self) -> int: ...
    @property
    def window_days(self) -> int: ...

    def train(self, history: History) -> Table | None:
        """The rows of the artefact in its order, without floats: (sku, score, evidence...) or
        (sku, other, score, together). None if there is nothing to train, or not enough."""

    def occurrences(self, history: History) -> Table | None:
        """(sku, times) of all that neighbours were sought for; None of a ranking."""

    def candidates(self, model: Model, asked: Asked) -> list[Candidate]:
        """At most `asked.count`, by (-score, sku); never a product of the context."""


def ranked(
    model: Model, unit_type: str, asked: Asked, because: Callable[[Entry], dict[str, Any]]
) -> list[Candidate]:
    """Candidates of a ranking, best first."""
    artefact = model.artefacts.get(unit_type)
    if artefact is None:
        return []
    context = frozenset(asked.skus)
    entries = artefact.top(asked.count + len(context))
    found = [entry for entry in entries if entry[0] not in context][: asked.count]
    scale = artefact.scale
    return [Candidate(entry[0], entry[1], scale, because(entry)) for entry in found]
