"""A proxy on 127.0.0.1 that loses requests and answers, as the way to a server does."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

REFUSED = "refused"  # 503, the server never sees it
LOST = "lost"  # the connection ends before the server sees it
UNANSWERED = "unanswered"  # the server takes it in, and its answer is lost


class FlakyProxy:
    """Hands requests on to a port; the first ones meet the given mishaps, in order."""

    def __init__(self, port: int, mishaps: list[str]) -> None:
        self._port = port
        self._mishaps = list(mishaps)
        self._lock = threading.Lock()
        self.statuses: list[int] = []

    @property
    def spent(self) -> bool:
        """Whether every mishap has happened."""
        return not self._mishaps

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """One request, with its mishap if any is left."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self._lock:
            mishap = self._mishaps.pop(0) if self._mishaps else None
        if mishap == REFUSED:
            _answer(request, 503, b"{}")
        elif mishap == LOST:
            request.connection.close()
        else:
            status, answer = self._forwarded(request, body)
            if mishap == UNANSWERED:
                request.connection.close()
            else:
                _answer(request, status, answer)

    def _forwarded(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        upstream.request(request.command, request.path, body, headers)
        answer = upstream.getresponse()
        data = answer.read()
        upstream.close()
        self.statuses.append(answer.status)
        return answer.status, data


@contextmanager
def flaky_proxy(port: int, mishaps: list[str]) -> Iterator[tuple[str, FlakyProxy]]:
    """The proxy's address while it runs."""
    proxy = FlakyProxy(port, mishaps)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            proxy.handle(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Silence: the test says what is wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda request, client: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(body)
