"""If-Match: an edit says which version it was made from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from aggregates.kernel.errors import PreconditionFailed
from aggregates.kernel.errors import PreconditionRequired
from app.edge.problems import Unreadable

_TAGS = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*\Z')
_TAG = re.compile(r'(W/)?"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Condition:
    """What a request's If-Match allows. `versions` None: no header; `anything`: `*`."""

    versions: frozenset[str] | None
    anything: bool = False
    required: bool = True

    @classmethod
    def of(cls, header: str | None, *, required: bool = True) -> Condition:
        """The condition of a header; weak tags match nothing, as RFC 9110 says."""
        if header is None:
            return cls(None, required=required)
        if header.strip() == "*":
            return cls(frozenset(), anything=True, required=required)
        if not _TAGS.match(header):
            raise Unreadable("invalid_header", 'If-Match is a version in quotes, such as "3"')
        strong = frozenset(tag for weak, tag in _TAG.findall(header) if not weak)
        return cls(strong, required=required)

    def check(self, version: int) -> None:
        """Nothing, if an edit of this version is what was meant."""
        if self.versions is None:
            if self.required:
                raise PreconditionRequired("if_match_required", "send If-Match with the version")
        elif not self.anything and str(version) not in self.versions:
            self.fail()

    def check_absent(self) -> None:
        """Nothing, if the request may be about something that is not there yet."""
        if self.versions is not None:
            self.fail()

    def fail(self) -> NoReturn:
        """The definition is not what the author saw."""
        raise PreconditionFailed("version_stale", "it was changed since; read it again")
