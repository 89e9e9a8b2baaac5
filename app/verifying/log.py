"""Proves that a site's log is what was written: all of it is read and hashed anew.

Found are changed, missing, added and reordered rows, keys that do not agree with the events, a head
that is not the end of the chain, a tree over it that is another's. Whoever rewrites all of that
consistently, or cuts the end off, is found by the checkpoints: what was signed must still be so.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from aggregates.log import Head
from app.checkpoints.merkle import node_hash
from app.checkpoints.note import Checkpoint
from app.checkpoints.tables import WIDTH
from app.checkpoints.tables import merkle_nodes
from app.checkpoints.tree import Node
from app.engines import reading
from app.eventlog.chain import EMPTY
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import log_heads
from app.verifying.fault import Fault
from app.verifying.segment import SEGMENT_EVENTS
from app.verifying.segment import Checked
from app.verifying.segment import Stretch
from app.verifying.segment import check
from app.verifying.segment import check_apart
from projections.erased_shoppers import erased_shoppers

ALONE_EVENTS = 3 * SEGMENT_EVENTS
"""Up to here other processes would take longer to start than to help."""
Progress = Callable[[int, int], None]
"""Told (events verified, events in all) after each segment."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How many events hold, the head that they end in, and how many checkpoints agree."""

    events: int
    head: Head
    checkpoints: int = 0


def verify(
    engine: Engine,
    site: SiteId,
    progress: Progress | None = None,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    treed: int = 0,
    processes: int = 1,
) -> Verified:
    """The verified head; TamperedLog with `position` and code where it does not hold.

    Codes: position_missing, hash_mismatch, key_mismatch, head_mismatch, tree_mismatch,
    checkpoint_mismatch, log_truncated. Verified is what was there when it began; the log may grow
    meanwhile. `checkpoints` are signed ones, by position; up to `treed` the tree must be stored.
    """
    with engine.connect() as connection:
        head = _head(connection, site)
    marks = sorted({each.position for each in checkpoints if 0 < each.position <= head.position})
    signed, peaks = _by_position(checkpoints), Peaks()
    position, last, recorded_at = 0, EMPTY, 0
    stretches = _stretches(site, head.position, marks, treed)
    if head.position <= ALONE_EVENTS:
        processes = 1
    with closing(_checked(engine, stretches, processes)) as results:
        for found in results:
            if isinstance(found, Fault):
                found.found()
            for at, root, chain in found.marks:
                whole = peaks.root(root)
                if any((each.root, each.chain) != (whole, chain) for each in signed[at]):
                    Fault("checkpoint_mismatch", at).found()
            if found.upto % SEGMENT_EVENTS == 0:
                _check_above(engine, site, peaks.add(found.root), found.upto, treed)
            position, last, recorded_at = found.upto, found.hash, found.recorded_at
            if progress is not None:
                progress(position, head.position)
    with reading(engine) as connection:
        _check_end(connection, site)
    if (position, last, recorded_at) != (head.position, head.hash, head.recorded_at):
        Fault("head_mismatch", head.position).found()
    for each in checkpoints:
        if each.position > head.position:
            _truncated(each, head)
    return Verified(position, head, len({each.position for each in checkpoints}))


class Peaks:
    """Roots of whole segments and of what they make together, the largest first: of them and a
    rest any root is made."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []
        self._segments = 0

    def root(self, rest: bytes) -> bytes:
        """The root over all peaks and a rest that is no larger than the last."""
        for _, peak in reversed(self._peaks):
            rest = node_hash(peak, rest)
        return rest

    def add(self, whole: bytes) -> list[Node]:
        """One more whole segment; the nodes above the second level that it makes whole."""
        height, nodes = 0, []
        self._segments += 1
        while self._peaks and self._peaks[-1][0] == height:
            whole = node_hash(self._peaks.pop()[1], whole)
            height += 1
            if height % 8 == 0:
                nodes.append((2 + height // 8, (self._segments >> height) - 1, whole))
        self._peaks.append((height, whole))
        return nodes


def _check_above(
    engine: Engine, site: SiteId, nodes: Sequence[Node], upto: int, treed: int
) -> None:
    """Whether nodes above whole segments are stored as they are."""
    c = merkle_nodes.c
    for level, number, node in nodes:
        query = select(c.hash).where(c.site == site, c.level == level, c.number == number)
        with engine.connect() as connection:
            stored = connection.scalar(query)
        if (stored is not None or upto <= treed) and stored != node:
            Fault("tree_mismatch", upto).found()


def _by_position(checkpoints: Sequence[Checkpoint]) -> dict[int, list[Checkpoint]]:
    signed: dict[int, list[Checkpoint]] = {}
    for each in checkpoints:
        signed.setdefault(each.position, []).append(each)
    return signed


def _stretches(site: SiteId, head: int, marks: Sequence[int], treed: int) -> Iterator[Stretch]:
    waiting = list(marks)[::-1]
    for after in range(0, head, SEGMENT_EVENTS):
        upto = min(head, after + SEGMENT_EVENTS)
        own = []
        while waiting and waiting[-1] <= upto:
            own.append(waiting.pop())
        yield Stretch(site, after, upto, tuple(own), treed)


def _checked(
    engine: Engine, stretches: Iterator[Stretch], processes: int
) -> Generator[Checked | Fault, None, None]:
    """The results in the order of the log; at most two stretches a process are under way."""
    if processes == 1:
        yield from (check(engine, stretch) for stretch in stretches)
        return
    url = engine.url.render_as_string(hide_password=False)
    spawning = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, spawning)
    try:
        waiting: list[Future[Checked | Fault]] = []
        for stretch in islice(stretches, 2 * processes):
            waiting.append(pool.submit(check_apart, url, stretch))
        while waiting:
            yield waiting.pop(0).result()
            for stretch in islice(stretches, 1):
                waiting.append(pool.submit(check_apart, url, stretch))
    finally:
        pool.shutdown(cancel_futures=True)


def _head(connection: Connection, site: SiteId) -> Head:
    c = log_heads.c
    found = connection.execute(
        select(c.position, c.hash, c.recorded_at).where(c.site == site)
    ).one_or_none()
    return Head(0, EMPTY, 0) if found is None else Head(found[0], bytes(found[1]), found[2])


def _check_end(connection: Connection, site: SiteId) -> None:
    """Neither keys nor events nor nodes without the other, in one snapshot."""
    head = _head(connection, site).position
    k, e, n = event_keys.c, events.c, merkle_nodes.c
    ends = select(func.min(e.position), func.max(e.position)).where(e.site == site)
    first, last = connection.execute(ends).one()
    if (first, last) != ((1, head) if head else (None, None)):
        Fault("head_mismatch", last or head).found()
    keys = select(func.count(), func.min(k.position), func.max(k.position)).where(k.site == site)
    if connection.execute(keys).one() != ((head, 1, head) if head else (0, None, None)):
        Fault("key_mismatch", head).found()
    told = select(func.coalesce(func.max(erased_shoppers.c.position), 0))
    noted = select(func.coalesce(func.max(log_heads.c.erased_position), 0))
    erased = connection.scalar(told.where(erased_shoppers.c.site == site))
    if connection.scalar(noted.where(log_heads.c.site == site)) != erased:
        Fault("head_mismatch", head).found()
    levels = select(n.level, func.min(n.number), func.max(n.number)).where(n.site == site)
    for level, first, last in connection.execute(levels.group_by(n.level)):
        if level < 1 or first < 0 or (last + 1) * WIDTH**level > head:
            Fault("tree_mismatch", head).found()


def _truncated(checkpoint: Checkpoint, head: Head) -> None:
    detail = f"{checkpoint.position} events were signed for, and the log ends at {head.position}"
    raise TamperedLog("log_truncated", detail, position=checkpoint.position)
