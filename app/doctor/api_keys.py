"""Whether API keys were made under the secret in force, as far as a file's date can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from aggregates.kernel.clock import SECOND
from app.config import SECRET_FILE
from app.doctor.finding import Finding
from app.doctor.sites import recorded_at
from app.wiring import Services
from projections.api_keys import api_keys

_SLACK_S = 60  # clocks of the database's machine and of the folder's


def under_this_secret(services: Services, data_dir: Path) -> Iterator[Finding]:
    """A kept secret that is younger than every live key made them all useless."""
    c = api_keys.c
    query = select(c.site, c.issued_position).where(c.revoked_position.is_(None))
    with services.stores.log.connect() as connection:
        issued = connection.execute(query).all()
    if not issued:
        return
    path = data_dir / SECRET_FILE
    if not path.exists():
        what = f"there are API keys, but no secret in {path}: a new one would fit none of them"
        yield Finding("secret", what, "restore the file, or set RATIONALE_SECRET_KEY, then start")
        return
    newest = max(recorded_at(services.stores.log, site, position) for site, position in issued)
    if path.stat().st_mtime * SECOND > newest + _SLACK_S * SECOND:
        what = f"{path} was written after the newest API key was issued: it may fit none of them"
        todo = "restore the former secret, or issue keys anew; if keys work, the date is a copy's"
        yield Finding("secret", what, todo)
