"""Every table, and by what a change of it is found. A test holds this against the metadata, so that
a new table is classified by whoever makes it."""

from __future__ import annotations

CHAINED = frozenset({"events", "event_keys", "log_heads", "merkle_nodes", "checkpoints"})
"""By `rationale verify`: hashes, keys, tree and signatures."""

FOLDED = frozenset(
    {
        "api_keys",
        "coupon_batches",
        "coupons",
        "definition_bodies",
        "definition_versions",
        "definitions",
        "erased_shoppers",
        "identity_links",
        "order_owners",
        "products",
        "recommendation_models",
        "reservations",
        "revision_entries",
        "revisions",
        "simulations",
        "sites",
    }
)
"""Written with the event. By `rationale verify --projections`: folded anew and compared."""

FOLLOWED = frozenset(
    {
        "activity",
        "authoring_changes",
        "coupon_uses",
        "decision_mentions",
        "decisions",
        "order_events",
        "orders",
        "product_views",
        "profiles",
        "quarantine",
    }
)
"""Written by followers. By the same."""

COUNTED = frozenset({"counters"})
"""By the same: what is used is the sum of what events moved."""

NOT_OF_THE_LOG = {
    "destructions": "how often keys were destroyed: makes processes forget what they know",
    "idempotency_keys": "answers kept for 24 hours; a repeat that misses its own is decided anew",
    "import_runs": "how far an import has come; its rows are known by their own keys",
    "job_runs": "what jobs did, and when they are tried again",
    "model_artefacts": "named by digest: whoever loads one holds it against the model in the log",
    "projection_positions": "how far followers are; a wrong one makes rows that differ",
    "set_aside": "notes of events that a fold could not take",
    "settled_upto": "how far a job has come",
    "unsettled_orders": "which orders a job could not settle, and how often it tried",
    "pseudonyms": "personal, and destroyed by an erasure: never in the log",
    "verifications": "verdicts as they were; the next one is made afresh",
    "shopper_keys": "personal, and destroyed by an erasure; a wrong key opens nothing",
}
"""Not found, and why not."""

NOT_COMPARED = {
    "erased_shoppers": {"finished_at": "when the last copy in files was gone"},
    "counters": {"most": "the limit at the last move; each move is judged by that of its rule"},
}
"""Columns that no event says."""

SEALED = {"profiles": {"traits": "shopper_id"}}
"""Columns sealed under the key of whom another column names: no two seals are alike, so what they
hold is compared."""
