"""DecisionRecorded: all that an answer followed from, and the answer's outcome, for ever.

The event belongs to no shopper's history (its `shopper_id` is null), so that answering somebody
does not lengthen what the next answer reads; the open field `shoppers` names the person. What the
request says and what was known of the person are sealed for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import Erased
from aggregates.kernel.ids import DecisionId
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from decisions.prior_prices import Reduced
from decisions.typed_codes import says_nothing
from decisions.typed_codes import with_guesses
from decisions.typed_codes import without_guesses
from rulesets.facts import Facts
from rulesets.question import Turn
from rulesets.retrieved import Retrieved
from rulesets.unit_results import UnitResults

TOPIC = "DecisionRecorded"
SEMANTICS = 3
"""Raised whenever any evaluation or rounding behaviour changes. 2: discounts of composite products
stand on their children. 3: codes that are for others alone count for nothing."""

HIDES_SINCE = 3

Results = Retrieved | UnitResults
"""What retrieval found for a page of a category, or for the units of a page."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a decision was made from. `floors` are the catalogue's minimum prices by line,
    `reductions` its reduced prices by line where they were asked for; `retrieved` the products that
    a ranked kind was given to rank."""

    request: dict[str, Any]
    facts: Facts
    floors: dict[str, int]
    retrieved: Results | None = None
    reductions: dict[str, Reduced] | None = None

    def facts_json(self) -> dict[str, Any]:
        """Facts, floors and results as recorded."""
        facts = self.facts.to_json()
        if self.floors:
            facts["floors"] = self.floors
        if self.retrieved is not None:
            facts["retrieved"] = self.retrieved.to_json()
        if self.reductions is not None:
            facts["reductions"] = self.reductions
        return facts


@dataclass(frozen=True, slots=True)
class ModelRef:
    """The model that a decision asked."""

    id: str
    digest: str

    def to_json(self) -> dict[str, str]:
        """As recorded."""
        return {"id": self.id, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Record:
    """One decision as the log keeps it. `outcome` is its compact JSON; `turn` that of a slot that
    shows one block after the other; `key` the pseudonym whose key seals it in the log."""

    decision_id: DecisionId
    kind: str
    semantics: int
    revision: int
    revision_digest: str
    positions: dict[str, int]
    decided_at: int
    seed: int
    shoppers: tuple[Pseudonym, ...]
    outcome: dict[str, Any]
    outcome_digest: str
    trace_digest: str
    engine: str
    disagreed: tuple[str, ...]
    sources: Sources
    turn: Turn | None = None
    models: tuple[ModelRef, ...] = ()
    key: Pseudonym | None = None
    says_guesses: bool = False
    """Whether the digest is over the outcome with guessed codes, as it was in earlier versions."""


def digest_of(value: Any) -> tuple[bytes, str]:
    """The canonical bytes of a value and their SHA-256."""
    data = canonical(value)
    return data, digest_of_text(data)


def digest_of_text(data: bytes) -> str:
    """The SHA-256 of canonical bytes."""
    return hashlib.sha256(data).hexdigest()


def outcome_digest(outcome: dict[str, Any]) -> str:
    """The digest that is recorded of an outcome: over what everybody may read of it."""
    return digest_of(without_guesses(outcome)[0])[1]


def new_event(site: SiteId, record: Record, owner: Pseudonym | None) -> NewEvent:
    """The event of a record; `owner` is the pseudonym whose key seals it (None: the site's)."""
    outcome, guesses = without_guesses(record.outcome)
    return NewEvent(
        stream_id=stream_id(site, "decision", record.decision_id),
        version=1,
        topic=TOPIC,
        data={
            "decision_id": record.decision_id,
            "kind": record.kind,
            "semantics": record.semantics,
            "revision": record.revision,
            "revision_digest": record.revision_digest,
            "positions": record.positions,
            "models": [model.to_json() for model in record.models],
            "decided_at": record.decided_at,
            "seed": record.seed,
            "shoppers": list(record.shoppers),
            "outcome": outcome,
            "outcome_digest": record.outcome_digest,
            "trace_digest": record.trace_digest,
            "engine": record.engine,
            "disagreed": list(record.disagreed),
            "request": record.sources.request,
            "facts": record.sources.facts_json(),
            **({"guesses": guesses} if guesses else {}),
            **({"turn": record.turn.to_json()} if record.turn else {}),
        },
        occurred_at=record.decided_at,
        sealed_for=owner,
    )


def from_event(event: RecordedEvent) -> Record:
    """The record of an unsealed event; Erased if its person was forgotten."""
    data = event.data
    if event.erased or "request" not in data:
        raise Erased("decision_erased", "the person this decision was for was forgotten")
    facts: Mapping[str, Any] = data["facts"]
    return Record(
        DecisionId(data["decision_id"]),
        data["kind"],
        data["semantics"],
        data["revision"],
        data["revision_digest"],
        dict(data["positions"]),
        data["decided_at"],
        data["seed"],
        tuple(Pseudonym(name) for name in data["shoppers"]),
        with_guesses(data["outcome"], data.get("guesses", ())),
        data["outcome_digest"],
        data["trace_digest"],
        data["engine"],
        tuple(data["disagreed"]),
        Sources(
            data["request"],
            Facts.from_json(dict(facts)),
            dict(facts.get("floors", {})),
            _results(data["kind"], facts.get("retrieved")),
            facts.get("reductions"),
        ),
        Turn(**data["turn"]) if "turn" in data else None,
        tuple(ModelRef(**model) for model in data["models"]),
        event.key,
        says_guesses=not says_nothing(data["outcome"]),
    )


def _results(kind: str, data: Mapping[str, Any] | None) -> Results | None:
    if data is None:
        return None
    return Retrieved.from_json(data) if kind == "category" else UnitResults.from_json(data)


def plain(value: Any) -> Any:
    """A value as it stands in the log: canonical JSON, parsed."""
    return orjson.loads(canonical(value))
