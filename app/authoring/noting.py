"""Whether an author has to say why: a setting of the site."""

from __future__ import annotations

from sqlalchemy import Engine

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from projections import sites


def noted(engine: Engine, site: SiteId, *given: str | None) -> str | None:
    """The first note that says something; InvalidInput `note_required` where the site asks for one
    and none does."""
    note = next((text.strip() for text in given if text and text.strip()), None)
    if note is None:
        with engine.connect() as connection:
            found = sites.find(connection, site)
        if found is not None and found.settings.notes == "required":
            detail = "this site asks authors to say why, with `note`"
            raise InvalidInput([Problem("/note", "note_required", detail)])
    return note
