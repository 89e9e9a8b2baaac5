"""Adobe writes numbers where this service has names: a file says which is which.

    {"websites": {"1": "shop"}, "groups": {"2": "wholesale"}, "stores": {"1": "default"},
     "segments": {"4": "vip"}, "categories": {"12": "men/shoes"}, "regions": {"43": "New York"},
     "options": {"color": {"52": "red"}}}

`websites` are sites of this service, `stores` store views, `segments` ids or keys of segments,
`categories` paths, `options` the values of attributes whose conditions hold ids of options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from app.adobe_rules.fields import document
from app.edge.validation import escaped

NOT_LOGGED_IN = ("0", "not_logged_in")
"""The one group whose number is the same in every shop."""
Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Table:
    """Ids and names of one kind, each for one of the other."""

    names: Mapping[str, Scalar] = field(default_factory=dict)

    def name(self, number: object) -> Scalar | None:
        """The name of an id."""
        return self.names.get(str(number))

    def number(self, name: object) -> str | None:
        """The id of a name; 1 and true are two names."""
        wanted = (type(name), name)
        found = (number for number, known in self.names.items() if (type(known), known) == wanted)
        return next(found, None)

    def __bool__(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True, slots=True)
class Names:
    """All tables of a names file; a kind that is not in it has an empty one."""

    websites: Table = field(default_factory=Table)
    groups: Table = field(default_factory=lambda: Table(dict((NOT_LOGGED_IN,))))
    stores: Table = field(default_factory=Table)
    segments: Table = field(default_factory=Table)
    categories: Table = field(default_factory=Table)
    regions: Table = field(default_factory=Table)
    options: Mapping[str, Table] = field(default_factory=dict)

    @property
    def knows_groups(self) -> bool:
        """Whether the file lists groups, beside the one that is everywhere."""
        return len(self.groups.names) > 1


_KINDS = tuple(name for name in Names.__slots__ if name != "options")


def read_names(data: bytes) -> Names:
    """A names file; InvalidInput with every wrong place."""
    given = document(data)
    problems = [
        Problem(f"/{escaped(kind)}", "unknown_field", f"kinds are {', '.join(Names.__slots__)}")
        for kind in given
        if kind not in Names.__slots__
    ]
    tables = {
        kind: _table(given.get(kind, {}), f"/{kind}", problems, only_text=True) for kind in _KINDS
    }
    number, name = NOT_LOGGED_IN
    groups = Table({number: name, **tables["groups"].names})
    options = given.get("options", {})
    if not isinstance(options, dict):
        problems.append(Problem("/options", "wrong_type", "attributes, each with its options"))
        options = {}
    by_attribute = {
        attribute: _table(values, f"/options/{escaped(attribute)}", problems, only_text=False)
        for attribute, values in options.items()
    }
    if problems:
        raise InvalidInput(problems, "the names file is wrong")
    return Names(**{**tables, "groups": groups}, options=by_attribute)


def _table(given: Any, pointer: str, problems: list[Problem], *, only_text: bool) -> Table:
    if not isinstance(given, dict):
        problems.append(Problem(pointer, "wrong_type", "an object: id to name"))
        return Table()
    seen = set()
    for number, name in given.items():
        here = f"{pointer}/{escaped(number)}"
        if not isinstance(name, str if only_text else Scalar) or name == "":
            problems.append(Problem(here, "wrong_type", "a name is wanted"))
        elif (type(name), name) in seen:
            problems.append(Problem(here, "named_twice", f"{name!r} is the name of another id"))
        else:
            seen.add((type(name), name))
    return Table(given)
