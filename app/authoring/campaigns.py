"""Campaigns over all live rules: rules that name one say the same of it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.ruleset import Place
from app.authoring.acts import Act
from app.authoring.rule_groups import KIND
from rulesets.definitions import LiveDefinition


def check_campaigns(published: Mapping[Place, Act], live: Iterable[LiveDefinition]) -> None:
    """InvalidInput with `campaign_contradicts`, at what is published."""
    acts = {id_: act for (kind, id_), act in published.items() if kind == KIND}
    rules = [rule for rule in live if rule.kind == KIND and rule.body.get("campaign")]
    # What is live already says it first; among those published at once, the first of them.
    ordered = sorted(rules, key=lambda rule: (rule.id in acts, rule.id))
    first: dict[str, LiveDefinition] = {}
    problems = []
    for rule in ordered:
        campaign: dict[str, Any] = rule.body["campaign"]
        said = first.setdefault(campaign["name"], rule)
        if rule.id in acts and canonical(said.body["campaign"]) != canonical(campaign):
            detail = f"{said.id} says otherwise of the campaign {campaign['name'][:64]}"
            pointer = f"{acts[rule.id].pointer}/body/campaign"
            problems.append(Problem(pointer, "campaign_contradicts", detail))
    if problems:
        raise InvalidInput(problems)
