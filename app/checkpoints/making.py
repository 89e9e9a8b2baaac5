"""Makes a checkpoint: checks what came since the last one, grows the tree over it, signs, exports,
stores.

Nothing is signed that does not hold: the former checkpoint must still be so, and the chain must run
from it to the head. So a log that was rewritten is found here too, at the latest an hour after.
Whatever kills it, the next one goes on: nodes are the same whoever makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import structlog
from sqlalchemy import Engine

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.checkpoints import stored
from app.checkpoints.exported import Exported
from app.checkpoints.merkle import leaf_hash
from app.checkpoints.note import Checkpoint
from app.checkpoints.note import check_note
from app.checkpoints.note import origin_of
from app.checkpoints.note import signed_note
from app.checkpoints.tables import WIDTH
from app.checkpoints.tables import checkpoints
from app.checkpoints.tables import merkle_nodes
from app.checkpoints.tree import Growth
from app.checkpoints.tree import Node
from app.checkpoints.tree import StoredTree
from app.checkpoints.tree import growing
from app.eventlog.chain import EMPTY
from app.signing.signing import Signing
from app.verifying.fault import Fault
from app.verifying.rows import chained
from app.verifying.rows import connected
from app.verifying.rows import pages
from projections.upserts import insert_or_keep

_NODES_AT_ONCE = 256  # rows of one transaction, which the site's appends wait for
_HEAD = "SELECT position, hash, recorded_at FROM log_heads WHERE site = {0}"
Progress = Callable[[int, int], None]
"""Told (events covered, events in all) now and then."""

_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the checkpoints of one site."""

    engine: Engine
    signing: Signing
    exported: Exported
    clock: Clock
    site: SiteId

    def make(self, progress: Progress = lambda done, total: None) -> Checkpoint | None:
        """The new checkpoint; the newest one if nothing came since, None of an empty log.
        TamperedLog if the log is not what was signed, or not what was written since."""
        self._adopt()
        last = self._last()
        chain, position = (EMPTY, 0) if last is None else (last.chain, last.position)
        head = self._head()
        if head < position:
            _changed("log_truncated", position, f"and the log ends at {head}")
        if last is not None:
            self._check_tree(last)
        if head == position:
            return last
        chain = self._grow(chain, position, head, progress)
        with self.engine.connect() as connection:
            root = StoredTree(connection, self.site).root(head)
        made = Checkpoint(origin_of(self.site), head, root, chain, self.clock.now())
        note = signed_note(made, self.signing)
        self.exported.put(head, note)
        self._store(head, note)
        return made

    def note(self, position: int) -> str:
        """The signed text of a stored checkpoint."""
        with self.engine.connect() as connection:
            return stored.find(connection, self.site, position)

    def export_all(self) -> None:
        """Puts every stored checkpoint where the exported ones are: after a change of the folder,
        say."""
        with self.engine.connect() as connection:
            for position, note in reversed(stored.listed(connection, self.site, 2**31 - 1)):
                self.exported.put(position, note)

    def _adopt(self) -> None:
        """Stores what was exported and not stored, when a maker died in between."""
        with self.engine.connect() as connection:
            last = stored.newest(connection, self.site)
        for position, note in self.exported.notes().items():
            if position > (last[0] if last else 0):
                check_note(note, self.signing.known().values())
                _logger.warning("checkpoint_adopted", site=self.site, position=position)
                self._store(position, note)

    def _last(self) -> Checkpoint | None:
        """The newest checkpoint, if it was signed here."""
        with self.engine.connect() as connection:
            found = stored.newest(connection, self.site)
        if found is None:
            return None
        last = check_note(found[1], self.signing.known().values())
        if (last.position, last.origin) != (found[0], origin_of(self.site)):
            _changed("checkpoint_differs", found[0], "and it says something else")
        return last

    def _check_tree(self, last: Checkpoint) -> None:
        with self.engine.connect() as connection:
            root = StoredTree(connection, self.site).root(last.position)
        if root != last.root:
            _changed("checkpoint_mismatch", last.position, "and the log is another")

    def _head(self) -> int:
        pooled, cursor = connected(self.engine)
        try:
            found = cursor.all(_HEAD, self.site)
        finally:
            pooled.close()
        return found[0][0] if found else 0

    def _grow(self, chain: bytes, position: int, head: int, progress: Progress) -> bytes:
        """Checks the events up to the head and stores the nodes over them; the last chain hash."""
        with self.engine.connect() as connection:
            tree = StoredTree(connection, self.site)
            growth = growing(tree, position)
            begun = tree.nodes(0, position // WIDTH)[: position % WIDTH] if position else []
        leaves, nodes = [*begun], list[Node]()
        pooled, cursor = connected(self.engine)
        try:
            for rows in pages(cursor, self.site, position, head):
                hashes = chained(self.site, chain, position, rows)
                if isinstance(hashes, Fault):
                    hashes.found()
                chain, position = hashes[-1], rows[-1][0]
                leaves += [leaf_hash(each) for each in hashes]
                nodes += _whole(growth, leaves)
                if len(nodes) >= _NODES_AT_ONCE:
                    self._store_nodes(nodes)
                    nodes.clear()
                    progress(position, head)
        finally:
            pooled.close()
        if position != head:
            Fault("position_missing", position + 1).found()
        self._store_nodes(nodes)
        progress(head, head)
        return chain

    def _store_nodes(self, nodes: Sequence[Node]) -> None:
        rows = [
            {"site": self.site, "level": level, "number": number, "hash": node}
            for level, number, node in nodes
        ]
        if rows:
            with self.engine.execution_options(writing=True).begin() as connection:
                connection.execute(insert_or_keep(self.engine.dialect.name, merkle_nodes), rows)

    def _store(self, position: int, note: str) -> None:
        row = {"site": self.site, "position": position, "note": note}
        with self.engine.execution_options(writing=True).begin() as connection:
            connection.execute(insert_or_keep(self.engine.dialect.name, checkpoints), row)


def _whole(growth: Growth, leaves: list[bytes]) -> list[Node]:
    """Takes the whole blocks off the leaves."""
    nodes: list[Node] = []
    while len(leaves) >= WIDTH:
        nodes += growth.add(leaves[:WIDTH])
        del leaves[:WIDTH]
    return nodes


def _changed(code: str, position: int, what: str) -> NoReturn:
    detail = f"{position} events were signed for, {what}"
    raise TamperedLog(code, detail, position=position)
