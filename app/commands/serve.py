"""`rationale serve`: web, follower and scheduler as child processes of a small supervisor."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from types import FrameType

import click
import structlog
from sqlalchemy import inspect

from app import parent
from app.commands.web import THREADS
from app.commands.web import check_free
from app.config import Settings
from app.database import migrate as migrate_all
from app.database import migrated
from app.database import open_stores
from app.edge import logging

_EVERY_S = 0.2
_OTHERS_MIGRATE_S = 10.0
_RESTART_AFTER_S = 1.0
_KILL_AFTER_S = 15.0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 64))
@click.option("--migrate", is_flag=True, help="Bring the tables to the newest version first.")
def command(host: str, port: int, workers: int, threads: int, migrate: bool) -> None:
    """Runs the whole service on this machine until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    check_free(host, port)
    logging.configure(settings.log_level)
    _prepare(settings, migrate=migrate)
    web = ("web", f"--host={host}", f"--port={port}", f"--workers={workers}")
    supervisor = Supervisor([(*web, f"--threads={threads}"), ("follow",), ("scheduler",)])
    click.echo(f"serving on http://{host}:{port}, contract at /docs", err=True)
    sys.exit(supervisor.run())


def _prepare(settings: Settings, *, migrate: bool) -> None:
    """Tables at the newest version before any child starts: made on an empty database, upgraded
    only when asked to, and waited for while another process is making them."""
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    try:
        if migrate or not inspect(stores.log).get_table_names():
            migrate_all(stores)
        deadline = time.monotonic() + _OTHERS_MIGRATE_S
        while not migrated(stores):
            if time.monotonic() > deadline:
                raise click.ClickException("the tables are of another version: add --migrate")
            time.sleep(_EVERY_S)
    finally:
        stores.close()


class Supervisor:
    """Keeps commands of `rationale` running. The first is the service: it ends, all ends."""

    def __init__(self, commands: list[tuple[str, ...]]) -> None:
        self._commands = commands
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._starts: dict[int, float] = {}
        self._stopping = False

    def run(self) -> int:
        """Until a signal, or until the first command ends; its exit code."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        for index in range(len(self._commands)):
            self._start(index)
        code = 0
        while not self._stopping:
            first = self._children[0].poll()
            if first is not None:
                code = first or 1
                structlog.get_logger().error("web_ended", code=first)
                break
            self._restart_ended()
            time.sleep(_EVERY_S)
        self._end_all()
        return code

    def _start(self, index: int) -> None:
        arguments = [sys.executable, "-m", "app", *self._commands[index]]
        self._children[index] = subprocess.Popen(arguments, env=parent.environment())  # noqa: S603
        self._starts[index] = time.monotonic()

    def _restart_ended(self) -> None:
        for index in range(1, len(self._commands)):
            code = self._children[index].poll()
            old_enough = time.monotonic() - self._starts[index] > _RESTART_AFTER_S
            if code is not None and old_enough and not self._stopping:
                name = self._commands[index][0]
                structlog.get_logger().error("child_ended", child=name, code=code)
                self._start(index)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _KILL_AFTER_S
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
