"""The permanent links of a decision: they hold as long as its log does, and name nobody.

A decision is found by its id in its own stream of the log, so a link outlives every projection,
restart and rebuild. Links are relative to the service, which may be reached by several names.
"""

from __future__ import annotations


def links(decision_id: str) -> dict[str, str]:
    """`{self, explanation, replay}`; the last one takes POST."""
    here = f"/v1/decisions/{decision_id}"
    return {"self": here, "explanation": f"{here}/explanation", "replay": f"{here}/replay"}


def link_header(decision_id: str) -> dict[str, str]:
    """The same as a header of RFC 8288: the decision as a bookmark, and what describes it."""
    here = f"/v1/decisions/{decision_id}"
    return {"Link": f'<{here}>; rel="bookmark", <{here}/explanation>; rel="describedby"'}
