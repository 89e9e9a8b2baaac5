"""`rationale serve` as a process tree: start, work, end, and what happens when a part is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import orjson
import psutil
import pytest

WAIT_S = 40.0

pytestmark = pytest.mark.slow


class Server:
    """One `rationale serve` over a data folder."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self.port = _free_port()
        self.log = data_dir.parent / f"server-{self.port}.log"
        self._environment = environment(data_dir)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", f"--port={self.port}", *options],
                env=self._environment,
                stderr=log,
            )

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self._url(path), timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def tree(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        return next(child for child in self.tree() if runs(child, word))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RATIONALE_")}
    return {**kept, "RATIONALE_DATA_DIR": str(data_dir)}


def runs(process: psutil.Process, word: str) -> bool:
    """Whether it is alive and has this word in its command line."""
    try:
        return word in process.cmdline()
    except psutil.Error:
        return False


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {WAIT_S} s: {what}"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def serve(*options: str) -> Server:
        servers.append(Server(tmp_path / "data", *options))
        return servers[-1]

    yield serve
    for server in servers:
        if server.process.poll() is None:
            for child in server.tree():
                child.kill()
            server.process.kill()
            server.process.wait()


def _ended(processes: list[psutil.Process]) -> bool:
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_follows_and_ends_with_all_its_children(
    start: Callable[..., Server], tmp_path: Path, number: int
) -> None:
    server = start()
    until(server.ready, "ready")
    issued = subprocess.run(
        [sys.executable, "-m", "app", "keys", "create", "--site=shop", "--scope=admin"],
        env=environment(tmp_path / "data"),
        capture_output=True,
        check=True,
    )
    token = issued.stdout.strip().decode()
    request = urllib.request.Request(
        server._url("/v1/keys"), headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert len(orjson.loads(answer.read())["items"]) == 1
    until(lambda: orjson.loads(server.get("/readyz")[1])["lag_events"] == 0, "followed")
    tree = server.tree()
    assert len(tree) >= 3
    assert server.end(number) == 0
    assert _ended(tree)
    assert token not in server.log.read_text()


def test_two_servers_start_at_once_on_an_empty_database(start: Callable[..., Server]) -> None:
    servers = [start(), start("--migrate"), start()]
    for server in servers:
        until(server.ready, "ready")
    assert [server.end() for server in servers] == [0, 0, 0]


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_that_is_taken_is_refused_in_a_sentence(
    command: str, start: Callable[..., Server], tmp_path: Path
) -> None:
    server = start()
    until(server.ready, "ready")
    other = subprocess.run(
        [sys.executable, "-m", "app", command, f"--port={server.port}"],
        env=environment(tmp_path / "other"),
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )
    assert other.returncode == 1
    assert other.stderr == (
        f"Error: cannot listen on 127.0.0.1:{server.port}: Address already in use\n"
    )
    assert server.end() == 0


def test_children_die_with_a_killed_parent(start: Callable[..., Server]) -> None:
    server = start("--workers=2")
    until(server.ready, "ready")
    tree = server.tree()
    server.process.kill()
    server.process.wait()
    until(lambda: _ended(tree), "all children ended")


def test_a_killed_follower_and_a_killed_worker_come_back(start: Callable[..., Server]) -> None:
    server = start()
    until(server.ready, "ready")
    time.sleep(1.2)
    follower = server.child("follow")
    follower.kill()

    def is_back() -> bool:
        return any(runs(child, "follow") and child != follower for child in server.tree())

    until(is_back, "another follower")
    web = server.child("web")
    time.sleep(5.0)  # granian takes two deaths of a worker within 5.5 s for a crash loop
    worker = web.children()[0]
    worker.kill()
    until(lambda: any(child.pid != worker.pid for child in web.children()), "another worker")
    until(server.ready, "ready again")
    assert server.end() == 0


def test_workers_share_one_set_of_metrics(start: Callable[..., Server]) -> None:
    server = start("--workers=2")
    until(server.ready, "ready")
    for _ in range(50):
        server.get("/livez")

    def counted() -> float:
        lines = server.get("/metrics")[1].decode().splitlines()
        wanted = 'rationale_requests_total{method="GET",route="/livez",status="200"} '
        return sum(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))

    assert counted() == counted() == 50
    assert server.end() == 0


def test_idle_connections_do_not_keep_others_out(start: Callable[..., Server]) -> None:
    server = start()
    until(server.ready, "ready")
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(64)]
    try:
        for connection in idle:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        for connection in idle:
            assert connection.recv(64).startswith(b"HTTP/1.1 200")
        assert server.get("/livez")[0] == 200
    finally:
        for connection in idle:
            connection.close()
    assert server.end() == 0
