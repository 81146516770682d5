"""How a response is read: within a time in total, and up to a size, whatever the server sends."""

from __future__ import annotations

import logging
from http.client import HTTPResponse
from io import BufferedReader, BytesIO, RawIOBase
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager, ProxyManager

# In the usual pieces of 10 kB a body takes half as much CPU again.
_PIECE = 2**18
# A response may take as long to arrive as the server may take to begin it.
_TIMEOUTS_IN_TOTAL = 2


class ResponseTooLargeError(requests.RequestException):
    """A response, decompressed, is larger than it may be.

    Args:
        maximum: The largest size allowed, in bytes.
    """

    def __init__(self, maximum: int) -> None:
        super().__init__(f"more than {maximum} bytes")
        self.maximum = maximum


class BoundedAdapter(HTTPAdapter):
    """Sends requests, and reads each response whole.

    The timeout of a request bounds each wait for bytes, as usual, and twice of it bounds the whole response: a server
    that sends a byte now and then, in headers or body, cannot hold up a run.

    Args:
        maximum: The largest size of a response, decompressed, in bytes.
        connections: How many connections to keep.
    """

    def __init__(self, *, maximum: int, connections: int) -> None:
        self._maximum = maximum
        super().__init__(pool_maxsize=connections)
        # Its warnings repeat headers, session cookies among them.
        logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager)

    @override
    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        _bound(manager)
        return manager

    @override
    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = super().build_response(req, resp)
        body = BytesIO()
        for piece in response.iter_content(_PIECE):
            body.write(piece)
            if body.tell() > self._maximum:
                resp.close()
                raise ResponseTooLargeError(self._maximum)
        # What `Response.content` does, which has no parameters for it.
        response._content = body.getvalue()  # noqa: SLF001
        return response


class _DeadlineReader(RawIOBase):
    """Reads from a socket, no read of which waits beyond a deadline."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._timeout = sock.gettimeout()
        self._deadline = None if self._timeout is None else monotonic() + _TIMEOUTS_IN_TOTAL * self._timeout

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - monotonic()
            if left <= 0:
                raise TimeoutError("the response took too long in total")
            self._sock.settimeout(min(self._timeout, left))
        count: int | None = self._raw.readinto(buffer)
        return count

    @override
    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    """A response, headers and body, that is read within a time in total."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = BufferedReader(_DeadlineReader(sock))


class _BoundedHTTPConnection(HTTPConnection):
    response_class = _BoundedResponse


class _BoundedHTTPSConnection(HTTPSConnection):
    response_class = _BoundedResponse


class _BoundedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection


def _bound(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}
