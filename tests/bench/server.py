"""A server of its own data folder, as a child process, and a client that keeps its connection."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app.commands.keys import issued_key
from app.config import Settings
from app.database import migrate
from app.database import open_stores
from app.wiring import build

SITE = "bench"
SCOPES = ("ingest", "decide", "author", "audit", "admin")
_START_S = 60.0


@dataclass(slots=True)
class Client:
    """One keep-alive connection with a key."""

    port: int
    key: str
    connection: http.client.HTTPConnection

    @classmethod
    def to(cls, port: int, key: str) -> Client:
        """A client of a port of this machine."""
        return cls(port, key, http.client.HTTPConnection("127.0.0.1", port, timeout=60))

    def raw(self, method: str, path: str, body: bytes | None = None, **further: str) -> bytes:
        """The answer's bytes; RuntimeError unless it is a success. `further`: headers, as
        `If_Match="*"`."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers |= {name.replace("_", "-"): value for name, value in further.items()}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            msg = f"{method} {path}: {answer.status} {data[:1000].decode('utf-8', 'replace')}"
            raise RuntimeError(msg)
        return data

    def call(self, method: str, path: str, body: Any = None, **further: str) -> Any:
        """The same with JSON on both sides."""
        written = None if body is None else orjson.dumps(body)
        return orjson.loads(self.raw(method, path, written, **further))


@dataclass(slots=True)
class Server:
    """A running server; `environment` is what further processes on its data need."""

    process: subprocess.Popen[bytes]
    client: Client
    environment: dict[str, str]

    @property
    def pid(self) -> int:
        return self.process.pid


@contextmanager
def serving(folder: Path, command: str = "web") -> Iterator[Server]:
    """Migrates an empty database in the folder, issues a key, serves (`web` without follower)."""
    environment = {**os.environ, "RATIONALE_DATA_DIR": str(folder), "RATIONALE_LOG_LEVEL": "info"}
    environment.pop("RATIONALE_DATABASE_URL", None)
    with _started(folder, command, _prepare(environment), environment) as server:
        yield server


@contextmanager
def beside(server: Server, folder: Path) -> Iterator[Server]:
    """One more web process on the same data."""
    with _started(folder, "web", server.client.key, server.environment) as other:
        yield other


@contextmanager
def _started(folder: Path, command: str, key: str, environment: dict[str, str]) -> Iterator[Server]:
    port = _free_port()
    with (folder / f"server-{port}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", command, "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield Server(process, _connected(port, key, process), environment)
        finally:
            process.terminate()
            process.wait(30)


def _prepare(environment: dict[str, str]) -> str:
    settings = Settings.from_environment(environment)
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    migrate(stores)
    stores.close()
    services = build(settings)
    try:
        return issued_key(services, SITE, SCOPES, "bench").token
    finally:
        services.close()


def _connected(port: int, key: str, process: subprocess.Popen[bytes]) -> Client:
    client = Client.to(port, key)
    deadline = time.monotonic() + _START_S
    while True:
        try:
            client.raw("GET", "/livez")
            return client
        except OSError:
            client.connection.close()
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
