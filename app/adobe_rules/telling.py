"""The report of a run, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from collections.abc import Sequence

import click
import orjson

from aggregates.kernel.errors import Problem
from app.adobe_rules.report import RuleReport

Said = tuple[str, str, str]
RULES_TOLD_ALONE = 3
RULES_SHOWN = 10


def tell(reports: Sequence[RuleReport], *, as_json: bool, err: bool = False) -> None:
    """Writes what became of each rule of which there is something to say, then what is to be said
    of many alike, and the counts.

    `err`: on standard error, since the rules themselves stand on standard output.
    """
    outcomes = Counter(report.outcome for report in reports)
    left_out = sum(report.outcome != "refused" and not report.whole for report in reports)
    counts = {**dict(sorted(outcomes.items())), "not_whole": left_out}
    if as_json:
        told = {**counts, "rules": [report.to_json() for report in reports]}
        click.echo(orjson.dumps(told), err=err)
        return
    often = _often(reports)
    for report in reports:
        for line in _lines(report, often):
            click.echo(line, err=err)
    for (what, code, detail), numbers in often.items():
        click.echo(f"{len(numbers)} rules, {what}: {detail} ({code}) {_shown(numbers)}", err=err)
    said = ", ".join(f"{name} {count}" for name, count in counts.items() if name != "not_whole")
    click.echo(f"{said or 'no rules'}; with something left out {left_out}", err=err)


def _told(report: RuleReport) -> list[tuple[str, Problem]]:
    telling = report.telling
    return [
        *(("refused", problem) for problem in telling.refused),
        *(("left out", problem) for problem in telling.left_out),
        *(("note", problem) for problem in telling.notes),
    ]


def _often(reports: Sequence[RuleReport]) -> dict[Said, list[str]]:
    """What is told of many rules alike, and of which: it is said once, after the others."""
    told: dict[Said, dict[str, None]] = {}
    for report in reports:
        for what, problem in _told(report):
            said = (what, problem.code, problem.detail)
            told.setdefault(said, {})[_number(report)] = None
    return {said: list(rules) for said, rules in told.items() if len(rules) > RULES_TOLD_ALONE}


def _lines(report: RuleReport, often: Container[Said]) -> list[str]:
    lines = [
        f"  {what}: {problem.detail} ({problem.code}, {problem.pointer or '/'})"
        for what, problem in _told(report)
        if (what, problem.code, problem.detail) not in often
    ]
    names = [f"rule {report.rule_id}" if report.rule_id is not None else "", report.id or ""]
    head = f"{' '.join(name for name in names if name)} {report.name!r}: {report.outcome}"
    return [head, *lines] if lines else []


def _number(report: RuleReport) -> str:
    return str(report.rule_id) if report.rule_id is not None else str(report.id)


def _shown(numbers: list[str]) -> str:
    more = ", ..." if len(numbers) > RULES_SHOWN else ""
    return f"[{', '.join(numbers[:RULES_SHOWN])}{more}]"
