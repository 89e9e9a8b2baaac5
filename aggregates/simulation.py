"""Simulations: asked for, begun (once for each attempt), and ended or cancelled.

A simulation is one stream, and nothing follows its end: of an end and a cancel at one moment the
first is written, the other finds the version taken.
"""

from __future__ import annotations

from uuid import UUID

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id

ASKED = "SimulationAsked"
STARTED = "SimulationStarted"
ENDED = "SimulationEnded"
CANCELLED = "SimulationCancelled"

ATTEMPTS_MAX = 5
"""What ended its process so often will end the next one too; restarts of the service count."""


def simulation_id(number: int) -> str:
    """`sim_0000000007` for 7: the simulations of a site are counted."""
    return f"sim_{number:010d}"


def simulation_stream(site: SiteId, simulation: str) -> UUID:
    """The stream of a simulation."""
    return stream_id(site, "simulation", simulation)
