"""Trains the models of a site from its log: the one function behind the command and the job.

A type that fails or comes out empty keeps what it served, and says so. What was trained becomes one
event over all types; where nothing was, there is none. Whatever ends a training half-way leaves the
old model serving: parts are stored first, and only the event makes a model of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from aggregates.kernel.clock import DAY
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from app.edge.logging import failure
from app.training import artefacts
from app.training import engine
from app.training import reading
from app.training.making import make
from app.training.publishing import Entry
from app.training.publishing import kept
from app.training.publishing import publish
from app.training.publishing import trained
from app.wiring import Services
from projections.recommendations.history import History
from projections.recommendations.recommender import Recommender
from projections.recommendations.registry import RECOMMENDERS
from projections.recommendations.registry import TRAINED

Tell = Callable[[str, int, int], None]
"""Told (what, done, total) as it goes."""
_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What became of a training. `model` is the one it made, None if it made none; `types` are the
    entries that serve now, of the asked types."""

    model: str | None
    types: Mapping[str, Entry]
    trained_to: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "model": self.model,
            "trained_to": self.trained_to,
            "seconds": round(self.seconds, 3),
            "types": dict(self.types),
        }


def train(
    services: Services, site: SiteId, types: Sequence[str] | None, tell: Tell
) -> TrainingReport:
    """Trains these types, or all. InvalidValue `unknown_unit_type`; Unavailable if a store is away:
    then nothing changed."""
    began = time.monotonic()
    names = _names(types)
    end = services.log.head(site)
    head, now = end.position, max(services.clock.now(), end.recorded_at)
    since = now - DAY * max(RECOMMENDERS[name].window_days for name in names)
    after = reading.first_after(services.log, site, since, head)
    rows = reading.read(
        services.log, site, after, head, lambda done, total: tell("reading the log", done, total)
    )
    found: dict[str, Entry] = {}
    with engine.opened(rows, now) as history:
        del rows
        for number, name in enumerate(names):
            tell(name, number, len(names))
            found[name] = _attempt(services, site, RECOMMENDERS[name], history, head)
    model, serving = publish(services.log, services.stores.log, site, found)
    artefacts.sweep(services.stores.log, now)
    tell("done", len(names), len(names))
    seconds = time.monotonic() - began
    outcomes = {name: entry["outcome"] for name, entry in serving.items()}
    _logger.info("trained", site=site, model=model, trained_to=head, types=outcomes)
    return TrainingReport(model, serving, head, seconds)


def _names(types: Sequence[str] | None) -> list[str]:
    unknown = sorted(set(types or ()) - set(TRAINED))
    if unknown:
        detail = f"{unknown[0]!r} is not trained; these are: {', '.join(TRAINED)}"
        raise InvalidValue("unknown_unit_type", detail)
    return [name for name in TRAINED if not types or name in types]


def _attempt(
    services: Services, site: SiteId, recommender: Recommender, history: History, head: int
) -> Entry:
    """The entry of one type; its artefact is stored."""
    try:
        made = make(recommender, history, engine.rows_of)
        if made is None:
            return kept("empty")
        artefacts.store(services.stores.log, made.artefact, history.now)
    except Unavailable:
        raise
    except Exception as error:
        failure("training_failed", error, site=site, type=recommender.type)
        return kept("failed")
    return trained(made.artefact.digest, head, history.now, made.readiness)
