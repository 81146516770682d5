"""The HTTP session: certificates, proxies, cookies, and what goes with every request."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import requests

from sample_store import ServerOptions, Shop, serve
from tap_magento.exceptions import MagentoError
from tap_magento.http.client import Client
from tap_magento.http.request import Request
from tap_magento.http.session import session_for
from tests.support.certificates import certificate, server_context
from tests.support.clients import client_of
from tests.support.echo import echo

TOKEN = {"access_token": "made-up-token"}
LOGIN = {"username": "me", "password": "open-sesame"}


def echoed(client: Client) -> dict[str, Any]:
    """Send a request to an echo."""
    response: dict[str, Any] = client.exchange(Request("/V1/store/websites", "websites")).response.json()
    return response


def echoed_login(client: Client) -> dict[str, Any]:
    """Send the request for a token to an echo."""
    request = requests.Request("POST", f"{client.address.root()}/V1/token")
    response: dict[str, Any] = client.send_unsigned(request, "login").json()
    return response


def test_the_headers_of_the_settings_go_with_every_request() -> None:
    more = {"headers": {"X-Firewall-Key": "open"}, "user_agent": "me/1"}
    with echo() as url:
        signed = echoed(client_of({"store_url": url, **TOKEN, **more}))["headers"]
        login = echoed_login(client_of({"store_url": url, **LOGIN, **more}))["headers"]
    for sent in (signed, login):
        assert sent["x-firewall-key"] == "open"
        assert sent["user-agent"] == "me/1"
        assert sent["accept"] == "application/json"
    assert signed["authorization"] == "Bearer made-up-token"
    assert "authorization" not in login


def test_no_cookie_is_kept() -> None:
    with echo() as url:
        client = client_of({"store_url": url, **TOKEN})
        echoed(client)
        assert "cookie" not in echoed(client)["headers"]


def test_the_proxy_of_the_settings_counts_for_more_than_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with echo() as proxy:
        with_password = proxy.replace("http://", "http://me:open-sesame@")
        sent = echoed_login(client_of({"store_url": "http://shop.invalid", **LOGIN, "proxy": with_password}))
    assert sent["path"] == "http://shop.invalid/rest/all/V1/token"
    assert sent["headers"]["proxy-authorization"] == "Basic bWU6b3Blbi1zZXNhbWU="


def test_without_a_proxy_in_the_settings_the_environments_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with echo() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "")
        shop = client_of({"store_url": "http://shop.invalid", **TOKEN})
        assert echoed(shop)["path"].startswith("http://shop.invalid/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert echoed(client_of({"store_url": proxy, **TOKEN}))["path"].startswith("/rest/")


def test_each_address_has_its_own_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token endpoint of the cloud service is on another host, which may be reached through a proxy or not."""
    with echo() as direct, echo() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        client = client_of({"store_url": direct, **TOKEN})
        assert echoed(client)["path"].startswith("/rest/")
        elsewhere = client.send_unsigned(requests.Request("POST", "http://ims.invalid/token"), "login")
    assert elsewhere.json()["path"] == "http://ims.invalid/token"


def test_a_netrc_signs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password open-sesame", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    with echo() as url:
        sent = echoed_login(client_of({"store_url": url, **LOGIN}))
    assert "authorization" not in sent["headers"]


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    public, private = certificate(tmp_path, "shop")
    with echo(server_context(public, private)) as url:
        with pytest.raises(MagentoError, match=r"^websites: the certificate of 127.0.0.1:\d+ cannot be verified \("):
            echoed(client_of({"store_url": url, **TOKEN}))
        trusting = client_of({"store_url": url, "ca_bundle": str(public), **TOKEN})
        assert echoed(trusting)["path"] == "/rest/all/V1/store/websites"


def test_a_shop_that_wants_a_certificate_of_its_clients(tmp_path: Path) -> None:
    public, private = certificate(tmp_path, "shop")
    mine, my_key = certificate(tmp_path, "tap")
    both = tmp_path / "both.pem"
    both.write_bytes(mine.read_bytes() + my_key.read_bytes())
    context = server_context(public, private)
    context.load_verify_locations(mine)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later ones refuse after the handshake, sooner or later
    with echo(context) as url:
        trusting = {"store_url": url, "ca_bundle": str(public), **TOKEN}
        with pytest.raises(MagentoError, match="it wants a certificate of this client; give one it knows in `client_c"):
            echoed(client_of(trusting))
        assert echoed(client_of({**trusting, "client_cert": str(mine), "client_key": str(my_key)}))
        assert echoed(client_of({**trusting, "client_cert": str(both)}))


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("ca_bundle", "it is not a PEM file of certificates"),
        ("client_cert", "it is not a PEM file of a certificate with its key, unencrypted"),
    ],
)
def test_a_certificate_that_cannot_be_read(setting: str, reason: str, tmp_path: Path) -> None:
    def told(path: str) -> str:
        with pytest.raises(MagentoError) as caught:
            client_of({"store_url": "https://shop.example.com", **TOKEN, setting: path}).session  # noqa: B018  made on first use
        return str(caught.value)

    missing, garbage = str(tmp_path / "missing.pem"), tmp_path / "garbage.pem"
    assert told(missing) == f"`{setting}` {missing} cannot be read: No such file or directory"
    garbage.write_text("none", encoding="utf-8")
    assert told(str(garbage)) == f"`{setting}` {garbage} cannot be read: {reason}"


@pytest.mark.parametrize("compress", [True, False])
def test_bodies_are_read_in_large_pieces_and_are_the_same(compress: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    shop = Shop.generate(orders=20)
    asked: list[int | None] = []
    original = requests.Response.iter_content

    def iter_content(self: requests.Response, chunk_size: int | None = 1, decode_unicode: bool = False) -> object:  # noqa: FBT001, FBT002
        asked.append(chunk_size)
        return original(self, chunk_size, decode_unicode)

    with serve(shop, options=ServerOptions(compress=compress)) as server:
        url = f"{server.url}/rest/all/V1/orders?searchCriteria[pageSize]=20"
        headers = {"Authorization": f"Bearer {shop.token()}"}
        usual = requests.get(url, headers=headers, timeout=10)
        monkeypatch.setattr(requests.Response, "iter_content", iter_content)
        ours = session_for({"store_url": server.url, "verify_ssl": True}, headers, connections=1).get(url, timeout=10)
    assert ours.json()["items"] == usual.json()["items"]
    assert [piece for piece in asked if piece is not None and piece < 2**16] == []
