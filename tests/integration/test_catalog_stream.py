"""POST /v1/catalog/import as a stream: listed as it comes, in bounded memory, none of it lost."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from app.intake.product_lines import PAGE_PRODUCTS
from app.wiring import Services
from app.wiring import build

SITE = "shop"
LINE = orjson.dumps(
    {"sku": "s", "name": "Shoe", "price": "12.50", "currency": "USD", "description": "x" * 1_000}
)


class Source:
    """The body of a request that is made while it is read; tells at each read how far the log is.
    Every 1,000th line is bad."""

    def __init__(self, services: Services, lines: int, cut: int = 0, first: int = 0) -> None:
        self.length = lines * (len(LINE) + 7)
        self.heads: list[tuple[int, int]] = []
        self._services = services
        self._made = (self._line(number) for number in range(first, first + lines))
        self._rest = b""
        self._given = 0
        self._last = self.length - cut

    def read(self, size: int) -> bytes:
        """The next bytes, none at the end."""
        while len(self._rest) < size:
            line = next(self._made, None)
            if line is None:
                break
            self._rest += line
        data, self._rest = self._rest[:size], self._rest[size:]
        data = data[: max(0, self._last - self._given)]
        self._given += len(data)
        self.heads.append((self._given, self._services.log.head(SITE).position))  # type: ignore[arg-type]
        return data

    @staticmethod
    def _line(number: int) -> bytes:
        """All of one length."""
        line = LINE.replace(b'"s"', f'"{number:06}"'.encode(), 1)
        return (b"{" + line[:-1] if number % 1_000 == 999 else line) + b" \n"


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    """The services of a process over either database."""
    settings = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(settings))
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def headers(services: Services) -> dict[str, str]:
    """A server's key."""
    return {"Authorization": f"Bearer {issued_key(services, SITE, ('ingest',), 'test').token}"}


def post(client: FlaskClient, headers: dict[str, str], source: Source, **environ: Any) -> Any:
    """The answer to a request with this body."""
    length = {"CONTENT_LENGTH": str(source.length), "wsgi.input": source}
    return client.post(
        "/v1/catalog/import", headers=headers, environ_overrides={**length, **environ}
    )


def test_products_are_listed_while_others_still_come(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    lines = 4_000
    source = Source(services, lines)
    before = services.log.head(SITE).position  # type: ignore[arg-type]
    answer = post(client, headers, source)
    assert answer.status_code == 200, answer.json
    assert (answer.json["listed"], answer.json["rejected"]) == (lines - 4, 4)
    assert [error["line"] for error in answer.json["errors"]] == [1_000, 2_000, 3_000, 4_000]
    a_page = 2 * PAGE_PRODUCTS * (source.length // lines)
    waiting = [given - (head - before) * source.length // lines for given, head in source.heads]
    assert max(waiting) < a_page
    again = post(client, headers, Source(services, lines))
    assert (again.json["listed"], again.json["unchanged"]) == (0, lines - 4)


def test_four_times_the_lines_take_no_more_memory(
    client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    peaks = []
    for first, lines in ((0, 1_000), (1_000, 1_000), (2_000, 4_000)):  # at first, all is made once
        source = Source(services, lines, first=first)
        tracemalloc.start()
        assert post(client, headers, source).status_code == 200
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.3 * peaks[1]


@pytest.mark.parametrize("key", [None, "k1"])
def test_a_stream_that_is_cut_short_says_so_and_is_sent_again(
    client: FlaskClient, services: Services, headers: dict[str, str], key: str | None
) -> None:
    named = headers if key is None else {**headers, "Idempotency-Key": key}
    answer = post(client, named, Source(services, 800, cut=200_000))
    assert (answer.status_code, answer.json["code"]) == (400, "body_cut_short")
    again = post(client, named, Source(services, 800))
    assert again.status_code == 200
    assert again.json["listed"] + again.json["unchanged"] == 800
    assert again.json["unchanged"] == (PAGE_PRODUCTS if key is None else 0)


@pytest.mark.parametrize("length", ["many", "-1", "1" * 5_000])
@pytest.mark.parametrize("key", [None, "k1"])
def test_a_length_that_is_none_is_said_so(
    client: FlaskClient, services: Services, headers: dict[str, str], length: str, key: str | None
) -> None:
    named = headers if key is None else {**headers, "Idempotency-Key": key}
    answer = post(client, named, Source(services, 1), CONTENT_LENGTH=length)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_header")


def test_a_line_of_a_gzip_bomb_stops_at_the_limit_of_a_line(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    bomb = gzip.compress(b'{"sku":"' + b"x" * 50_000_000 + b'"}')
    tracemalloc.start()
    answer: Any = client.post(
        "/v1/catalog/import", data=bomb, headers={**headers, "Content-Encoding": "gzip"}
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert answer.json["errors"][0]["code"] == "line_too_long"
    assert peak < 8_000_000
