"""`rationale web`: granian with Flask workers."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from typing import Any

import click
from granian.constants import HTTPModes
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from app import parent
from app.config import Settings
from app.edge import logging

MULTIPROC = "PROMETHEUS_MULTIPROC_DIR"
THREADS = 2
"""One for what is slow, such as a publish or a long read, while the other decides."""
_KILL_AFTER_S = 10
_CONNECTIONS = 1024  # of each worker, idle ones too: granian takes no more beyond it


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option(
    "--threads",
    default=THREADS,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Threads of each worker. With one, a publish stops the decisions of its worker.",
)
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serves HTTP with granian. SIGTERM and SIGINT end it after the requests in flight."""
    settings = Settings.from_environment()
    check_free(host, port)
    logging.configure(settings.log_level)
    parent.watch()
    os.environ[parent.PARENT] = str(os.getpid())  # for the workers, which are forked
    made = None
    if workers > 1 and not os.environ.get(MULTIPROC):
        made = os.environ[MULTIPROC] = tempfile.mkdtemp(prefix="rationale-metrics-")
    try:
        _server(host, port, workers, threads).serve()
    finally:
        if made:
            shutil.rmtree(made, ignore_errors=True)


def check_free(host: str, port: int) -> None:
    """A sentence if nobody can listen there. granian shares a port with whoever else shares it, so
    two servers would each answer a part of the requests, each from a store of its own."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as error:
        msg = f"cannot listen on {host}:{port}: {error.strerror}"
        raise click.ClickException(msg) from error


def _server(host: str, port: int, workers: int, threads: int) -> Any:
    return Server(
        "app.worker:load",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        backpressure=_CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_AFTER_S,
        log_level=LogLevels.warning,
        log_dictconfig=_logs(),
        websockets=False,
    )


def _logs() -> dict[str, Any]:
    """granian's own lines through our handler: one kind of line on standard error."""
    named = {"handlers": ["ours"], "level": "WARNING", "propagate": False}
    return {
        "handlers": {"ours": {"class": "app.edge.logging.LibraryHandler"}},
        "formatters": {},
        "loggers": {"_granian": named, "granian.access": named},
    }
