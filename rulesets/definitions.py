"""Live definitions as a revision names them, and what reading any of them needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal
from zoneinfo import ZoneInfo

from aggregates.site import SiteSettings
from rulesets.language import parse
from rulesets.nodes import Node
from rulesets.operators import fold
from rulesets.references import RULES
from rulesets.references import resolved
from rulesets.strata import SEGMENTS


@dataclass(frozen=True, slots=True)
class LiveDefinition:
    """A definition as a revision names it. `kind` is the plural of the routes: `cart-rules`."""

    kind: str
    id: str
    key: str | None
    version: int
    digest: str
    body: dict[str, Any]
    paused: bool = False
    starts_at: int | None = None
    ends_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the bodies of one revision are read: the site's settings, and ids by kind and key."""

    settings: SiteSettings
    zone: ZoneInfo
    ids: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, definitions: Iterable[LiveDefinition], settings: SiteSettings) -> Reading:
        """For the definitions of a revision."""
        ids: dict[str, dict[str, str]] = {}
        for definition in definitions:
            if definition.key is not None:
                ids.setdefault(definition.kind, {})[definition.key] = definition.id
        return cls(settings, ZoneInfo(settings.time_zone), ids)

    def parse(
        self, tree: Any, scope: Literal["cart", "segment", "line"], pointer: str
    ) -> tuple[Node, Any]:
        """The parsed tree, and the tree as written with ids in place of keys."""
        written = resolved(
            tree,
            {
                SEGMENTS: self.ids.get("segments", {}),
                RULES: self.ids.get("cart-rules", {}),
            },
        )
        node = parse(
            written,
            scope=scope,
            currency=self.settings.base_currency,
            pointer=pointer,
            counted_properties=self.settings.counted_properties,
            history_days=self.settings.history_days,
        )
        return node, written

    def references(self, kind: str, names: Iterable[str] | None) -> frozenset[str]:
        """Ids of what is named by id or key."""
        known = self.ids.get(kind, {})
        return frozenset(known.get(name, name) for name in names or ())


def normal(names: Iterable[str] | None) -> frozenset[str] | None:
    """Names as they are compared; None when none are given, which means all."""
    return frozenset(fold(name) for name in names) if names else None
