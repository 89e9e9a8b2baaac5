"""What a check found, and the guard around each check."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Finding:
    """What is the case and what to do about it. Not `wrong`: worth knowing, and nothing to do."""

    check: str
    what: str
    todo: str = ""
    wrong: bool = True

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        level = "wrong" if self.wrong else "note"
        return {"check": self.check, "level": level, "what": self.what, "todo": self.todo}


def note(check: str, what: str) -> Finding:
    """Something worth knowing."""
    return Finding(check, what, wrong=False)


def guarded(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a check finds; its own failure is one, without a message that may quote secrets."""
    try:
        yield from look()
    except DomainError as error:
        yield Finding(check, f"the check got no answer: {error.code}", "see the database's own log")
    except Exception as error:
        what = f"the check itself failed with {type(error).__name__}"
        yield Finding(check, what, "if all else is well, report this as an error of the service")
