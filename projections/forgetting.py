"""How the rows of a forgotten person go from a projection: by statements that the projection names.

The same statements run where a fold comes to the erasure's event, which is why a rebuild equals the
rows in use, and at once when somebody is erased, for a follower may be far behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Executable
from sqlalchemy import bindparam
from sqlalchemy import delete

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from projections.projection import Write


def rows_of(shopper: Column[Any], *where: ColumnElement[bool]) -> Executable:
    """Deletes the rows whose column names a pseudonym."""
    table = shopper.table
    named = (table.c.site == bindparam("of_site"), shopper == bindparam("of_shopper"))
    return delete(table).where(*named, *where)


def forgotten(
    statements: Iterable[Executable], site: SiteId, names: Iterable[Pseudonym]
) -> list[Write]:
    """The writes that delete all rows of these pseudonyms."""
    rows = [{"of_site": site, "of_shopper": name} for name in sorted(names)]
    return [Write(statement, rows) for statement in statements] if rows else []
