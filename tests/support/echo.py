"""A server that responds to each request with what it was: as a shop, or as a proxy before one."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": sent.decode(),
        }
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "PHPSESSID=abc; path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  as inherited

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        pass


@contextmanager
def echo(context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve on loopback.

    Args:
        context: For TLS.

    Yields:
        The address.
    """
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    listener.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that trusts nobody hangs up
    if context is not None:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{listener.server_port}"
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
