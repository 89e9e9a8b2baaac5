"""Every place that can hold personal data, and what an erasure does to it. A test fails where a
table, a column, an open field of an event, a file or a temporary file is missing here.

Columns: `sealed` under a person's key; `person`: a pseudonym, random, that means nobody once its
key and name are gone; `digest`: an HMAC under the pepper, or a random name; `staff`: who worked
with the service, which is no shopper's data and stays as the record of their work; the others are
the shop's own. Export and tests read this table, so that no new place is left out of either.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

GOES = "its rows go: the projection deletes them where it comes to the erasure"
STAYS = "stays: it counts, and means nobody once the names are gone"
NONE = "nothing of a shopper is in it"


@dataclass(frozen=True, slots=True)
class Place:
    """One table. Every column stands in exactly one of the lists."""

    store: str
    table: str
    erasure: str
    own: tuple[str, ...]
    sealed: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    digest: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    shown: bool = field(default=True)
    """Whether an export shows the rows as they are; what is sealed it shows opened, elsewhere."""

    @property
    def columns(self) -> list[str]:
        """All of them."""
        return [*self.own, *self.sealed, *self.person, *self.digest, *self.staff]


def _table(store: str, table: str, erasure: str, own: str, **kinds: str) -> Place:
    shown = kinds.pop("shown", "yes") == "yes"
    named = {kind: tuple(columns.split()) for kind, columns in kinds.items()}
    return Place(store, table, erasure, tuple(own.split()), shown=shown, **named)


TABLES: tuple[Place, ...] = (
    # The log
    _table(
        "log", "events", "stays; its sealed part cannot be opened without the key",
        "site position version topic occurred_at recorded_at hash",
        sealed="state", person="shopper_id", digest="stream_id", shown="no",
    ),
    _table("log", "event_keys", STAYS, "site version position", digest="stream_id"),
    _table("log", "log_heads", NONE, "site position hash recorded_at erased_position"),
    _table("log", "merkle_nodes", NONE, "site level number hash"),
    _table("log", "checkpoints", NONE, "site position note"),
    _table("log", "verifications", NONE, "site number asked_at ended_at verdict"),
    _table("log", "counters", STAYS, "site used most", digest="key"),
    _table(
        "log", "idempotency_keys",
        "answers about the person are replaced by 410, and gone after 24 hours in any case",
        "site status log_position expires_at", sealed="body", digest="scope request about",
        shown="no",
    ),
    _table(
        "log", "identity_links", GOES,
        "site linked_position trust linked_at unlinked_position unlinked_at",
        person="anonymous customer",
    ),
    _table(
        "log", "order_owners", "the owner goes; the order stays, so that nobody becomes its owner",
        "site position", person="shopper_id", digest="order",
    ),
    _table(
        "log", "erased_shoppers", "is the list of those who were forgotten",
        "site position erased_at finished_at", person="pseudonym",
    ),
    _table("log", "reservations", "goes with its end, within the hour", "site expires_at",
           digest="decision_id moves"),
    _table("log", "import_runs", NONE, "site kind form rows counts started_at finished_at",
           digest="digest"),
    _table(
        "log", "job_runs", NONE,
        "site job occasion status attempt runner progress detail started_at heartbeat_at"
        " finished_at",
    ),
    _table(
        "log", "simulations", STAYS,
        "site number digest question asked_at version attempts status started_at ended_at error",
        digest="result", staff="actor",
    ),
    _table("log", "sites", NONE, "site position settings"),
    _table("log", "api_keys", NONE, "site scopes issued_position revoked_position", digest="digest",
           staff="key_id name"),
    _table("log", "products", NONE, "site sku version position place product"),
    _table(
        "log", "definitions", NONE,
        "site kind id key stream_version saved digest live_version starts_at ends_at paused"
        " archived deleted created_at updated_at",
        staff="updated_by",
    ),
    _table("log", "definition_versions", NONE, "site kind id version digest saved_at",
           staff="saved_by"),
    _table("log", "definition_bodies", NONE, "site digest body"),
    _table("log", "revisions", NONE, "site revision digest position published_at",
           staff="note actor"),
    _table(
        "log", "revision_entries", NONE,
        "site kind id from_revision to_revision version digest key paused starts_at ends_at",
    ),
    _table(
        "log", "coupons", NONE,
        "site code_key rule_id code batch created_at expires_at uses_max customer_uses_max"
        " position",
    ),
    _table(
        "log", "coupon_batches", NONE,
        "site number rule_id kind spec quantity asked_at version added refused refusals error"
        " ended_at",
        staff="actor",
    ),
    _table("log", "recommendation_models", NONE,
           "site number digest position trained_to trained_at types"),
    _table("log", "model_artefacts", "stays: counts of products over all shoppers",
           "digest part body stored_at"),
    # The read models
    _table("read", "profiles", GOES, "site first_seen_at", sealed="traits", person="shopper_id"),
    _table("read", "activity", GOES, "site event day digest facets count", person="shopper_id"),
    _table(
        "read", "orders", GOES,
        "site status completed_at content_at currency total_minor refunded_minor lines coupons"
        " country refunds",
        person="shopper_id", digest="order",
    ),
    _table("read", "product_views", GOES, "site views", person="shopper_id"),
    _table("read", "decisions", STAYS, "site position kind revision decided_at engine",
           digest="decision_id"),
    _table("read", "decision_mentions", "mentions of the person go", "site what position",
           person="name"),
    _table("read", "order_events", STAYS, "site position topic recorded_at has_coupons",
           digest="order"),
    _table("read", "unsettled_orders", STAYS, "site position tries error failed_at",
           digest="order"),
    _table("read", "settled_upto", NONE, "site position"),
    _table(
        "read", "coupon_uses", STAYS,
        "site number rule_id code_key coupon used_at currency is_settled is_over_limit is_released"
        " subtotal_minor discount_minor total_minor amount_minor refunded_minor updated_at",
        digest="redemption_id order",
    ),
    _table("read", "quarantine", "stays; the message is sealed in the log",
           "site position code detail recorded_at trust resubmitted_position"),
    _table("read", "authoring_changes", NONE, "site position kind subject act recorded_at",
           staff="actor note"),
    _table("read", "projection_positions", NONE, "site projection position version zone"),
    _table("read", "set_aside", NONE, "site projection position error set_aside_at"),
    # The key store
    _table("keys", "pseudonyms", "the names of the person's ids are deleted", "site",
           person="pseudonym", digest="digest", shown="no"),
    _table("keys", "shopper_keys", "the key is overwritten with nothing; when, is kept",
           "site destroyed_at", person="pseudonym", sealed="key", shown="no"),
    _table("keys", "destructions", NONE, "site number"),
)  # fmt: skip

OPEN_FIELDS: dict[str, str] = {
    "person": "via shoppers customer anonymous shopper pseudonyms turn",
    "digest": "order decision_id redemption_id reservation_id moves holds spent digest"
    " outcome_digest trace_digest seed",
    "staff": "actor note name key_id reason proposal acts",
    "what was bought, viewed or said": "event kind products currency value_minor total_minor"
    " coupons country counted search_phrase unit search_request_id result_count store_view"
    " page_type flags trust unknown",
    "shop": "code detail quarantined repaired sku product settings scopes"
    " definition key body published_version starts_at ends_at revision changes upload rule_id rows"
    " refused batch spec quantity codes expires_at uses_max customer_uses_max added error subject"
    " percent spent_minor budget_minor model trained_to types simulation question result slot"
    " followed_to",
    "decision": "semantics revision_digest positions models decided_at outcome engine disagreed"
    " uses by over_limit subtotal_minor discount_minor refunded_minor called_minor told_minor",
}
"""The open fields of events, readable for ever, by what they are. What a person typed freely is
kept in them only where it holds no e-mail address; search phrases also no six digits in a row, and
none at all if the site seals them."""

FILES: dict[str, str] = {
    "rationale*.db": "SQLite: see the tables; deleted content is overwritten (secure_delete)",
    "rationale*.db-wal": "cut off at the end of an erasure",
    "rationale*.db-shm": NONE,
    "rationale-scheduler.lock": NONE,
    "secret.key": "the pepper: without it no id can be compared with a digest",
    "signing.key": NONE,
    "signing-keys/*": NONE,
    "checkpoints/*": NONE,
    "replays/*": NONE,
    "key-backups/*": "copies of the key store, deleted after KEPT_DAYS days",
}
"""Files of the data folder, as patterns."""

TEMPORARY: dict[str, str] = {
    "app/edge/spool.py": "uploads of catalogues and codes, without a name, gone with the request",
    "app/verifying/projections.py": "rationale-verifying-*: the read models, as they are in use",
    "app/training/engine.py": "rationale-training-*: pseudonyms, SKUs, digests of orders",
    "app/commands/demo.py": "the made-up shop of the demo",
    "app/commands/web.py": "counters of metrics, of no person",
    "app/coupons/uploading.py": "an upload of codes, gone with the request",
    "app/doctor/files.py": "an empty file, to see whether one can be written",
}
"""Modules that make temporary files, and what is in them."""

MEMORY: dict[str, str] = {
    "app/eventlog/keys.py": "names and keys, 60 s; after an erasure elsewhere 1 s",
    "app/edge/rate_limits.py": "ids of browsers and guessers, until their allowance is full again",
    "app/http/content.py": "answers of slots that look at no shopper",
}
"""What processes remember of persons, and for how long."""
