"""What is to be replayed, cut into parts that any process can take; kept in a folder until done."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

import orjson

from aggregates.kernel.ids import SiteId
from app.wiring import Services
from decisions.replay_range import Range
from decisions.replay_range import positions_between

FORMAT = 1
PART_MIN = 2_000
"""Positions: less is not worth the start of a process."""
PARTS_MAX = 256
_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A site, a mode, and moments between which decisions were recorded; None: no end."""

    site: str
    mode: str
    start_at: int | None
    end_at: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The positions that the moments came to, and the head of the log when it was made."""

    format: int
    version: str
    asked: Asked
    after: int
    upto: int
    head_position: int
    head_hash: str
    began_at: int
    part: int

    @property
    def parts(self) -> list[Range]:
        """In the order of the log; whoever takes one after the other reads the log forward."""
        starts = range(self.after, self.upto, self.part)
        site, mode = SiteId(self.asked.site), self.asked.mode
        return [Range(site, mode, at, min(self.upto, at + self.part)) for at in starts]


def planned(services: Services, asked: Asked, version: str, folder: Path) -> tuple[Plan, bool]:
    """The plan that is kept in the folder for the same question, which is then gone on with; else a
    new one, kept there, in the place of whatever was there."""
    kept = _kept(folder)
    if kept is not None and (kept.format, kept.version, kept.asked) == (FORMAT, version, asked):
        return kept, True
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    plan = _new(services, asked, version)
    draft = folder / f"{_PLAN}.draft"
    draft.write_bytes(orjson.dumps(asdict(plan)))
    os.replace(draft, folder / _PLAN)
    return plan, False


def _new(services: Services, asked: Asked, version: str) -> Plan:
    site = SiteId(asked.site)
    head = services.log.head(site)
    after, upto = positions_between(services.log, site, asked.start_at or 0, asked.end_at)
    upto = min(upto, head.position)
    part = max(PART_MIN, -(-(upto - after) // PARTS_MAX))
    now = services.clock.now()
    return Plan(FORMAT, version, asked, after, upto, head.position, head.hash.hex(), now, part)


def _kept(folder: Path) -> Plan | None:
    try:
        told = orjson.loads((folder / _PLAN).read_bytes())
        return Plan(**{**told, "asked": Asked(**told["asked"])})
    except (FileNotFoundError, TypeError, KeyError, ValueError):
        return None  # none, or one of another version: a new one takes its place
