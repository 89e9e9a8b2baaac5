"""The models of a process: each loaded once, a newer one beside the older while that one serves.

`current` is told the number that the request's snapshot saw. Only the first model of a process is
waited for; a newer one is loaded by a thread of its own, in small steps, so that no request waits
for the interpreter. A model whose parts are damaged is told once, as an ERROR, and the older one
goes on serving.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import structlog
from sqlalchemy import Engine

from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from projections import recommendation_models
from projections.recommendation_models import ModelRow
from projections.recommendations import artefact_table
from projections.recommendations.artefact import Artefact
from projections.recommendations.artefact import Trained
from projections.recommendations.artefact_format import Damaged
from projections.recommendations.artefact_format import Reading

PAST_MAX = 2
"""Models of a site that are kept for replays, beside the current one."""
OLDER_MAX = 3
"""Models before a damaged one that a new process tries, before it serves none."""
_PAUSE_S = 0.002  # between two steps of a load, each of which keeps the interpreter about as long
_STEP_LINES = 2_000

_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Model:
    """What the types of a site were trained to, all of one moment. `id` is "" without a model."""

    id: str
    number: int
    digest: str
    trained_to: int
    trained_at: int
    artefacts: Mapping[str, Artefact] = field(default_factory=dict)


NO_MODEL = Model("", 0, recommendation_models.manifest_digest({}), 0, 0)
"""What a site has before its first training: every unit that needs a model has none."""


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    model: Model | None = None
    loading: threading.Thread | None = None
    damaged: set[int] = field(default_factory=set)
    past: OrderedDict[str, Model] = field(default_factory=OrderedDict)
    past_lock: threading.Lock = field(default_factory=threading.Lock)


class Models:
    """The models of all sites of this process, from the log store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._sites: dict[SiteId, _Site] = {}
        self._closed = threading.Event()

    def current(self, site: SiteId, number: int) -> Model:
        """The model of that number, or a newer one, if it is loaded; else the older one that is,
        while the newer is being loaded."""
        kept = self._site(site)
        model = kept.model
        if model is None:
            if not number:
                return NO_MODEL
            with kept.lock:
                if kept.model is None:
                    kept.model = self._first(site, number, kept)
                return kept.model
        if model.number < number and kept.loading is None and number not in kept.damaged:
            self._begin(site, number, kept)
        return model

    def by_digest(self, site: SiteId, digest: str) -> Model:
        """A model by its digest, also an old one, for replays. NotFound `model_unknown`;
        Unavailable `model_damaged` if its parts are."""
        if digest == NO_MODEL.digest:
            return NO_MODEL
        kept = self._site(site)
        if kept.model is not None and kept.model.digest == digest:
            return kept.model
        with kept.past_lock:
            known = kept.past.get(digest)
            if known is None:
                with self._engine.connect() as connection:
                    row = recommendation_models.find_digest(connection, site, digest)
                try:
                    known = self._loaded(row, kept.model, _no_pause)
                except Damaged as error:
                    raise Unavailable("model_damaged", str(error)) from error
                kept.past[digest] = known
                while len(kept.past) > PAST_MAX:
                    kept.past.popitem(last=False)
            kept.past.move_to_end(digest)
            return known

    def named(self, site: SiteId, model_id: str, digest: str) -> Model:
        """A model as a decision names it: of several with the same content the very one, since
        each was trained to another moment. Errors as `by_digest`."""
        known = self.by_digest(site, digest)
        if known.id == model_id:
            return known
        with self._engine.connect() as connection:
            row = recommendation_models.find_id(connection, site, model_id)
        if row.digest != digest:
            raise NotFound("model_unknown", "the model of that id has another digest")
        return self._loaded(row, known, _no_pause)

    def settle(self) -> None:
        """Waits for whatever is being loaded."""
        for kept in list(self._sites.values()):
            loading = kept.loading
            if loading is not None:
                loading.join()

    def close(self) -> None:
        """Gives up what is being loaded."""
        self._closed.set()
        self.settle()

    def _site(self, site: SiteId) -> _Site:
        kept = self._sites.get(site)
        if kept is None:
            with self._lock:
                kept = self._sites.setdefault(site, _Site())
        return kept

    def _first(self, site: SiteId, number: int, kept: _Site) -> Model:
        """The newest model that can be loaded, in the foreground: there is nothing to serve yet."""
        for candidate in range(number, max(0, number - OLDER_MAX - 1), -1):
            with self._engine.connect() as connection:
                row = recommendation_models.find(connection, site, candidate)
            try:
                return self._loaded(row, None, _no_pause)
            except Damaged as error:
                kept.damaged.add(candidate)
                _tell_damaged(site, row, error)
        return NO_MODEL

    def _begin(self, site: SiteId, number: int, kept: _Site) -> None:
        """Starts loading a newer model, unless another thread just did."""
        with kept.lock:
            if kept.loading is None and not self._closed.is_set():
                kept.loading = threading.Thread(
                    target=self._load, args=(site, number, kept), name="model-loader", daemon=True
                )
                kept.loading.start()

    def _load(self, site: SiteId, number: int, kept: _Site) -> None:
        try:
            with self._engine.connect() as connection:
                row = recommendation_models.find(connection, site, number)
            kept.model = self._loaded(row, kept.model, self._pause)
        except _GivenUp:
            pass
        except Unavailable as error:
            _logger.warning("model_waits", site=site, number=number, code=error.code)
        except Damaged as error:
            kept.damaged.add(number)
            _tell_damaged(site, row, error)
        except Exception as error:
            kept.damaged.add(number)
            _logger.error("model_not_loaded", site=site, number=number, error=type(error).__name__)
        finally:
            kept.loading = None

    def _pause(self) -> None:
        time.sleep(_PAUSE_S)
        if self._closed.is_set():
            raise _GivenUp

    def _loaded(self, row: ModelRow, known: Model | None, pause: Callable[[], None]) -> Model:
        """A model with all its artefacts; those that a known one has are not read again."""
        have = {one.digest: one for one in known.artefacts.values()} if known else {}
        artefacts = {}
        for name, entry in row.types.items():
            if entry["digest"] is None:
                continue
            trained = Trained(
                entry["digest"], entry["trained_to"], entry["trained_at"], entry["readiness"]
            )
            same = have.get(trained.digest)
            artefacts[name] = replace(same, trained=trained) if same else self._read(trained, pause)
        return Model(row.id, row.number, row.digest, row.trained_to, row.trained_at, artefacts)

    def _read(self, trained: Trained, pause: Callable[[], None]) -> Artefact:
        reading = Reading(trained.digest)
        for part in artefact_table.parts(self._engine, trained.digest):
            reading.take(part)
            pause()
        reading.check()
        artefact = Artefact(reading.type, reading.kind, reading.scale, trained, reading.lines)
        skus = list(reading.lines)
        for start in range(0, len(skus), _STEP_LINES):
            artefact.open_lines(skus[start : start + _STEP_LINES])
            pause()
        return artefact


class _GivenUp(Exception):
    """The process is ending."""


def _no_pause() -> None:
    """Somebody waits for this load."""


def _tell_damaged(site: SiteId, row: ModelRow, error: Damaged) -> None:
    _logger.error("model_damaged", site=site, model=row.id, why=str(error))
