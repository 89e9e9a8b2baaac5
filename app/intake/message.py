"""One message: checked by hand, without copies, since a batch must cost little more than its rows.

A message becomes a Draft: the event's data, and whose it is in the client's own words. Pseudonyms,
owners of orders and links are found for a whole batch at once (app/intake/events.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from app.intake import adobe
from app.intake import interactions
from app.intake import join_keys
from app.intake import order_facts
from app.intake import xdm
from app.intake.interactions import Reading
from app.intake.moments import occurred
from app.intake.names import ALIASES
from app.intake.names import COMMON_WORDS
from app.intake.names import ORDER_TOPICS
from app.intake.names import XDM_ALIASES
from app.intake.names import canonical_name
from app.intake.names import is_ecommerce
from app.intake.values import ADDRESS
from app.intake.values import exact_numbers
from app.intake.values import open_object
from app.intake.values import refused
from app.intake.values import text

CONTENT_ID = "content-"
"""Begins the id of a message that came without one."""
UNNAMED = "Custom Event"
"""The open name of an event whose own holds an e-mail address; that one is sealed."""

_FIELDS = frozenset(
    (
        "type",
        "event",
        "messageId",
        "anonymousId",
        "userId",
        "timestamp",
        "sentAt",
        "context",
        "properties",
        "traits",
        "previousId",
        "groupId",
        "name",
        "category",
    )
)


@dataclass(slots=True)
class Draft:
    """A message that can become an event. The ids are the client's; `data` lacks `via`."""

    message_id: str
    topic: str
    data: dict[str, Any]
    user_id: str | None
    anonymous_id: str | None
    occurred_at: int | None
    order_id: str | None = None
    links: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """What holds for every message of a request."""

    trust: str
    received_at: int
    reading: Reading
    sent_at: Any = None
    type: str | None = None


def read(message: Any, envelope: Envelope) -> Draft:
    """The draft of one message; InvalidValue says why there is none."""
    if message.__class__ is not dict:
        raise refused("wrong_type", "the message", "an object")
    get = message.get
    data: dict[str, Any] = {"trust": envelope.trust}
    message_id = text(get("messageId"), "/messageId")
    kind = envelope.type or get("type")
    if message_id is None:
        message_id = _content_id(message, kind)
    data["message_id"] = message_id
    user_id = text(get("userId"), "/userId")
    if user_id is not None:
        data["user_id"] = user_id
    anonymous_id = text(get("anonymousId"), "/anonymousId")
    if anonymous_id is not None:
        data["anonymous_id"] = anonymous_id
    at = _take_moments(data, message, envelope)
    context = open_object(get("context"), "/context")
    if context is not None:
        data["context"] = context
    properties = open_object(get("properties"), "/properties")
    if properties is not None:
        data["properties"] = properties
    if not message.keys() <= _FIELDS:
        rest = {name: message[name] for name in message.keys() - _FIELDS if message[name]}
        if rest:
            data["rest"] = rest
    draft = Draft(message_id, "InteractionRecorded", data, user_id, anonymous_id, at)
    reader = _READERS.get(kind) if kind.__class__ is str else None
    if reader is None:
        raise refused("unknown_type", "/type", f"one of {', '.join(_READERS)}")
    reader(draft, message, envelope)
    return draft


def _track(draft: Draft, message: dict[str, Any], envelope: Envelope) -> None:
    given = text(message.get("event"), "/event")
    given = given.strip() if given is not None else None
    if not given:
        raise refused("required", "/event", "a track message names its event")
    data = draft.data
    name, properties = _named(given, data.get("properties") or {}, data.get("context"))
    topic = ORDER_TOPICS.get(name)
    if topic is not None:
        draft.topic = topic
        draft.order_id = data["order_id"] = order_facts.order_id_of(properties)
        if name == "Order Refunded":
            data.update(order_facts.refund(properties))
        elif name != "Order Cancelled":
            data.update(order_facts.sale(properties, data.get("context")))
        if envelope.trust == "server" and topic != "OrderCompleted":
            return  # a back office names the order, not the shopper
    else:
        data["kind"] = "track"
        if ADDRESS.search(name):
            data["rest"] = {**data.get("rest", {}), "event": given}
            name = UNNAMED
        data["event"] = name
        if properties:
            read_open = interactions.ecommerce if is_ecommerce(name) else interactions.custom
            read_open(properties, envelope.reading, data)
            if envelope.reading.counted:
                interactions.declared(properties, envelope.reading, data)
        join_keys.read(name, properties, data)
    _needs_an_id(draft)


def _named(given: str, properties: dict[str, Any], context: Any) -> tuple[str, dict[str, Any]]:
    """The canonical name, and the properties in Segment's words."""
    name = canonical_name(given)
    alias = given.casefold()
    if name is given or alias not in ALIASES:
        return name, properties
    if alias in XDM_ALIASES:
        return name, xdm.in_segment_words(properties)
    words = adobe.in_segment_words(name, properties, context)
    if alias in COMMON_WORDS and not join_keys.names_a_unit(words):
        return given, properties
    return name, words


def _viewed(kind: str, event: str) -> Callable[[Draft, dict[str, Any], Envelope], None]:
    def read_view(draft: Draft, message: dict[str, Any], envelope: Envelope) -> None:
        """A page or screen: its name is a property, since a title may hold anything."""
        data = draft.data
        data["kind"] = kind
        data["event"] = event
        named = {
            name: value
            for name in ("name", "category")
            if (value := text(message.get(name), f"/{name}")) is not None
        }
        properties = {**named, **(data.get("properties") or {})}
        if properties:
            data["properties"] = properties
            interactions.declared(properties, envelope.reading, data)
        join_keys.read(event, properties, data)
        _needs_an_id(draft)

    return read_view


def _identify(draft: Draft, message: dict[str, Any], envelope: Envelope) -> None:
    draft.topic = "ShopperIdentified"
    _take_traits(draft, message)
    _needs_an_id(draft)
    draft.links = draft.user_id is not None and draft.anonymous_id is not None


def _group(draft: Draft, message: dict[str, Any], envelope: Envelope) -> None:
    draft.topic = "ShopperGrouped"
    group_id = text(message.get("groupId"), "/groupId")
    if group_id is None:
        raise refused("required", "/groupId", "a group message names its group")
    draft.data["group_id"] = group_id
    _take_traits(draft, message)
    _needs_an_id(draft)


def _alias(draft: Draft, message: dict[str, Any], envelope: Envelope) -> None:
    """`previousId` was the id before `userId`; without it the anonymous id is meant."""
    previous = text(message.get("previousId"), "/previousId") or draft.anonymous_id
    if draft.user_id is None or previous is None:
        raise refused("missing_id", "the message", "alias needs userId and previousId")
    draft.anonymous_id = draft.data["anonymous_id"] = previous
    draft.data["kind"] = "alias"
    draft.links = True


_READERS: dict[str, Callable[[Draft, dict[str, Any], Envelope], None]] = {
    "track": _track,
    "identify": _identify,
    "page": _viewed("page", "Page Viewed"),
    "screen": _viewed("screen", "Screen Viewed"),
    "group": _group,
    "alias": _alias,
}


def _take_moments(data: dict[str, Any], message: dict[str, Any], envelope: Envelope) -> int | None:
    """What the client's clock said is kept as it was; the corrected moment is returned."""
    timestamp, sent_at = message.get("timestamp"), message.get("sentAt") or envelope.sent_at
    at, ahead = occurred(timestamp, sent_at, envelope.received_at)
    if timestamp:
        data["timestamp"] = timestamp
    if sent_at:
        data["sent_at"] = sent_at
    if ahead:
        data["flags"] = ["ahead"]
    return at


def _take_traits(draft: Draft, message: dict[str, Any]) -> None:
    traits = open_object(message.get("traits"), "/traits")
    if traits is not None:
        draft.data["traits"] = exact_numbers(traits)


def _needs_an_id(draft: Draft) -> None:
    if draft.user_id is None and draft.anonymous_id is None:
        raise refused("missing_id", "the message", "a userId or an anonymousId")


def _content_id(message: dict[str, Any], kind: Any) -> str:
    """From what was said, not from when it was sent: a repeat has another sentAt."""
    said = {name: value for name, value in message.items() if name not in ("sentAt", "messageId")}
    said["type"] = kind  # a single route's message may leave it out
    content = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return CONTENT_ID + hashlib.sha256(content).hexdigest()[:40]
