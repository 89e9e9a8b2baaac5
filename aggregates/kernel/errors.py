"""Every error of the domain. The class is the broken rule; `code` is stable and documented.

    DomainError
    |- InvalidValue            one value is wrong (no pointer yet)
    |- InvalidInput            a document is wrong: a list of problems with pointers
    |- NotFound                nothing by that id
    |- Erased                  it was here, and its person was forgotten
    |- Conflict                it contradicts what is there
    |  |- VersionConflict      a stream moved on since it was read
    |  |- DuplicateEvent       an event key is taken
    |  |- LimitReached         a counter would pass its limit
    |- AlreadyDone             the same idempotency key was answered before
    |- PreconditionFailed      If-Match names another version
    |- PreconditionRequired    If-Match is missing
    |- Forbidden, Unauthorized
    |- Unavailable             database down or locked, queue full, not caught up: try again
    |- TamperedLog             the hash chain is broken

`app/edge/problems.py` maps each class to an HTTP status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong place of a document: RFC 6901 pointer, stable code, sentence."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """Base of all. `data` stands beside the code in the answer and names nobody."""

    code = "error"

    def __init__(self, code: str, detail: str, **data: Any) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.data = data


class InvalidValue(DomainError):
    """One value is wrong; whoever knows where it stands turns it into a Problem."""

    def at(self, pointer: str) -> Problem:
        """The same, with its place."""
        return Problem(pointer, self.code, self.detail)


class InvalidInput(DomainError):
    """A readable document is wrong in the places listed."""

    def __init__(self, problems: Sequence[Problem], detail: str = "") -> None:
        super().__init__("invalid_input", detail or "the input has errors")
        self.problems = tuple(problems)


class NotFound(DomainError):
    """Nothing by that id in this site."""


class Erased(DomainError):
    """The person it was about was forgotten."""


class Conflict(DomainError):
    """It contradicts what is there."""


class VersionConflict(Conflict):
    """A stream has another version than the one expected."""


class DuplicateEvent(Conflict):
    """(stream, version) is taken, and the caller asked to be told."""


class LimitReached(Conflict):
    """A counter would pass its limit; `data` says which, and how far it would be."""


class AlreadyDone(DomainError):
    """The idempotency key was used: `answer` is what was stored with it."""

    def __init__(self, answer: Any) -> None:
        super().__init__("already_done", "this idempotency key has its answer")
        self.answer = answer


class PreconditionFailed(DomainError):
    """If-Match names a version that is not the current one."""


class PreconditionRequired(DomainError):
    """An edit without If-Match."""


class Unauthorized(DomainError):
    """No valid key."""


class Forbidden(DomainError):
    """The key lacks the scope."""


class Unavailable(DomainError):
    """Nothing is wrong with the request; the service cannot serve it now. Nothing was written."""


class TamperedLog(DomainError):
    """The chain does not hold at `data["position"]`."""
