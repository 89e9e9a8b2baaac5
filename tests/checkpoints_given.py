"""A log that grows, and checkpoints of it, without the rest of the service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.checkpoints.exported import Exported
from app.checkpoints.making import Maker
from app.checkpoints.note import Checkpoint
from app.checkpoints.stored import all_signed
from app.config import Settings
from app.database import Stores
from app.eventlog.log import SqlEventLog
from app.signing.keys import PublicKey
from app.signing.signing import Signing
from app.verifying.log import Verified
from app.verifying.log import verify
from tests.fakes import SettableClock
from tests.log_events import SITE
from tests.log_events import unit
from tests.log_events import viewed


def signing_in(folder: Path) -> Signing:
    """The key of a data folder."""
    environment = {"RATIONALE_DATA_DIR": str(folder), "RATIONALE_SECRET_KEY": "x" * 16}
    return Signing(Settings.from_environment(environment))


class SignedLog:
    """The site's log and its checkpoints in a folder."""

    def __init__(self, stores: Stores, log: SqlEventLog, folder: Path) -> None:
        self.stores = stores
        self.log = log
        self._keys = folder / "keys"
        self.signing = signing_in(self._keys)
        self.exported = Exported(folder / "exported", SITE)
        self.maker = Maker(stores.log, self.signing, self.exported, SettableClock(), SITE)

    def rotate(self) -> PublicKey:
        """A new key, with which the maker signs as after its next start."""
        made = self.signing.rotate()
        self.signing = signing_in(self._keys)
        self.maker = Maker(self.stores.log, self.signing, self.exported, SettableClock(), SITE)
        return made

    def grow(self, *sizes: int) -> None:
        """To each of these sizes, with a checkpoint there."""
        for size in sizes:
            more = size - self.log.head(SITE).position
            self.log.append(unit(*(viewed() for _ in range(more))))
            made = self.maker.make()
            assert made is not None
            assert made.position == size

    def signed(self) -> Sequence[Checkpoint]:
        """All checkpoints that are found."""
        return all_signed(self.stores.log, SITE, self.exported, self.signing)

    def verify(self, processes: int = 1) -> Verified:
        """As `rationale verify` does."""
        signed = self.signed()
        treed = max((each.position for each in signed), default=0)
        return verify(self.stores.log, SITE, checkpoints=signed, treed=treed, processes=processes)
