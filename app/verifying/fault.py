"""The first place where a log does not hold, as data that another process can send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from aggregates.kernel.errors import TamperedLog


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and at which position."""

    code: str
    position: int

    def found(self) -> NoReturn:
        """Raises it as TamperedLog."""
        detail = f"the log does not hold at position {self.position}"
        raise TamperedLog(self.code, detail, position=self.position)
