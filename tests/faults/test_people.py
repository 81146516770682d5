"""What a person sees when a run cannot work: one line that says what to do, exit code 1, and no state half written."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sample_store import Fault, Server, Shop, serve
from tests.faults.processes import started

SOME_STATE = {
    "bookmarks": {"orders": {"replication_key": "updated_at", "replication_key_value": "2026-01-01T00:00:00+00:00"}}
}

Messages = list[dict[str, Any]]


@pytest.fixture(scope="module")
def store() -> Iterator[Server]:
    with serve(Shop.generate(orders=5)) as server:
        yield server


def fails(folder: Path, config: Mapping[str, Any]) -> tuple[str, Messages]:
    """Run the tap, which is to fail as a person wants it to; give the one error line, and what it wrote."""
    with started(folder, config, SOME_STATE) as process:
        messages = [json.loads(line) for line in process.out]
        code, log = process.wait(), process.log
    assert code == 1, log
    assert "Traceback" not in log
    errors = [line for line in log.splitlines() if "ERROR" in line or "error" in line.split("|")[0]]
    assert len(errors) == 1, log
    return errors[0], messages


def settings(url: str, **more: Any) -> dict[str, Any]:
    return {"store_url": url, "username": "admin", "password": "sample-store-1", "retry_timeout": 1, **more}


def progress(messages: Messages) -> dict[str, Any]:
    """Give how far the last state says each stream has come, without what the SDK notes of each run's start."""
    written = [message["value"]["bookmarks"] for message in messages if message["type"] == "STATE"]
    states = [SOME_STATE["bookmarks"], *written]  # without a new one, the scheduler keeps its own
    noted = {name: {**state} for name, state in states[-1].items()}
    for state in noted.values():
        state.pop("starting_replication_value", None)
    return {name: state for name, state in noted.items() if state}


def test_unknown_host(tmp_path: Path) -> None:
    error, messages = fails(tmp_path, settings("https://no-such-shop.invalid"))
    assert "no-such-shop.invalid" in error
    assert "`store_url`" in error
    assert progress(messages) == SOME_STATE["bookmarks"]


def test_refused_port(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    error, messages = fails(tmp_path, settings(url))
    assert "`store_url`" in error
    assert "refused" in error
    assert progress(messages) == SOME_STATE["bookmarks"]


@pytest.mark.parametrize("status", [200, 404])
def test_a_host_that_serves_a_web_site(tmp_path: Path, status: int) -> None:
    with web_site(status) as url:
        error, messages = fails(tmp_path, settings(url))
    assert "`store_url`" in error
    assert progress(messages) == SOME_STATE["bookmarks"]


def test_html_in_the_place_of_json(tmp_path: Path, store: Server) -> None:
    with struck(store, Fault("firewall", entity="orders", times=None)):
        error, messages = fails(tmp_path, settings(store.url))
    assert "firewall" in error
    assert progress(messages)["orders"] == SOME_STATE["bookmarks"]["orders"]


def test_wrong_password(tmp_path: Path, store: Server) -> None:
    store.clear()
    error, messages = fails(tmp_path, settings(store.url, password="wrong-password"))
    assert "password" in error
    assert "wrong-password" not in error
    assert [request.path.rpartition("/")[2] for request in store.requests] == ["token"]
    assert progress(messages) == SOME_STATE["bookmarks"]


def test_maintenance(tmp_path: Path, store: Server) -> None:
    with struck(store, Fault("maintenance", times=None)):
        error, messages = fails(tmp_path, settings(store.url))
    assert "503" in error
    assert "maintenance" in error
    assert progress(messages) == SOME_STATE["bookmarks"]


def test_a_role_without_invoices(tmp_path: Path, store: Server) -> None:
    everything_else = frozenset(
        {
            "Magento_Backend::store",
            "Magento_Catalog::attributes_attributes",
            "Magento_Catalog::categories",
            "Magento_Catalog::products",
            "Magento_Sales::actions_view",
        }
    )
    store.shop.accounts.add("clerk", "clerk-password-1", everything_else)
    error, messages = fails(
        tmp_path, settings(store.url, username="clerk", password="clerk-password-1", schema_source="bundled")
    )
    assert "invoices" in error
    assert "Magento_Sales::sales_invoice" in error
    assert "replication_key_value" not in progress(messages).get("invoices", {})
    assert not [message for message in messages if message["type"] == "RECORD" and message["stream"] == "invoices"]


def test_ca_bundle_that_is_not_there(tmp_path: Path) -> None:
    error, _ = fails(tmp_path, settings("https://127.0.0.1:9", ca_bundle=str(tmp_path / "nowhere.pem")))
    assert "ca_bundle" in error
    assert "nowhere.pem" in error


def test_ca_bundle_that_holds_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text("no certificate\n", encoding="utf-8")
    error, _ = fails(tmp_path, settings("https://127.0.0.1:9", ca_bundle=str(tmp_path / "bundle.pem")))
    assert "ca_bundle" in error


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    with web_site(200, self_signed(tmp_path)) as url:
        error, messages = fails(tmp_path, settings(url))
    assert "certificate" in error
    assert "`ca_bundle`" in error
    assert progress(messages) == SOME_STATE["bookmarks"]


def test_the_same_as_a_program(tmp_path: Path, store: Server) -> None:
    (tmp_path / "config.json").write_text(json.dumps(settings(store.url, password="wrong-password")), encoding="utf-8")
    command = [sys.executable, "-m", "tap_magento", "--config", str(tmp_path / "config.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert sum("ERROR" in line for line in done.stderr.splitlines()) == 1
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert "RECORD" not in {message["type"] for message in messages}
    assert not any(message["type"] == "STATE" and progress([message]) for message in messages)


@contextmanager
def struck(store: Server, fault: Fault) -> Iterator[None]:
    store.faults.add(fault)
    try:
        yield
    finally:
        store.faults.clear()


class WebSite(BaseHTTPRequestHandler):
    """A host that has nothing of a shop."""

    status = 200

    def do_GET(self) -> None:
        body = b"<html><body>It works!</body></html>"
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  as inherited

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as inherited
        """Say nothing."""


class Patient(ThreadingHTTPServer):
    """A server that is used to clients who hang up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


@contextmanager
def web_site(status: int, certificate: Path | None = None) -> Iterator[str]:
    """Serve HTML, whatever is asked for."""
    handler = type("Site", (WebSite,), {"status": status})
    with Patient(("127.0.0.1", 0), handler) as server:
        if certificate is not None:
            context = SSLContext(PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def self_signed(folder: Path) -> Path:
    """Make a certificate of this machine that no authority has signed, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "self-signed.pem"
    path.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_the_target_ends_early(tmp_path: Path) -> None:
    with serve(Shop.generate(orders=100)) as server, started(tmp_path, settings(server.url), {}) as process:
        process.out.readline()
        process.out.close()
        assert process.wait() == 1
        log = process.log
    errors = [line for line in log.splitlines() if "ERROR" in line]
    assert len(errors) == 1, log
    assert errors[0].endswith("the program that reads the tap's messages has ended; its own log tells why")
    assert "Traceback" not in log
    assert "BrokenPipe" not in log
