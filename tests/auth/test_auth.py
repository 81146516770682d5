"""Each way in against a store that verifies it as Magento does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from typing_extensions import override

from sample_store import Fault, Server, Shop, serve
from tap_magento.auth import MagentoAuthenticator, Token, authenticator_for
from tap_magento.exceptions import MagentoError, MissingAccessError, ShopUnavailableError
from tap_magento.http.client import Client
from tap_magento.http.request import Request
from tap_magento.settings.schema import defaults
from tests.support.clients import client_of
from tests.support.clock import FakeClock
from tests.support.in_process import FakeClockTap, make_tap
from tests.support.messages import Messages
from tests.support.ways_in import WAYS, Ticking, way_in

LIFETIME = 30


@pytest.fixture
def server() -> Iterator[Server]:
    clock = Ticking()
    with serve(Shop.generate(orders=15, clock=clock)) as server:
        clock.server = server
        server.shop.accounts.lifetime = timedelta(seconds=LIFETIME)
        yield server


def logins(server: Server) -> list[int]:
    """Give the statuses of the requests for a token."""
    return [each.status for each in server.requests if each.method == "POST"]


class ShopClock(FakeClock):
    """Moves on with each request that the shop has answered, and by waiting."""

    def __init__(self, server: Server) -> None:
        super().__init__(0.0)
        assert isinstance(server.shop.clock, Ticking)
        self._shop = server.shop.clock

    @override
    def monotonic(self) -> float:
        return self._shop.monotonic() + self.now


def connected(config: dict[str, Any], server: Server) -> Client:
    client = client_of(config, ShopClock(server))
    set_totp(client, server)
    return client


def set_totp(client: Client, server: Server) -> None:
    """Make one-time codes by the shop's clock."""
    totp = getattr(client.authenticator, "_totp", None)
    if totp is not None:
        totp.now = lambda: totp.at(server.shop.clock())


def exchange(client: Client, path: str = "/V1/store/websites", **params: str) -> requests.Response:
    return client.exchange(Request(path, "websites", params)).response


def unauthorized_error(client: Client, path: str = "/V1/store/websites") -> str:
    response = exchange(client, path)
    assert response.status_code == 401
    return str(client.authenticator.unauthorized_error(response, "websites"))


@pytest.mark.parametrize("way", WAYS)
def test_each_way_reads_everything_over_many_lifetimes(
    way: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = way_in(server, way)
    if server.shop.accounts.cloud is not None:
        server.shop.accounts.cloud.lifetime = timedelta(seconds=LIFETIME)
    monkeypatch.setattr(FakeClockTap, "clock", lambda: ShopClock(server))
    messages = Messages()
    tap = make_tap(
        {**config, "page_size": 8, "max_concurrency": 4, "on_missing_access": "skip"}, message_writer=messages
    )
    set_totp(tap.client, server)
    # What the shop knows no more is renewed as well, and what failed is signed anew.
    faults = [Fault("server_error", path="V1/orders", skip=3)]
    if way in {"password", "totp", "ims"}:
        faults.append(Fault("token_expired", path="V1/orders", skip=8))
    server.faults.add(*faults)
    tap.run()

    for stream, name in {"orders": "orders", "products": "products", "invoices": "invoices"}.items():
        (key,) = tap.streams[stream].primary_keys
        keys = messages.keys(stream, key)
        assert len(keys) == len(set(keys)) == len(server.shop.rows(name))
    assert len(server.requests) > 3 * LIFETIME
    if way in {"token", "bearer", "oauth1"}:
        assert logins(server) == []
    else:
        lives = math.ceil(len(server.requests) / (0.9 * LIFETIME))
        assert set(logins(server)) == {200}
        assert len(logins(server)) <= lives + 1
    if way == "oauth1":
        signed = sum(1 for each in server.requests if each.status in {200, 500} and "directory" not in each.path)
        assert len(server.shop.accounts.integrations.nonces) >= signed - 1  # the 500 came before the signature was read
        assert all(each.status != 401 for each in server.requests)


@pytest.mark.parametrize("way", ["password", "totp", "ims"])
def test_many_threads_cost_one_token(way: str, server: Server) -> None:
    client = connected(way_in(server, way), server)
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: exchange(client), range(24)))
    assert {each.status_code for each in responses} == {200}
    assert logins(server) == [200]


@pytest.mark.parametrize("way", ["password", "totp", "ims"])
def test_a_token_taken_back_is_renewed_once_for_all(way: str, server: Server) -> None:
    client = connected(way_in(server, way), server)
    assert exchange(client).status_code == 200
    server.faults.add(Fault("token_expired", path="V1/store"))
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: exchange(client), range(24)))
    assert {each.status_code for each in responses} == {200}
    assert logins(server) == [200, 200]


def _wrong_password(server: Server) -> dict[str, Any]:
    return {**way_in(server, "password"), "password": "wrong-password"}


def _missing_code(server: Server) -> dict[str, Any]:
    config = way_in(server, "totp")
    del config["totp_secret"]
    return config


def _no_code_yet(server: Server) -> dict[str, Any]:
    config = _missing_code(server)
    server.shop.accounts.totp_secrets.clear()
    return config


def _wrong_code(server: Server) -> dict[str, Any]:
    return {**way_in(server, "totp"), "totp_secret": "JBSWY3DPEHPK3PXP"}


def _code_for_nothing(server: Server) -> dict[str, Any]:
    return {**way_in(server, "password"), "totp_secret": "JBSWY3DPEHPK3PXP"}


def _wrong_client(server: Server) -> dict[str, Any]:
    return {**way_in(server, "ims"), "client_secret": "wrong-secret"}


def _wrong_scope(server: Server) -> dict[str, Any]:
    return {**way_in(server, "ims"), "ims_scopes": "openid"}


REFUSED: list[tuple[Callable[[Server], dict[str, Any]], int, str]] = [
    (
        _wrong_password,
        401,
        (
            "login: the shop refused `username` and `password`: wrong, or the account is disabled or locked (six wrong "
            "passwords lock it for half an hour)"
        ),
    ),
    (
        _missing_code,
        400,
        (
            "login: this account logs in with two factors: set `totp_secret` to the secret of its Google "
            "Authenticator, or use an integration (`auth_method: oauth1`)"
        ),
    ),
    (
        _no_code_yet,
        400,
        (
            "login: this shop wants two factors, and this account has none yet: log in to the admin once, set up "
            "Google Authenticator, and set `totp_secret` to its secret; or use an integration (`auth_method: oauth1`)"
        ),
    ),
    (_wrong_code, 401, "login: the shop refused the one-time code: `totp_secret` is not the one of this account"),
    (_code_for_nothing, 404, "login: the shop knows no second factor: leave out `totp_secret`"),
    (_wrong_client, 400, "login: Adobe refused `client_id` and `client_secret` (invalid_client)"),
    (
        _wrong_scope,
        400,
        "login: Adobe refused `ims_scopes` (invalid_scope): give the project the Commerce API",
    ),
]


@pytest.mark.parametrize(("settings", "status", "sentence"), REFUSED)
def test_refused_credentials_are_sent_once(
    settings: Callable[[Server], dict[str, Any]], status: int, sentence: str, server: Server
) -> None:
    config = {**settings(server), "max_concurrency": 8, "retry_timeout": 3600}
    client = connected(config, server)

    def told(_: int) -> str:
        with pytest.raises(MagentoError) as caught:
            exchange(client)
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(told, range(24))) == {sentence}
    assert logins(server) == [status]
    server.clear()
    with pytest.raises(MagentoError, match="login: "):
        make_tap(config).run()
    assert logins(server) == [status]


def test_a_code_refused_for_the_clock_says_so(server: Server) -> None:
    clock = server.shop.clock
    assert isinstance(clock, Ticking)
    clock._start += timedelta(hours=3)
    client = client_of(way_in(server, "totp"))
    with pytest.raises(MagentoError, match=r"code: this machine's clock is 10\d\d\d seconds behind the shop's; set it"):
        exchange(client)


def test_a_shop_that_cannot_log_in_now_is_asked_again(server: Server) -> None:
    client = connected(way_in(server, "password"), server)
    server.faults.add(Fault("unavailable", path="token"))
    with pytest.raises(ShopUnavailableError, match="login: the shop is overloaded"):
        exchange(client)
    assert exchange(client).status_code == 200


def test_a_login_is_never_redirected(server: Server) -> None:
    client = connected(way_in(server, "password"), server)
    target = f"{server.url}/elsewhere/rest/all/V1/integration/admin/token"
    server.faults.add(Fault("redirect", path="token", location=target))
    with pytest.raises(MagentoError, match=f"login: the shop redirects to {server.url}/elsewhere: set `store_url`"):
        exchange(client)
    assert [each.path for each in server.requests] == ["/rest/all/V1/integration/admin/token"]


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("token", "websites: the shop refused the access token: it is no longer good, or its role lacks "),
        ("bearer", "websites: the shop refused the access token: since 2.4.4 shops take an integration's token as a "),
        ("password", "websites: the role of this user lacks "),
        ("totp", "websites: the role of this user lacks "),
        ("oauth1", "websites: the integration lacks "),
        ("ims", "websites: the role of this client's technical account lacks "),
    ],
)
def test_a_missing_right_is_named_with_its_place(way: str, sentence: str, server: Server) -> None:
    client = connected(way_in(server, way, frozenset({"Magento_Sales::actions_view"})), server)
    told = unauthorized_error(client)
    assert told.startswith(sentence)
    assert "Magento_Backend::store (Stores > Settings > All Stores)" in told
    error = client.authenticator.unauthorized_error(exchange(client), "websites")
    assert isinstance(error, MissingAccessError)
    assert error.resource == "Magento_Backend::store"


@pytest.mark.parametrize("way", ["token", "bearer"])
def test_a_token_that_was_accepted_lacks_a_right(way: str, server: Server) -> None:
    client = connected(way_in(server, way, frozenset({"Magento_Sales::actions_view"})), server)
    assert exchange(client, "/V1/orders", **{"searchCriteria[pageSize]": "1"}).status_code == 200
    assert unauthorized_error(client) == (
        "websites: the access token lacks Magento_Backend::store (Stores > Settings > All Stores): grant it to its "
        "integration or role"
    )


def test_what_everybody_may_read_says_nothing_of_a_token(server: Server) -> None:
    config = way_in(server, "bearer")
    server.shop.accounts.integrations.as_bearer = False
    client = connected(config, server)
    assert exchange(client, "/V1/directory/countries").status_code == 200
    assert "enable_integration_as_bearer" in unauthorized_error(client)


def test_a_missing_right_costs_one_login(server: Server) -> None:
    client = connected(way_in(server, "password", frozenset()), server)
    for _ in range(5):
        unauthorized_error(client)
    assert logins(server) == [200, 200]


def test_an_integrations_token_refused_as_a_bearer_names_the_setting(server: Server) -> None:
    config = way_in(server, "bearer")
    server.shop.accounts.integrations.as_bearer = False
    told = unauthorized_error(connected(config, server))
    assert "`oauth/consumer/enable_integration_as_bearer` is on: turn it on, or use `auth_method: oauth1`" in told


def test_an_expired_token_is_told_as_such(server: Server) -> None:
    expired = server.shop.accounts.issue(server.shop.username, timedelta(seconds=-5))
    told = unauthorized_error(connected({"store_url": server.url, "access_token": expired}, server))
    assert told == "the access token has expired: give a new one, or `username` and `password`"


def test_the_cloud_service_has_no_rest_and_no_store_in_its_path(server: Server) -> None:
    client = connected({**way_in(server, "ims"), "store_code": "default"}, server)
    response = exchange(client)
    assert response.status_code == 200
    assert str(response.request.url).startswith(f"{client.address.shop}/V1/")
    assert response.request.headers["Store"] == "default"


def test_a_token_is_renewed_a_minute_before_its_end() -> None:
    hour = jwt.encode({"iat": 1_000_000, "exp": 1_003_600}, "x" * 32)
    assert Token.issued(hour, now=50.0).renew_at == 50.0 + 3540
    short = jwt.encode({"iat": 1_000_000, "exp": 1_000_060}, "x" * 32)
    assert Token.issued(short, now=50.0).renew_at == 50.0 + 54
    assert Token.issued("opaque", now=50.0).renew_at == math.inf


def test_the_factory_takes_the_method_that_is_said() -> None:
    config = defaults() | {
        "access_token": "t",
        "username": "u",
        "password": "p",
        "auth_method": "password",
        "store_url": "x",
    }
    found = authenticator_for(config, root="https://x/rest/all", send=lambda *_: requests.Response())
    assert isinstance(found, MagentoAuthenticator)
