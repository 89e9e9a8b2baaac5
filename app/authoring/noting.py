"""Whether an author has to say why: a setting of the site."""

from __future__ import annotations

from sqlalchemy import Engine

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from projections import sites


def noted(engine: Engine, site: SiteId, note: str | None) -> str | None:
    """The note, as it was given; InvalidInput `note_required` where the site asks for one."""
    if note is None:
        with engine.connect() as connection:
            found = sites.find(connection, site)
        if found is not None and found.settings.notes == "required":
            detail = "this site asks authors to say why: the query parameter or field `note`"
            raise InvalidInput([Problem("/note", "note_required", detail)])
    return note
