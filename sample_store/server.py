"""The shop at work: as many workers as PHP-FPM has, what they cost, and what they were asked."""

from __future__ import annotations

import gzip
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from wsgiref.handlers import format_date_time

from sample_store import control, errors
from sample_store.app import Limits, answer, entity_of, refusal
from sample_store.faults import Fault, Faults
from sample_store.wire import Answer, Call, Listener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_store.shop import Shop
    from sample_store.tables import Key

HOST = "127.0.0.1"
_GZIP_FROM = 1000
_LONGEST = 8192
"""Bytes of a request line that fit into nginx's buffer, `large_client_header_buffers` as it comes."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server behaves; as it stands it costs nothing and refuses nothing.

    Args:
        workers: Requests answered at once, like PHP-FPM's children; others wait. None for all.
        per_request: Seconds a request costs.
        per_row: Seconds a row costs that is loaded for a page; about 0.01 for a real order.
        per_offset_row: Seconds a row costs that is skipped before a page.
        per_counted_row: Seconds a row costs that is counted for `total_count`.
        max_page_size: Largest page allowed, None for any.
        memory_rows: Rows a page may load before PHP's memory is exhausted, None for any number.
        compress: Whether to answer with gzip those who accept it, as Magento's nginx does.
    """

    workers: int | None = None
    per_request: float = 0.0
    per_row: float = 0.0
    per_offset_row: float = 0.0
    per_counted_row: float = 0.0
    max_page_size: int | None = None
    memory_rows: int | None = None
    compress: bool = True

    def cost(self, given: Answer) -> float:
        """Tell how many seconds of work an answer is."""
        return (
            self.per_request
            + self.per_row * len(given.keys)
            + self.per_offset_row * given.offset
            + self.per_counted_row * given.total
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One request the server has answered, for tests and benchmarks to look at.

    Args:
        method: HTTP method.
        path: Path of the URL.
        query: What followed `?`, as sent.
        entity: Name of the list asked for, None for anything else.
        status: HTTP status answered; 0 when the connection was dropped instead.
        started: Seconds on the monotonic clock when work on it began.
        seconds: How long that took, costs included.
        bytes: Length of the body before compression.
        sent: Bytes of the body that went out, compressed where the client accepts it.
        keys: Keys of the rows on the page.
        counted_rows: Rows counted for `total_count`.
        offset_rows: Rows skipped before the page.
        cost: Seconds it cost by the cost model of `ServerOptions`.
    """

    method: str
    path: str
    query: str
    entity: str | None
    status: int
    started: float
    seconds: float
    bytes: int
    keys: tuple[Key, ...]
    counted_rows: int
    offset_rows: int
    cost: float
    sent: int = 0

    @property
    def rows(self) -> int:
        """How many rows were on the page."""
        return len(self.keys)


@dataclass
class Server:
    """A running server.

    Attributes:
        shop: The shop it serves.
        options: How it behaves.
        faults: What goes wrong; add to it at any time.
        requests: What it was asked, oldest first.
        url: Where it listens, such as `http://127.0.0.1:8080`.
    """

    shop: Shop
    options: ServerOptions
    faults: Faults = field(default_factory=Faults)
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        workers = self.options.workers
        self._slots = nullcontext() if workers is None else threading.Semaphore(workers)
        self._limits = Limits(self.options.max_page_size, self.options.memory_rows)

    def clear(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()

    def handle(self, call: Call, accepted: str) -> Answer:
        """Answer one request.

        Args:
            call: The request.
            accepted: Its `Accept-Encoding` header.

        Returns:
            The answer with all its headers, compressed where that is accepted.

        Raises:
            Dropped: In place of an answer, when the connection is to end.
        """
        given = control.answer(self, call)
        return self._work(call, accepted) if given is None else self._packed(given, accepted)

    def _packed(self, given: Answer, accepted: str) -> Answer:
        headers = [
            ("Server", "nginx/1.22.1"),
            ("Date", format_date_time(self.shop.clock().timestamp())),
            ("Content-Type", given.content_type),
            ("Vary", "Accept-Encoding"),
            ("Set-Cookie", "PHPSESSID=4glg8e8hl1thdsfjfhl3v3ncjm; path=/; HttpOnly; SameSite=Lax"),
            ("Cache-Control", "no-store"),
            *given.headers,
        ]
        body = given.body
        is_packed = any(name == "Content-Encoding" for name, _ in headers)
        if self.options.compress and "gzip" in accepted and len(body) > _GZIP_FROM and not is_packed:
            body = gzip.compress(body, compresslevel=1)
            headers.append(("Content-Encoding", "gzip"))
        return replace(given, body=body, headers=tuple(headers))

    def _work(self, call: Call, accepted: str) -> Answer:
        entity = entity_of(call.path)
        name = entity.name if entity else None
        started = time.monotonic()
        given = packed = Answer(b"", status=0)
        cost = 0.0
        ended = None
        try:
            instead, fault = self._before(call, name)
            if instead is not None:
                given = self.faults.after(call, instead, fault)
            else:
                with self._slots:
                    started = time.monotonic()
                    found = answer(self.shop, call, self._limits)
                    given = self.faults.after(call, found, fault)
                    cost = self.options.cost(found)
                    if cost:
                        time.sleep(cost)
                    ended = time.monotonic()
            packed = self._packed(given, accepted)
            return packed
        finally:
            seconds = (ended or time.monotonic()) - started
            self._record(call, name, given, (started, seconds, cost), len(packed.sent))

    def _before(self, call: Call, entity: str | None) -> tuple[Answer | None, Fault | None]:
        """Tell what is answered in place of the shop, if anything, and what becomes of its answer."""
        if call.length > _LONGEST:
            return refusal(errors.page(414, "Request-URI Too Large")), None
        return self.faults.before(call, entity, self.shop)

    def _record(
        self, call: Call, entity: str | None, given: Answer, times: tuple[float, float, float], sent: int
    ) -> None:
        started, seconds, cost = times
        self.requests.append(
            Request(
                call.method,
                call.path,
                call.query,
                entity,
                given.status,
                started,
                seconds,
                len(given.body),
                given.keys,
                given.total,
                given.offset,
                cost,
                sent,
            )
        )


@contextmanager
def serve(shop: Shop, port: int = 0, options: ServerOptions | None = None) -> Iterator[Server]:
    """Serve a shop from background threads for as long as the context lasts.

    Args:
        shop: The shop.
        port: Port on loopback, 0 for any free one.
        options: How the server behaves.

    Yields:
        The server, listening.
    """
    server = Server(shop, options or ServerOptions())
    listener = Listener((HOST, port), server.handle)
    server.url = f"http://{HOST}:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.faults.release()
        listener.shutdown()
        thread.join()
        listener.server_close()
