"""A site's settings, with the defaults of the contract. A change is an event."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from typing import Any
from typing import Literal


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What an admin sets for a site; `PUT /v1/site` checks the values."""

    name: str = ""
    base_currency: str = "USD"
    time_zone: str = "UTC"
    history_days: int = 400
    max_coupons: int = 1
    decision_max_age_s: int = 1800
    consent: Literal["assumed", "required"] = "assumed"
    tax_basis: Literal["excl_tax", "incl_tax"] = "excl_tax"
    counted_properties: tuple[str, ...] = ()
    seal_search_phrases: bool = False
    attribution_window_h: int = 24
    out_of_stock_last: bool = False
    notes: Literal["optional", "required"] = "optional"
    approval: Literal["none", "four_eyes"] = "none"
    require_simulation: Literal["no", "cart_rules"] = "no"
    simulation_max_age_h: int = 24

    def to_json(self) -> dict[str, Any]:
        """As it stands in the event and on the wire."""
        return {**asdict(self), "counted_properties": list(self.counted_properties)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SiteSettings:
        """The reverse; fields that a past version lacked take their defaults."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        known["counted_properties"] = tuple(known.get("counted_properties", ()))
        return cls(**known)
