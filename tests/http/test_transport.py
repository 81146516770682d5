"""Responses without an end, against sockets that send them."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.http import transport
from tap_magento.http.errors import connection_error, error_in
from tap_magento.http.session import session_for
from tap_magento.http.transport import ResponseTooLargeError
from tap_magento.runtime.escaping import escaped

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = 2**20


@contextmanager
def sending(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve one response to one request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                with listener.accept()[0] as connection:
                    connection.recv(65_536)
                    send(connection)
            except OSError:  # the tap has enough
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


def session(maximum: int = 2**28) -> requests.Session:
    config = {"store_url": "http://127.0.0.1", "verify_ssl": True, "max_response_bytes": maximum}
    return session_for(config, {}, connections=1)


def whole(body: bytes, headers: bytes = b"") -> Callable[[socket.socket], None]:
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(HEAD + headers + length + body)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", HEAD + b"Content-Length: 100000\r\n\r\n"])
def test_a_response_that_drips_is_given_up(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(transport, "monotonic", lambda: now[0])

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(100_000):
            now[0] += 9.0  # each byte within the timeout
            connection.sendall(b"H")

    with sending(drip) as url, pytest.raises((requests.Timeout, requests.ConnectionError), match="timed out"):
        session().get(url, timeout=10)
    assert now[0] >= 20.0


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = [packer.compress(b" " * MEGABYTE) for _ in range(size // MEGABYTE)]
    return gzip.compress(b"".join([*packed, packer.flush()]), 9)


@pytest.mark.parametrize("chunked", [True, False])
def test_what_is_small_only_while_it_is_packed_takes_little_memory(chunked: bool) -> None:  # noqa: FBT001
    packed = bomb(300 * MEGABYTE)
    headers = b"Content-Encoding: gzip, gzip\r\n"
    send = whole(packed, headers)
    if chunked:
        head = HEAD + headers + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(packed)
        send = lambda connection: connection.sendall(head + packed + b"\r\n0\r\n\r\n")  # noqa: E731
    with sending(send) as url:
        tracemalloc.start()
        try:
            with pytest.raises(ResponseTooLargeError, match=str(4 * MEGABYTE)):
                session(4 * MEGABYTE).get(url, timeout=10)
            assert tracemalloc.get_traced_memory()[1] < 16 * MEGABYTE
        finally:
            tracemalloc.stop()


def test_chunks_without_an_end_are_given_up() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")

    with sending(endless) as url, pytest.raises(ResponseTooLargeError):
        session(4 * MEGABYTE).get(url, timeout=10)


def test_a_body_as_large_as_allowed_is_read() -> None:
    body = b"x" * MEGABYTE
    with sending(whole(body)) as url:
        assert session(MEGABYTE).get(url, timeout=10).content == body
    with sending(whole(body)) as url, pytest.raises(ResponseTooLargeError):
        session(MEGABYTE - 1).get(url, timeout=10)


@pytest.mark.parametrize("location", [b"http://[::1", b"/caf\xe9", b"http://x:99999999/", b"", b"http://a@b@c/"])
def test_a_redirect_is_a_response_wherever_it_leads(location: bytes) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    with sending(lambda connection: connection.sendall(head)) as url:
        assert session().get(url, timeout=10).status_code == 302


def test_broken_headers_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    headers = b"no colon here\r\nSet-Cookie: PHPSESSID=SECRET\r\n"
    with sending(whole(b"{}", headers)) as url:
        session().get(url, timeout=10)
    assert "SECRET" not in caplog.text


def test_a_connection_is_used_again_after_its_deadline_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(transport, "monotonic", lambda: now[0])

    def twice(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
        connection.recv(65_536)
        connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n[]")

    with sending(twice) as url:
        ours = session()
        assert ours.get(url, timeout=10).content == b"{}"
        now[0] += 1000.0
        assert ours.get(url, timeout=10).content == b"[]"


PIECES = [
    *(
        HEAD,
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 ",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"Location: ",
    ),
    *(b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"jane@example.com", b"5"),
    *(
        b"9" * 5000,
        b"-1",
        b"4, 7",
        b"\xff",
        b"\x00",
        b": ",
        b"http://[::1",
        gzip.compress(b"{}"),
        b"2\r\n{}\r\n0\r\n\r\n",
    ),
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=12).map(b"".join))
def test_whatever_comes_is_a_response_or_one_line_without_any_of_it(data: bytes) -> None:
    with sending(lambda connection: connection.sendall(data)) as url:
        try:
            response = session().get(url, timeout=10)
        except requests.RequestException as error:
            told = str(connection_error(error, url, "orders"))
        else:
            told = str(error_in(response, "orders") or "orders: ")
    assert told.startswith("orders: ")
    assert "jane" not in told
    assert told == escaped(told)
