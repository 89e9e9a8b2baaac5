"""What joins an interaction to others, open: its recommendation unit, its search, its place.

Measurement asks which view of a unit led to which click, and which search to which product. Ids
are those that the client was answered with: visible characters, and none that an address has.
"""

from __future__ import annotations

import re
from typing import Any

from app.intake.interactions import PERSONAL
from app.intake.names import RECOMMENDATION_EVENTS
from app.intake.names import SEARCH_EVENTS
from app.intake.names import UNIT_EVENTS
from app.intake.names import is_ecommerce
from app.intake.values import refused
from app.intake.values import text

RESULTS_MAX = 10**9  # more than any catalogue has products
_ID = re.compile(r"[!-?A-~]{1,128}\Z")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,63}\Z")
_UNIT = ("unit_id", "unitId")
_SEARCH = ("search_request_id", "searchRequestId")
_ABOUT_UNITS = frozenset(RECOMMENDATION_EVENTS)
_MUST_NAME_A_UNIT = frozenset(UNIT_EVENTS)
_SEARCHES = frozenset((*SEARCH_EVENTS, "Product List Viewed"))
Object = dict[str, Any]


def read(name: str, properties: Object, data: Object) -> None:
    """Adds to `data` what an event of this canonical name is joined by. InvalidValue for an id that
    is none, and for a click or view in a unit that does not say in which."""
    if name in _ABOUT_UNITS:
        unit = _id(properties, _UNIT)
        if unit is not None:
            data["unit"] = unit
        elif name in _MUST_NAME_A_UNIT:
            raise refused("required", "/properties/unit_id", "the event names its unit")
    if is_ecommerce(name):
        request = _id(properties, _SEARCH)
        if request is not None:
            data["search_request_id"] = request
        if name in _SEARCHES and properties.get("result_count") is not None:
            data["result_count"] = _count(properties["result_count"])
    context = data.get("context") or {}
    for place in ("store_view", "page_type"):
        code = properties.get(place, context.get(place))
        if code.__class__ is str and _CODE.match(code) and not PERSONAL.search(code):
            data[place] = code


def names_a_unit(properties: Object) -> bool:
    """Whether a unit is named, however."""
    return any(properties.get(name) is not None for name in _UNIT)


def _id(properties: Object, names: tuple[str, ...]) -> str | None:
    for name in names:
        if name in properties:
            place = f"/properties/{names[0]}"
            value = text(properties[name], place)
            if value is not None and not _ID.match(value):
                raise refused("not_an_id", place, "1 to 128 visible ASCII characters without @")
            return value
    return None


def _count(value: Any) -> int:
    place = "/properties/result_count"
    if value.__class__ is str and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if value.__class__ is float and value.is_integer():
        value = int(value)
    if value.__class__ is not int:
        raise refused("not_a_whole_number", place, "a count of results is a whole number")
    if not 0 <= value <= RESULTS_MAX:
        raise refused("out_of_range", place, f"0 to {RESULTS_MAX}")
    return int(value)
