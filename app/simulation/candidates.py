"""A candidate as an author sends it: a revision, and definitions changed, added or removed.

It is judged as a publish of the same would be, before anything runs. What is wrong is told with
pointers into the request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from sqlalchemy import Connection

from aggregates.definition import id_of
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from aggregates.site import SiteSettings
from app.authoring import specific_codes
from app.authoring.acts import Act
from app.authoring.acts import check_schedule
from app.authoring.bodies import checked
from app.authoring.judging import Proposed
from app.authoring.judging import judge
from app.authoring.soundness import Trial
from app.edge.validation import escaped
from app.simulation.digests import digest_of_rules
from decisions.simulation.spec import Candidate
from decisions.simulation.spec import CandidateChange
from projections import definition_reads
from projections import revisions
from projections import sites
from projections.definition_reads import Stored
from projections.revisions import Body
from rulesets.linter import lint

if TYPE_CHECKING:
    from app.wiring import Services

POINTER = "/candidate/changes"
_BODY = re.compile(rf"({POINTER}/\d+)/body(?=/|\Z)")
_OWN = frozenset({"kind", "id", "version", "remove", "starts_at", "ends_at"})
"""Fields of a change that are not of its body."""
Json = Mapping[str, Any]


@dataclass(slots=True)
class _Reading:
    """One candidate while it is read."""

    connection: Connection
    site: SiteId
    settings: SiteSettings
    live: Mapping[Place, Entry]
    found: Mapping[Place, Stored]
    problems: list[Problem] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def change(self, index: int, asked: Json) -> CandidateChange | None:
        """One change; None if something is wrong with it, which is noted."""
        pointer = f"{POINTER}/{index}"
        try:
            check_schedule(asked, pointer)
            return self._change(asked, pointer)
        except InvalidInput as error:
            self.problems += error.problems
            return None

    def _change(self, asked: Json, pointer: str) -> CandidateChange:
        kind, name = asked["kind"], asked.get("id", asked.get("key"))
        stored = self.found.get((kind, name)) if name is not None else None
        if stored is None and ("id" in asked or "version" in asked):
            raise _wrong(f"{pointer}/id", "definition_unknown", f"nothing of {kind} by that name")
        body = {field: asked[field] for field in asked if field not in _OWN}
        if asked.get("remove"):
            return self._removed(kind, stored, asked, pointer)
        if stored is not None and body.keys() <= {"key"}:
            change = self._saved(stored, asked.get("version"), pointer)
        else:
            change = self._given(kind, stored, body, pointer)
        return replace(
            change,
            starts_at=asked.get("starts_at"),
            ends_at=asked.get("ends_at"),
            is_new=(kind, change.id) not in self.live,
        )

    def _removed(
        self, kind: str, stored: Stored | None, asked: Json, pointer: str
    ) -> CandidateChange:
        strange = sorted(asked.keys() - {"kind", "id", "key", "remove"})
        if strange:
            detail = "what is removed has no other fields"
            raise InvalidInput(
                [Problem(f"{pointer}/{escaped(n)}", "unknown_field", detail) for n in strange]
            )
        if stored is None or (kind, stored.id) not in self.live:
            raise _wrong(pointer, "not_live", "only what is live can be removed")
        return CandidateChange(kind, stored.id, stored.key)

    def _saved(self, stored: Stored, version: int | None, pointer: str) -> CandidateChange:
        """A version that its author saved."""
        version = version or stored.saved
        place = (stored.kind, stored.id)
        digest = definition_reads.digests(self.connection, self.site, {place: version}).get(place)
        if digest is None:
            raise _wrong(f"{pointer}/version", "version_unknown", "there is no such version")
        body = revisions.bodies(self.connection, self.site, [digest])[digest]
        return CandidateChange(stored.kind, stored.id, stored.key, version, digest, body)

    def _given(
        self, kind: str, stored: Stored | None, document: Body, pointer: str
    ) -> CandidateChange:
        """A body that nobody has to have saved."""
        if stored is not None and document.get("key", stored.key) != stored.key is not None:
            raise _wrong(f"{pointer}/key", "key_is_fixed", "the definition has another key")
        try:
            body = checked(kind, document, self.settings, stored.key if stored else None)
        except InvalidInput as error:
            raise InvalidInput(
                [replace(one, pointer=f"{pointer}{one.pointer}") for one in error.problems]
            ) from None
        id_ = stored.id if stored is not None else self._next_id(kind)
        version = stored.saved + 1 if stored is not None else 1
        return CandidateChange(kind, id_, body.key, version, body.digest, body.body)

    def _next_id(self, kind: str) -> str:
        """The id that would be given next, so that it comes last among equal priorities."""
        if kind not in self.numbers:
            self.numbers[kind] = definition_reads.next_number(self.connection, self.site, kind)
        self.numbers[kind] += 1
        return id_of(kind, self.numbers[kind] - 1)


def candidate_of(services: Services, site: SiteId, asked: Json, trial: Trial) -> Candidate:
    """A candidate that could be published; InvalidInput with every problem found together."""
    changes = asked.get("changes") or []
    with services.stores.log.connect() as connection:
        of_site = sites.get(connection, site)
        base, before = _base(connection, site, asked.get("revision"), of_site.settings)
        names = [(one["kind"], name) for one in changes if (name := one.get("id", one.get("key")))]
        found = definition_reads.named(connection, site, names)
        reading = _Reading(connection, site, of_site.settings, before, found)
        read = [reading.change(index, change) for index, change in enumerate(changes)]
        resolved = [change for change in read if change is not None]
        problems = reading.problems or _twice(resolved)
        if problems:
            raise InvalidInput(problems)
        after = changed(before, resolved)
        given = {one.digest: one.body for one in resolved if one.body is not None}
        wanted = {entry.digest for entry in (*before.values(), *after.values())} - given.keys()
        bodies = {**revisions.bodies(connection, site, wanted), **given}
    _judge(services, site, (before, after, bodies, resolved), of_site.settings, trial)
    digest = digest_of_rules(before, after.values())
    return Candidate(base, of_site.position, tuple(resolved), digest)


def changed(
    before: Mapping[Place, Entry], changes: Iterable[CandidateChange]
) -> dict[Place, Entry]:
    """The entries of a revision with the changes of a candidate."""
    after = dict(before)
    for one in changes:
        if one.body is None:
            del after[one.kind, one.id]
        else:
            entry = Entry(one.kind, one.id, one.key, one.version, one.digest)
            after[one.kind, one.id] = replace(entry, starts_at=one.starts_at, ends_at=one.ends_at)
    return after


def _base(
    connection: Connection, site: SiteId, asked: int | None, settings: SiteSettings
) -> tuple[int, dict[Place, Entry]]:
    """The revision to start from, with its entries. An old one may not be readable any more."""
    newest, _ = revisions.current_revision(connection, site)
    number = newest if asked is None else asked
    if number:
        try:
            revisions.find(connection, site, number)
        except NotFound as error:
            raise _wrong("/candidate/revision", error.code, error.detail) from None
    entries = revisions.entries(connection, site, number) if number else []
    if number != newest:
        bodies = revisions.bodies(connection, site, {entry.digest for entry in entries})
        for entry in entries:
            if lint(entry.kind, bodies[entry.digest], settings=settings):
                detail = f"{entry.id} cannot be read under the settings of now"
                raise _wrong("/candidate/revision", "settings_in_use", detail)
    return number, {(entry.kind, entry.id): entry for entry in entries}


def _judge(
    services: Services,
    site: SiteId,
    what: tuple[dict[Place, Entry], dict[Place, Entry], dict[str, Body], list[CandidateChange]],
    settings: SiteSettings,
    trial: Trial,
) -> None:
    """As publishing does. Its pointers lead into a saved body, these into the change itself."""
    before, after, bodies, changes = what
    acts = {
        (one.kind, one.id): Act("publish", one.kind, one.id, f"{POINTER}/{index}")
        for index, one in enumerate(changes)
    }
    leaving = [(one.kind, one.id) for one in changes if one.body is None]
    published = {place: act for place, act in acts.items() if place not in leaving}
    try:
        codes = judge(Proposed(published, leaving, before, after, bodies), settings, trial)
        specific_codes.expected(services.stores.log, site, codes)
    except InvalidInput as error:
        raise InvalidInput([_inside(problem) for problem in error.problems]) from None
    except Conflict as error:
        of = (act.pointer for (_, id_), act in acts.items() if id_ == error.data.get("id"))
        raise _wrong(next(of, POINTER), error.code, error.detail) from None


def _inside(problem: Problem) -> Problem:
    return replace(problem, pointer=_BODY.sub(r"\1", problem.pointer))


def _twice(changes: Sequence[CandidateChange]) -> list[Problem]:
    """Nothing is named by two changes, neither by id nor by key."""
    problems: list[Problem] = []
    seen: set[Place] = set()
    for index, one in enumerate(changes):
        names = {(one.kind, name) for name in (one.id, one.key) if name is not None}
        if names & seen:
            detail = f"{one.key or one.id} stands in this candidate twice"
            problems.append(Problem(f"{POINTER}/{index}", "named_twice", detail))
        seen |= names
    return problems


def _wrong(pointer: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([Problem(pointer, code, detail)])
