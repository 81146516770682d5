"""The way to the shop: certificates, proxies, headers, and what the address may look like."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tap_magento.http.connection import Connection

from sample_store import Fault, Shop, serve
from tap_magento.http.errors import MagentoError, connection_error
from tap_magento.settings.schema import defaults
from tap_magento.tap import TapMagento
from tests.support.ways_in import way_in

TOKEN = {"access_token": "made-up-token"}


class Echo(BaseHTTPRequestHandler):
    """Answers each request with what it was: as a shop, or as a proxy before one."""

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}).encode()
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
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
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


def connected(**config: Any) -> Connection:
    return Connection(defaults() | TOKEN | config)


def ask(connection: Connection) -> dict[str, Any]:
    url = f"{connection.root}/V1/store/websites"
    try:
        # As the SDK does: what the environment says of certificates does not count.
        request = connection.session.prepare_request(requests.Request("GET", url, auth=connection.authenticator))
        answer = connection.session.send(request, timeout=20)
    except requests.RequestException as error:
        raise connection_error(error, url, "websites") from None
    found: dict[str, Any] = answer.json()
    return found


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def test_more_headers_go_with_every_request() -> None:
    with echo() as url:
        sent = ask(connected(store_url=url, headers={"X-Firewall-Key": "open"}, user_agent="me/1"))["headers"]
    assert sent["x-firewall-key"] == "open"
    assert sent["user-agent"] == "me/1"
    assert sent["authorization"] == "Bearer made-up-token"


def test_more_headers_go_with_the_login_and_the_streams_too() -> None:
    shop = Shop.generate(orders=5)
    with serve(shop) as server, echo() as url:
        headers = {"headers": {"X-Firewall-Key": "open"}}
        tap = TapMagento(config={**way_in(server, "password"), **headers})
        assert tap.connection.session.headers["X-Firewall-Key"] == "open"
        stream = tap.streams["orders"]
        request = stream.build_prepared_request(method="GET", url=url, headers=stream.http_headers)  # type: ignore[attr-defined]
    assert request.headers["X-Firewall-Key"] == "open"
    assert request.headers["Authorization"].startswith("Bearer ey")


def test_no_cookie_is_kept() -> None:
    with echo() as url:
        connection = connected(store_url=url)
        ask(connection)
        assert "cookie" not in ask(connection)["headers"]


def test_the_proxy_of_the_settings_counts_for_more_than_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with echo() as proxy:
        with_password = proxy.replace("http://", "http://me:open-sesame@")
        config = {"store_url": "http://shop.invalid", "username": "u", "password": "p", "proxy": with_password}
        connection = Connection(defaults() | config)
        answer = connection.authenticator.post(requests.Request("POST", f"{connection.root}/V1/token"))  # type: ignore[attr-defined]
    assert answer.json()["path"] == "http://shop.invalid/rest/all/V1/token"
    assert answer.json()["headers"]["proxy-authorization"] == "Basic bWU6b3Blbi1zZXNhbWU="


def test_without_a_proxy_in_the_settings_the_environments_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with echo() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "")
        assert ask(connected(store_url="http://shop.invalid"))["path"].startswith("http://shop.invalid/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert ask(connected(store_url=proxy))["path"].startswith("/rest/")


def test_a_netrc_signs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password open-sesame", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    with echo() as url:
        connection = Connection(defaults() | {"store_url": url, "username": "u", "password": "p"})
        answer = connection.authenticator.post(requests.Request("POST", f"{connection.root}/V1/token"))  # type: ignore[attr-defined]
    assert "authorization" not in answer.json()["headers"]


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    public, private = certificate(tmp_path, "shop")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    with echo(context) as url:
        with pytest.raises(MagentoError, match=r"^websites: the certificate of 127.0.0.1:\d+ cannot be verified \("):
            ask(connected(store_url=url))
        assert ask(connected(store_url=url, ca_bundle=str(public)))["path"] == "/rest/all/V1/store/websites"


def test_a_shop_that_wants_a_certificate_of_its_clients(tmp_path: Path) -> None:
    public, private = certificate(tmp_path, "shop")
    mine, my_key = certificate(tmp_path, "tap")
    both = tmp_path / "both.pem"
    both.write_bytes(mine.read_bytes() + my_key.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    context.load_verify_locations(mine)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later ones refuse after the handshake, sooner or later
    with echo(context) as url:
        trusting = {"store_url": url, "ca_bundle": str(public)}
        with pytest.raises(MagentoError, match="it wants a certificate of this client; give one it knows in `client_c"):
            ask(connected(**trusting))
        assert ask(connected(**trusting, client_cert=str(mine), client_key=str(my_key)))
        assert ask(connected(**trusting, client_cert=str(both)))


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("ca_bundle", "it is not a PEM file of certificates"),
        ("client_cert", "it is not a PEM file of a certificate with its key, unencrypted"),
    ],
)
def test_a_certificate_that_cannot_be_read(setting: str, reason: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    with pytest.raises(MagentoError) as told:
        connected(store_url="https://shop.example.com", **{setting: missing}).session  # noqa: B018  made on first use
    assert str(told.value) == f"`{setting}` {missing} cannot be read: No such file or directory"
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("none", encoding="utf-8")
    with pytest.raises(MagentoError) as told:
        connected(store_url="https://shop.example.com", **{setting: str(garbage)}).session  # noqa: B018  as above
    assert str(told.value) == f"`{setting}` {garbage} cannot be read: {reason}"


def test_a_shop_without_url_rewriting() -> None:
    shop = Shop.generate(orders=5)
    with serve(shop) as server:
        config = way_in(server, "oauth1")
        connection = Connection(defaults() | config | {"store_url": f"{server.url}/index.php"})
        url = f"{connection.root}/V1/store/websites"
        assert connection.session.get(url, auth=connection.authenticator, timeout=20).status_code == 200
        assert server.requests[-1].path.startswith("/index.php/rest/all/")


def test_a_redirect_is_told_and_no_credentials_follow_it() -> None:
    shop = Shop.generate(orders=5)
    with serve(shop) as server, serve(Shop.empty()) as other:
        server.faults.add(Fault("redirect", path="V1/orders", location=f"{other.url}/rest/all/V1/orders"))
        tap = TapMagento(config=way_in(server, "token"))
        with pytest.raises(MagentoError, match=f"^orders: the shop redirects to {other.url}: set `store_url` to that"):
            tap.streams["orders"].ask(None)  # type: ignore[attr-defined]
        assert other.requests == []
