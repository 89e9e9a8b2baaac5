"""Acting anew for somebody who was forgotten while the request was under way.

The log refuses what names a forgotten pseudonym. The same ids have new pseudonyms then: whoever
they belong to is a new person, of whom nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from typing import TypeVar

from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import Unavailable
from decisions.acts import attempts

P = ParamSpec("P")
T = TypeVar("T")
MEANWHILE = "key_destroyed"
"""The code of a refusal that names found anew take away."""


def anew(act: Callable[P, T]) -> Callable[P, T]:
    """The act, which finds the names of its persons itself, done again while that helps."""

    @wraps(act)
    def acted(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in attempts():
            try:
                return act(*args, **kwargs)
            except Erased as error:
                if error.code != MEANWHILE:
                    raise
        raise Unavailable("contended", "this person is being forgotten; try again")

    return acted
