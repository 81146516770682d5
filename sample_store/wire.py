"""HTTP/1.1 on loopback: requests in, answers out in chunks on kept connections, as nginx does.

The standard library's server does all of it. WSGI servers made for development close every
connection, and none lets an answer break off in the middle of a chunk.
"""

from __future__ import annotations

import io
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sample_store.errors import JSON

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sample_store.tables import Key


@dataclass(frozen=True, slots=True)
class Call:
    """What a client sent.

    Args:
        method: HTTP method.
        path: Path of the URL, percent-decoded.
        query: What follows `?`, as sent.
        authorization: The `Authorization` header, empty without one.
        content_type: The `Content-Type` header, empty without one.
        body: The request's body.
        url: Scheme, host and path as PHP sees them: what a signature covers.
        headers: All headers, their names in lower case.
        length: Bytes of the request line: method, target and version, without its end.
    """

    method: str
    path: str
    query: str = ""
    authorization: str = ""
    content_type: str = ""
    body: bytes = b""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int = 0


class Dropped(Exception):  # noqa: N818 - what happens to a connection, on purpose
    """The server ends a connection without a complete answer.

    Args:
        reset: Whether hard (RST), so that the client's socket fails, or as if all had been said.
    """

    def __init__(self, *, reset: bool) -> None:
        super().__init__("dropped on purpose")
        self.reset = reset


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop says.

    Args:
        body: The whole body.
        status: HTTP status code.
        content_type: Media type.
        headers: Further headers.
        entity: Name of the list that was read, None for anything else.
        keys: Keys of the rows that were loaded for it.
        total: Rows that were counted.
        offset: Rows that were skipped.
        breaks: How the connection ends in the middle of the body, None for a whole answer.
        pause: Seconds to wait after each byte that is sent, 0 for none.
        slow_headers: Whether the headers are sent that slowly too.
        endless: What follows the body again and again, until the client hangs up.
    """

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    entity: str | None = None
    keys: tuple[Key, ...] = ()
    total: int = 0
    offset: int = 0
    breaks: Dropped | None = None
    pause: float = 0.0
    slow_headers: bool = False
    endless: bytes = b""

    @property
    def sent(self) -> bytes:
        """What of the body goes out: half of it where the connection breaks."""
        return self.body if self.breaks is None else self.body[: len(self.body) // 2]


class Listener(ThreadingHTTPServer):
    """Listens on a port and answers each connection on a thread of its own.

    Args:
        address: Host and port; port 0 for any free one.
        handle: Makes the answer to a request and its `Accept-Encoding` header.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handle: Callable[[Call, str], Answer]) -> None:
        self.handle = handle
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_close(self) -> None:
        """Stop listening and hang up on who is still connected."""
        super().server_close()
        for connection in tuple(self.connections):
            with suppress(OSError):  # the client may be quicker
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what went wrong on a connection, unless it is the client who hung up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class _Dripping(io.BufferedIOBase):
    """Writes byte by byte."""

    def __init__(self, out: io.BufferedIOBase, pause: float) -> None:
        self._out = out
        self._pause = pause

    def write(self, data: Any) -> int:
        """Write with a pause after each byte."""
        for byte in bytes(data):
            self._out.write(bytes((byte,)))
            self._out.flush()
            time.sleep(self._pause)
        return len(data)


class _Handler(BaseHTTPRequestHandler):
    """One connection and the requests on it, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Say nothing: the server keeps a record of its requests."""

    def do_GET(self) -> None:
        """Answer a request of any method."""
        path, _, query = self.path.partition("?")
        call = Call(
            self.command,
            unquote(path),
            query,
            self.headers.get("Authorization", ""),
            self.headers.get("Content-Type", ""),
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            f"http://{self.headers.get('Host', '')}{path}",
            {name.lower(): value for name, value in self.headers.items()},
            len(self.requestline),
        )
        try:
            given = self.server.handle(call, self.headers.get("Accept-Encoding", ""))
        except Dropped as dropped:
            self._drop(dropped)
            return
        self._send(given)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815 - as inherited

    def _send(self, given: Answer) -> None:
        self.send_response_only(given.status)
        for name, value in given.headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        if given.slow_headers:
            self._slow_down(given.pause)
        self.end_headers()
        if given.pause:
            self._slow_down(given.pause)
        if given.breaks is not None:
            self.wfile.write(b"%x\r\n%b" % (len(given.body), given.sent))
            self._drop(given.breaks)
            return
        body = _chunk(given.body) if given.body else b""  # an empty chunk ends a body
        if not given.endless:
            self.wfile.write(body + b"0\r\n\r\n")
            return
        self.wfile.write(body)
        while True:
            self.wfile.write(_chunk(given.endless))

    def _slow_down(self, pause: float) -> None:
        self.close_connection = True
        if not isinstance(self.wfile, _Dripping):
            self.wfile = _Dripping(self.wfile, pause)

    def _drop(self, dropped: Dropped) -> None:
        self.close_connection = True
        if dropped.reset:
            # With a linger of no seconds, closing sends RST in place of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.server.connections.discard(self.connection)
            socket.close(self.connection.detach())
