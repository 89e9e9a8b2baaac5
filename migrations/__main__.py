"""`python -m migrations STORE MESSAGE`: writes the next version of a store (log, read or keys).

It compares the tables that the code declares with an empty database brought to head. Read what it
wrote: Alembic does not see everything, and a version that was released is never changed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from app.engines import open_engine
from app.engines import read_url
from app.migrating import configuration
from app.migrating import migrate
from migrations.tables import metadata


def write_version(store: str, message: str) -> None:
    """Writes migrations/versions/STORE/STORE_NNNN_message.py."""
    config = configuration(store)
    config.attributes["metadata"] = metadata(store)
    count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
    with tempfile.TemporaryDirectory() as folder:
        url = read_url(f"sqlite:///{folder}/rationale.db", Path(folder))
        if count:
            migrate(url, store)
        engine = open_engine(url, store)
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=f"{store}_{count + 1:04d}")
        engine.dispose()


if __name__ == "__main__":
    write_version(sys.argv[1], sys.argv[2])
