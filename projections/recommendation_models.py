"""The models of a site: one row for each training that made something. Written with the event.

A model is a manifest: for each type the artefact it serves and how it was come by. Its number is
the version of the event in the site's stream of models, so a number is given once.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import digest as digest_of
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import log_store
from projections.upserts import insert_or_replace

TOPIC = "RecommendationModelTrained"

recommendation_models = Table(
    "recommendation_models",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("trained_to", BigInteger, nullable=False),
    Column("trained_at", BigInteger, nullable=False),
    Column("types", Text, nullable=False),
    Index(None, "site", "digest"),
)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model without its artefacts. `types` is as in the event."""

    number: int
    digest: str
    position: int
    trained_to: int
    trained_at: int
    types: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        """As decisions and answers name it."""
        return model_id(self.number)


class RecommendationModels:
    """The immediate projection."""

    name = "recommendation_models"
    topics = frozenset({TOPIC})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """A row for each model."""
        rows = [
            {
                "site": site,
                "number": event.version,
                "digest": event.data["digest"],
                "position": event.position,
                "trained_to": event.data["trained_to"],
                "trained_at": event.occurred_at,
                "types": canonical(event.data["types"]).decode(),
            }
            for event in events
        ]
        return [Write(insert_or_replace(connection.dialect.name, recommendation_models), rows)]


def stream_of(site: SiteId) -> UUID:
    """The stream of a site's models."""
    return stream_id(site, "models", "")


def model_id(number: int) -> str:
    """`mdl_0000000007` for 7."""
    return f"mdl_{number:010d}"


def manifest_digest(types: Mapping[str, Mapping[str, Any]]) -> str:
    """The digest of a model: over the digests of what its types serve."""
    served = {name: entry["digest"] for name, entry in types.items() if entry["digest"] is not None}
    return digest_of(served)


def newest(connection: Connection, site: SiteId) -> ModelRow | None:
    """The newest model of a site, if it has one."""
    c = recommendation_models.c
    query = select(recommendation_models).where(c.site == site)
    row = connection.execute(query.order_by(c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _model(row)


def find(connection: Connection, site: SiteId, number: int) -> ModelRow:
    """A model by its number; NotFound `model_unknown`."""
    c = recommendation_models.c
    query = select(recommendation_models).where(c.site == site, c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("model_unknown", "no model by that number")
    return _model(row)


def find_id(connection: Connection, site: SiteId, id_: str) -> ModelRow:
    """A model by its id; NotFound `model_unknown`."""
    return find(connection, site, int(id_.partition("_")[2]))


def find_digest(connection: Connection, site: SiteId, digest: str) -> ModelRow:
    """The first model with a digest: later ones with it serve the same. NotFound
    `model_unknown`."""
    c = recommendation_models.c
    query = select(recommendation_models).where(c.site == site, c.digest == digest)
    row = connection.execute(query.order_by(c.number).limit(1)).one_or_none()
    if row is None:
        raise NotFound("model_unknown", "no model of that digest")
    return _model(row)


def digests(connection: Connection) -> set[str]:
    """Of all artefacts that a model of any site names."""
    named = connection.scalars(select(recommendation_models.c.types))
    return {
        entry["digest"]
        for types in named
        for entry in orjson.loads(types).values()
        if entry["digest"] is not None
    }


def _model(row: Row[Any]) -> ModelRow:
    return ModelRow(
        row.number,
        row.digest,
        row.position,
        row.trained_to,
        row.trained_at,
        orjson.loads(row.types),
    )
