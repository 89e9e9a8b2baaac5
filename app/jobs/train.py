"""The job `train`: the models of recommendations, trained anew from the stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aggregates.kernel.ids import SiteId
from app.jobs.job import JobFailed
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.training.train import TrainingReport
    from app.wiring import Services


Training = Callable[["Services", SiteId, None, Callable[[str, int, int], None]], "TrainingReport"]


def train(services: Services, site: SiteId, run: Run, training: Training | None = None) -> str:
    """Trains all types of a site; JobFailed if one of them failed, with what serves instead."""
    report = (training or _training())(services, site, None, run.progress)
    failed = [name for name, entry in report.types.items() if entry.get("why") == "failed"]
    if failed:
        msg = f"{', '.join(failed)}: training failed, the former model serves; see the log"
        raise JobFailed(msg)
    if report.model is None:
        serving = any(entry["digest"] for entry in report.types.values())
        return "nothing new to train from" + ("; the former model serves" if serving else " yet")
    empty = [name for name, entry in report.types.items() if entry["outcome"] != "trained"]
    rest = f"; {', '.join(empty)}: nothing to train from" if empty else ""
    return (
        f"{report.model}: {len(report.types) - len(empty)} of {len(report.types)} types trained"
        f" up to position {report.trained_to} in {report.seconds:.1f} s{rest}"
    )


def _training() -> Training:
    """Imported when it is due: it brings ibis and duckdb along."""
    from app.training.train import train as training

    return training
