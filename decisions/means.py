"""What the use cases work with, put together by app/wiring.py."""

from __future__ import annotations

from dataclasses import dataclass

from aggregates.kernel.clock import Clock
from aggregates.kernel.clock import Random
from aggregates.log import EventLog
from aggregates.log import Pseudonyms
from decisions.current import Revisions
from projections.product_index import ProductIndexes
from projections.recommendations.models import Models
from projections.snapshot import Snapshots


@dataclass(frozen=True, slots=True)
class Means:
    """Readers, the log, time and randomness."""

    reads: Snapshots
    products: ProductIndexes
    models: Models
    log: EventLog
    revisions: Revisions
    pseudonyms: Pseudonyms
    clock: Clock
    random: Random
