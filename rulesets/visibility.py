"""Where a product may be shown, in the words that shops use for it.

Adobe's four visibilities as their labels and as their numbers, and plain words. A product that says
nothing, or something unknown here, is shown everywhere.
"""

from __future__ import annotations

from typing import Any

from rulesets.operators import fold

NOWHERE = frozenset({"not visible individually", "not visible", "hidden", "none", "1"})
_SEARCH_ONLY = frozenset({"search", "3"})


def in_category(visibility: Any) -> bool:
    """Whether a product stands in its categories."""
    return _word(visibility) not in NOWHERE | _SEARCH_ONLY


def anywhere(visibility: Any) -> bool:
    """Whether a product is shown at all, so that it may be recommended."""
    return _word(visibility) not in NOWHERE


def _word(visibility: Any) -> str:
    """As it is compared: `Not_Visible` is `not visible`."""
    return fold(visibility).replace("_", " ") if isinstance(visibility, str) else ""
