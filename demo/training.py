"""Trains the models of rankings and recommendations over the demo's history, and says how ready
each type is."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from aggregates.kernel.ids import SiteId
from app.training.publishing import Entry
from app.training.train import TrainingReport
from app.training.train import train
from app.wiring import Services
from projections.recommendations.readiness import relevance


def train_and_tell(services: Services, site: SiteId, console: Console) -> TrainingReport:
    """What `rationale train` does, for one site; prints a line for each type."""
    with console.status("training") as status:
        report = train(
            services, site, None, lambda what, done, total: status.update(f"training: {what}")
        )
    made = report.model or "no model"
    console.print(
        f"\nTrained model {made} on the log up to {report.trained_to:,} in {report.seconds:.1f} s:"
    )
    _print_readiness(console, report.types)
    return report


def _print_readiness(console: Console, types: Mapping[str, Entry]) -> None:
    for name, entry in types.items():
        ready = entry["readiness"]
        why = f", {entry['outcome']}: {entry['why']}" if "why" in entry else ""
        console.print(f"  {name:<16} readiness {ready:>3} ({relevance(ready)}){why}")
