"""Whether the signing key and the former public keys can be read."""

from __future__ import annotations

from collections.abc import Iterator

from app.config import BadSettings
from app.config import Settings
from app.doctor.finding import Finding
from app.signing.signing import Signing


def usable(settings: Settings) -> Iterator[Finding]:
    """A key that cannot be read signs no checkpoint."""
    try:
        Signing(settings).known()
    except BadSettings as error:
        todo = "restore it from a backup, or correct RATIONALE_SIGNING_KEY"
        yield Finding("signing_key", str(error), todo)
