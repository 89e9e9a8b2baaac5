"""The vocabulary: every event class with its version, its open and its sealed fields.

Open fields are readable for ever and may be folded into anything. Sealed fields hold what a person
may ask to be forgotten: they are encrypted per shopper, and folds that must survive an erasure do
not use them. A field in neither list is refused by the codec, and a test refuses an overlap.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventClass:
    """One event class. A changed shape raises `version` and adds an upcaster."""

    topic: str
    open: frozenset[str]
    sealed: frozenset[str]
    version: int = 1


def _event(topic: str, open_fields: str, sealed_fields: str = "", version: int = 1) -> EventClass:
    return EventClass(
        topic, frozenset(open_fields.split()), frozenset(sealed_fields.split()), version
    )


# What every message of a client carries, whatever it says.
_MESSAGE_OPEN = "via trust flags"
_MESSAGE_SEALED = "message_id user_id anonymous_id sent_at timestamp context properties rest"
# What joins an interaction to a recommendation unit, to its search, to the place where it happened.
_JOIN_KEYS = "unit search_request_id result_count store_view page_type"
_SALE = "order currency total_minor products coupons country"

_CLASSES = (
    # Interactions: stream uuid5(site, message id), version 1.
    _event(
        "InteractionRecorded",
        "kind event products currency value_minor coupons search_phrase counted"
        f" {_JOIN_KEYS} {_MESSAGE_OPEN}",
        _MESSAGE_SEALED,
    ),
    _event("ShopperIdentified", _MESSAGE_OPEN, f"{_MESSAGE_SEALED} traits"),
    _event("ShopperGrouped", _MESSAGE_OPEN, f"{_MESSAGE_SEALED} traits group_id"),
    _event("OrderCompleted", f"{_SALE} {_MESSAGE_OPEN}", f"{_MESSAGE_SEALED} order_id"),
    _event("OrderUpdated", f"{_SALE} {_MESSAGE_OPEN}", f"{_MESSAGE_SEALED} order_id"),
    _event(
        "OrderRefunded",
        f"order currency total_minor products {_MESSAGE_OPEN}",
        f"{_MESSAGE_SEALED} order_id",
    ),
    _event("OrderCancelled", f"order {_MESSAGE_OPEN}", f"{_MESSAGE_SEALED} order_id"),
    # Quarantine: one stream for each refused message; version 2 is what took it out again.
    _event("MessageQuarantined", "code detail trust kind", "message received_at sent_at"),
    _event("MessageResubmitted", "quarantined digest repaired actor"),
    # Identity: stream uuid5(site, link, anonymous pseudonym).
    _event("IdentitiesLinked", "anonymous customer trust"),
    _event("IdentitiesUnlinked", "anonymous customer trust"),
    # Erasures: stream uuid5(site, erasures, ""), one version each. `reason` is a code; links were
    # followed up to the position `followed_to`.
    _event("ShopperErased", "pseudonyms followed_to actor reason"),
    # Catalogue: stream uuid5(site, product, sku); each event holds the whole product.
    _event("ProductListed", "sku product"),
    _event("ProductDelisted", "sku"),
    # Site and keys.
    _event("SiteOpened", "name actor"),
    _event("SiteSettingsChanged", "settings actor note"),
    _event("ApiKeyIssued", "key_id name scopes digest actor note"),
    _event("ApiKeyRevoked", "key_id actor note"),
    # Definitions: stream uuid5(site, definition, id); revisions: stream uuid5(site, ruleset).
    _event("DefinitionDrafted", "definition kind key body digest actor note"),
    _event("DefinitionRevised", "definition kind key body digest actor note"),
    _event(
        "DefinitionPublished",
        "definition kind published_version starts_at ends_at revision actor note",
    ),
    _event("DefinitionPaused", "definition kind revision actor note"),
    _event("DefinitionResumed", "definition kind revision actor note"),
    _event("DefinitionArchived", "definition kind revision actor note"),
    _event("DefinitionDeleted", "definition kind actor note"),
    # Four eyes: stream uuid5(site, proposal, id); approved in the unit of its revision.
    _event("PublicationProposed", "proposal acts actor note"),
    _event("PublicationApproved", "proposal revision actor note"),
    _event("PublicationRejected", "proposal actor note"),
    _event("PublicationRetracted", "proposal actor note"),
    _event("RulesetOpened", ""),
    _event("RevisionPublished", "revision digest changes note actor"),
    # Decisions: stream uuid5(site, decision, id), version 1; shopper_id stays empty.
    _event(
        "DecisionRecorded",
        "decision_id kind semantics revision revision_digest positions models decided_at seed"
        " shoppers outcome outcome_digest trace_digest engine disagreed turn",
        "request facts guesses",
    ),
    # Redemptions: stream uuid5(site, redemption, order); reservations: uuid5(site, reservation,
    # decision). `moves` is what an event moves the counters by, `holds` what it holds of them.
    _event("UsesReserved", "reservation_id decision_id uses currency moves customer expires_at"),
    _event("ReservationRedeemed", "reservation_id decision_id order moves"),
    _event("ReservationReleased", "reservation_id decision_id moves reason"),
    # `by` is the position of the order's own event that settlement acted on.
    _event(
        "OrderRedeemed",
        "redemption_id order decision_id currency uses moves holds spent subtotal_minor"
        " discount_minor total_minor customer",
        "order_id",
    ),
    _event(
        "OrderSettled",
        "redemption_id order currency coupons unknown uses moves holds spent total_minor customer"
        " over_limit by",
    ),
    _event(
        "RedemptionReduced",
        "redemption_id order refunded_minor called_minor told_minor moves by",
    ),
    _event("RedemptionReleased", "redemption_id order uses currency moves reason by"),
    # Coupon codes: stream uuid5(site, coupon-batch, batch): asked, chunks of codes, ended. What is
    # imported stands in uuid5(site, coupon-upload, upload) before its batch is asked for; codes are
    # deleted in uuid5(site, coupon-deletions, rule).
    _event("CouponRowsUploaded", "upload rule_id rows refused"),
    _event("CouponBatchAsked", "batch rule_id kind spec quantity actor note"),
    _event(
        "CouponCodesAdded",
        "batch rule_id codes expires_at uses_max customer_uses_max refused",
    ),
    _event("CouponBatchEnded", "batch rule_id added refused error"),
    _event("CouponCodesDeleted", "rule_id codes actor note"),
    # Thresholds of budgets: stream uuid5(site, budget, subject/currency/budget/percent), version 1.
    _event("BudgetThresholdReached", "subject currency percent spent_minor budget_minor"),
    # Simulations: stream uuid5(site, simulation, id): asked, begun, ended or cancelled. A question
    # holds bodies of definitions, a result sums and ids of decisions.
    _event("SimulationAsked", "simulation digest question actor"),
    _event("SimulationStarted", "simulation"),
    _event("SimulationEnded", "simulation result error"),
    _event("SimulationCancelled", "simulation actor"),
    # Models of recommendations: stream uuid5(site, models, ""), one version a model.
    _event("RecommendationModelTrained", "model digest trained_to types"),
    # Turns: stream uuid5(site, turns, slot/pseudonym), version n + 1 for turn n.
    _event("SlotTurned", "slot shopper decision_id"),
)

VOCABULARY: dict[str, EventClass] = {event.topic: event for event in _CLASSES}
"""Topic to event class. A topic is never renamed or removed: it stands in stored rows."""
