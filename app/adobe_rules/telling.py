"""The report of a run, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click
import orjson

from app.adobe_rules.report import RuleReport


def tell(reports: Sequence[RuleReport], *, as_json: bool, err: bool = False) -> None:
    """Writes what became of each rule of which there is something to say, and the counts.

    `err`: on standard error, since the rules themselves stand on standard output.
    """
    outcomes = Counter(report.outcome for report in reports)
    left_out = sum(report.outcome != "refused" and not report.whole for report in reports)
    counts = {**dict(sorted(outcomes.items())), "not_whole": left_out}
    if as_json:
        told = {**counts, "rules": [report.to_json() for report in reports]}
        click.echo(orjson.dumps(told), err=err)
        return
    for report in reports:
        for line in _lines(report):
            click.echo(line, err=err)
    said = ", ".join(f"{name} {count}" for name, count in counts.items() if name != "not_whole")
    click.echo(f"{said or 'no rules'}; with something left out {left_out}", err=err)


def _lines(report: RuleReport) -> list[str]:
    told = [
        *(("refused", problem) for problem in report.telling.refused),
        *(("left out", problem) for problem in report.telling.left_out),
        *(("note", problem) for problem in report.telling.notes),
    ]
    if not told:
        return []
    names = [f"rule {report.rule_id}" if report.rule_id is not None else "", report.id or ""]
    head = f"{' '.join(name for name in names if name)} {report.name!r}: {report.outcome}"
    return [
        head,
        *(
            f"  {what}: {problem.detail} ({problem.code}, {problem.pointer or '/'})"
            for what, problem in told
        ),
    ]
