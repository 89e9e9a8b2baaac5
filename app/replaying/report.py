"""The report of a replayed range: what was replayed, under which log and program, and what was
found. Signed by the installation (app/signing/documents.py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from aggregates.kernel.clock import format_moment
from app.replaying.plan import Plan
from app.replaying.tally import Tally
from app.signing.documents import check
from app.signing.documents import signed
from app.signing.signing import Signing
from app.signing.signing import Verdict
from decisions.again import BY_SEMANTICS
from decisions.record import SEMANTICS

FORMAT = "rationale-replay-report/1"


@dataclass(frozen=True, slots=True)
class BadReport(Exception):
    """A file that is no report; the text says why."""

    why: str


def report_of(plan: Plan, tally: Tally, ended_at: int) -> dict[str, Any]:
    """The document, unsigned."""
    asked = plan.asked
    return {
        "format": FORMAT,
        "site": asked.site,
        "mode": asked.mode,
        "from": _moment(asked.start_at),
        "to": _moment(asked.end_at),
        "positions": {"after": plan.after, "upto": plan.upto},
        "log": {"position": plan.head_position, "hash": plan.head_hash},
        "began_at": format_moment(plan.began_at),
        "ended_at": format_moment(ended_at),
        "software": {
            "version": plan.version,
            "semantics": SEMANTICS,
            "semantics_known": sorted(BY_SEMANTICS),
        },
        "counts": {
            "decisions": tally.replayed + tally.erased,
            "replayed": tally.replayed,
            "identical": tally.identical,
            "different": tally.replayed - tally.identical,
            "erased": tally.erased,
        },
        "kinds": dict(sorted(tally.kinds.items())),
        "semantics": dict(sorted(tally.semantics.items())),
        "revisions": [
            {"revision": number, "digest": digest, "code": tally.unproven.get(number, "proven")}
            for number, digest in sorted(tally.revisions.items())
        ],
        "holds": tally.holds,
        "findings": [tally.findings[position] for position in sorted(tally.findings)],
    }


def write(path: Path, signing: Signing, report: Mapping[str, Any]) -> None:
    """Signs it and puts it there whole."""
    draft = path.with_name(f".{path.name}.draft")
    data = orjson.dumps(signed(signing, report), option=orjson.OPT_INDENT_2)
    draft.write_bytes(data + b"\n")
    os.replace(draft, path)


def read(path: Path) -> dict[str, Any]:
    """A report as it stands in a file; BadReport if it is none."""
    try:
        told = orjson.loads(path.read_bytes())
    except ValueError as error:
        raise BadReport("it is no JSON") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise BadReport(f"its format is not {FORMAT}")
    return told


def verdict(signing: Signing, report: Mapping[str, Any]) -> Verdict:
    """Whether this installation signed it as it is."""
    return check(signing, report)


def _moment(at: int | None) -> str | None:
    return None if at is None else format_moment(at)
