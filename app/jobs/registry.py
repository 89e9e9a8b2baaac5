"""All jobs that the scheduler runs. They stand in code, never in the database (ADR 16)."""

from __future__ import annotations

from app.jobs import simulations
from app.jobs.backup_keys import backup_keys
from app.jobs.budgets import budgets
from app.jobs.checkpoint import checkpoint
from app.jobs.checkpoint import is_due as checkpoint_is_due
from app.jobs.coupons import coupons
from app.jobs.coupons import is_due
from app.jobs.erase import erase
from app.jobs.erase import is_due as erasure_is_due
from app.jobs.job import Job
from app.jobs.prune import prune
from app.jobs.release import release
from app.jobs.settle import settle
from app.jobs.train import train
from app.jobs.verify import is_due as verification_is_due
from app.jobs.verify import verify

TRAIN_EVERY_S = 4 * 3600
"""As often as Adobe recomputes behavioural data."""
PRUNE_EVERY_S = 3600
RELEASE_EVERY_S = 60
"""What is over counts for nobody anyway: this only keeps their number small."""
SETTLE_EVERY_S = 60
"""Beside the ten minutes that an order waits, a minute more is nothing."""

BUDGETS_EVERY_S = 60
BACKUP_KEYS_EVERY_S = 86_400
ERASE_EVERY_S = 30
"""Nobody reads anything of the person any more; what is left are copies in files."""
VERIFY_EVERY_S = 5
"""An auditor waits for the verdict; without one it is due once a day."""
CHECKPOINT_EVERY_S = 60
"""How often it is asked whether the hour is over, or many events came."""
COUPONS_EVERY_S = 5
"""An author waits for the codes."""
SIMULATIONS_EVERY_S = 5
"""An author waits for the result."""

JOBS = (
    Job("train", TRAIN_EVERY_S, train),
    Job("prune", PRUNE_EVERY_S, prune),
    Job("release", RELEASE_EVERY_S, release),
    Job("budgets", BUDGETS_EVERY_S, budgets),
    Job("settle", SETTLE_EVERY_S, settle),
    Job("backup_keys", BACKUP_KEYS_EVERY_S, backup_keys),
    Job("erase", ERASE_EVERY_S, erase, erasure_is_due),
    Job("verify", VERIFY_EVERY_S, verify, verification_is_due),
    Job("checkpoint", CHECKPOINT_EVERY_S, checkpoint, checkpoint_is_due),
    Job("coupons", COUPONS_EVERY_S, coupons, is_due),
    Job("simulations", SIMULATIONS_EVERY_S, simulations.simulations, simulations.is_due),
)
