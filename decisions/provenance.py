"""Where the value of each leaf came from: the request, the catalogue, the profile, the clock.

`from` has a `source`, and beside it what leads there: a pointer into the request, the log position
that was looked at, and with the log at hand the positions of the events behind the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from aggregates.kernel.clock import format_moment
from decisions.explaining import Explaining
from decisions.explaining import is_personal
from rulesets.evaluator import Seen
from rulesets.nodes import Compare
from rulesets.nodes import Count
from rulesets.nodes import Leaf
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal

Json = dict[str, Any]
EVENTS_LISTED_MAX = 100
"""Positions of one value that an explanation lists; the count of all stands beside them."""
_RUNNING = {"cart.subtotal_after_discount", "cart.applied_rules", "line.subtotal_after_discount"}
_OF_LINES = frozenset({"subtotal", "subtotal_incl_tax", "quantity", "weight", "line_count"})
_GROUP = frozenset({"shopper.group", "context.customer_group"})
_LISTED_AS = {"product_type": "type"}


class Provenance:
    """Tells of each leaf of one decision what its value came from (rulesets.evaluator.Tell)."""

    def __init__(self, asked: Explaining) -> None:
        self._asked = asked
        self._record = asked.made.record
        request = self._record.sources.request
        self._in_cart = "/cart" if "cart" in request else ""
        self._cart: Mapping[str, Any] = request.get("cart") or request

    def __call__(self, leaf: Leaf, seen: Seen) -> Json:
        """`from`, and of a condition about lines which of them satisfy it."""
        if isinstance(leaf, Compare):
            return {"from": self.of_attribute(leaf.attribute, seen.line)}
        if isinstance(leaf, Count):
            return {"from": self._of_count(leaf)}
        assert isinstance(leaf, LinesFound | LinesTotal)
        told: Json = {"matching": [self._asked.line_id(line) for line in seen.matching]}
        if seen.line is not None:
            told["shown_on"] = self._asked.line_id(seen.line)
        return {**told, "from": self._of_request("/lines", in_cart=True)}

    def of_attribute(self, name: str, line: int | None) -> Json:
        """Of one attribute; `line` is the place of the line that it was read of."""
        if name in _RUNNING:
            return {"source": "running"}
        if name.startswith("line.") and line is not None:
            return self._of_line(name, line)
        if name.startswith("time."):
            return {
                "source": "clock",
                "at": format_moment(self._record.decided_at),
                "time_zone": self._asked.made.compiled.settings.time_zone,
                "position": self._record.positions["settings"],
            }
        if name in _GROUP:
            return self._of_group(name)
        if name.startswith("context."):
            return self._of_request(f"/context/{name[8:].replace('custom.', 'custom/', 1)}")
        if name.startswith("cart."):
            key = name[5:]
            pointer = "/lines" if key in _OF_LINES else f"/{key.replace('.', '/')}"
            return self._of_request(pointer, in_cart=True)
        if name == "shopper.segments":
            return {"source": "segments"}
        if name == "shopper.audiences":
            return self._of_request("/context/audiences")
        if name == "shopper.is_registered":
            return self._of_request("/shopper/customer_id")
        return self._of_profile(name)

    def _of_request(self, pointer: str, *, in_cart: bool = False) -> Json:
        return {"source": "request", "pointer": f"{self._in_cart if in_cart else ''}{pointer}"}

    def _of_group(self, name: str) -> Json:
        """The request's, else the profile's, else by registration. Which of the last two it was
        says whether the profile has a group, so only an auditor is told."""
        if (self._record.sources.request.get("context") or {}).get("customer_group"):
            return self._of_request("/context/customer_group")
        evidence = self._asked.evidence
        if evidence is not None and not evidence.traits(name):
            return {**self._of_request("/shopper/customer_id"), "source": "registration"}
        return self._of_profile(name)

    def _of_profile(self, name: str) -> Json:
        told: Json = {"source": "profile", "position": self._record.positions["head"]}
        evidence = self._asked.evidence
        if evidence is not None and is_personal(name):
            told |= listed(evidence.profile(name))
        return told

    def _of_count(self, leaf: Count) -> Json:
        kind = "activity" if leaf.kind == "history" else "orders"
        told: Json = {"source": kind, "position": self._record.positions["head"]}
        evidence = self._asked.evidence
        if evidence is not None:
            told |= listed(evidence.counted(leaf))
        return told

    def _of_line(self, name: str, line: int) -> Json:
        """A line's own value goes before the catalogue's; a parent's is read of its own line."""
        key = name[5:]
        if key.startswith("children."):
            return self._of_request("/lines", in_cart=True)
        written: Sequence[Mapping[str, Any]] = self._cart.get("lines") or ()
        place: int | None = line if line < len(written) else None
        if key.startswith("parent.") and place is not None:
            key, above = key[7:], written[place].get("parent_line_id")
            place = next((at for at, one in enumerate(written) if one["line_id"] == above), None)
        if place is None:
            return self._of_request("/lines", in_cart=True)
        line = place
        own, _, attribute = key.partition(".")
        value = written[line].get(own)
        if attribute:
            value = (value or {}).get(attribute)
        can_be_listed = own in {"name", "product_type", "categories", "attributes"}
        if value or not can_be_listed:
            pointer = "quantity" if own == "subtotal" else key.replace(".", "/", 1)
            return self._of_request(f"/lines/{line}/{pointer}", in_cart=True)
        told: Json = {
            "source": "catalogue",
            "sku": written[line]["sku"],
            "position": self._record.positions["catalogue"],
        }
        evidence = self._asked.evidence
        if evidence is not None:
            told |= listed(evidence.listing(written[line]["sku"]))
        return told


def listed(positions: Sequence[int]) -> Json:
    """The first events behind a value by position, and how many there are if that is more."""
    if len(positions) <= EVENTS_LISTED_MAX:
        return {"events": list(positions)}
    return {"events": list(positions[-EVENTS_LISTED_MAX:]), "events_in_all": len(positions)}
