"""An explained tree as indented lines: each comparison in words, true or false, and its origin."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from decisions.sentences import Telling
from decisions.sentences import leaf_in_words

_FORMS = ("all", "any", "none", "not_all")
_MARKS = {True: "+", False: "-"}
EVENTS_TOLD_MAX = 8
"""Positions on one line; the JSON has all of them."""


def tree_lines(tree: Mapping[str, Any], telling: Telling, depth: int = 0) -> Iterator[str]:
    """One line for each node, from the root down: `+` is true, `-` is false."""
    mark, indent = _MARKS[tree["truth"]], "  " * depth
    form = next((form for form in _FORMS if form in tree), None)
    if form is not None:
        if tree[form] or not depth:
            name = "forms" if tree[form] else "leaf"
            text = telling.messages.one_of(name, form if tree[form] else "no_conditions")
            yield f"{indent}{mark} {text}"
        for item in tree[form]:
            yield from tree_lines(item, telling, depth + 1)
        return
    if "operator" not in tree and "lines" not in tree:  # a rule that failed was not evaluated
        return
    origin = _origin(tree, telling)
    yield f"{indent}{mark} {leaf_in_words(dict(tree), telling)}{f' [{origin}]' if origin else ''}"
    where = tree.get("where")
    if isinstance(where, Mapping) and "truth" in where:
        yield from tree_lines(where, telling, depth + 1)


def _origin(leaf: Mapping[str, Any], telling: Telling) -> str:
    """`the profile up to position 12: events 7`."""
    texts, told = telling.messages, leaf.get("from")
    if told is None:
        return ""
    given = {"source": texts.one_of("sources", told["source"])}
    name = "plain"
    if "pointer" in told:
        name, given["pointer"] = "pointer", told["pointer"]
    elif "position" in told:
        name, given["position"] = "position", told["position"]
        if told.get("events"):
            name = "events"
            given["events"] = _listed(told["events"], telling)
    text = texts.one_of("origin", name, **given)
    if not leaf.get("matching"):
        return text
    lines = texts.text("list.comma").join(leaf["matching"])
    return f"{text}; {texts.text('origin.lines', lines=lines)}"


def _listed(positions: list[int], telling: Telling) -> str:
    texts = telling.messages
    shown = [str(one) for one in positions[:EVENTS_TOLD_MAX]]
    more = len(positions) - EVENTS_TOLD_MAX
    rest = [texts.text("list.more", count=more)] if more > 0 else []
    return texts.text("list.comma").join([*shown, *rest])
