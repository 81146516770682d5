"""The client against a shop over HTTP: what it does with each response, by a clock that does not wait."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event
from typing import Any

import pytest
import requests

from sample_store import Fault, Server, Shop, serve
from tap_magento.exceptions import MagentoError, MissingAccessError, ShopUnavailableError, TokenRejectedError
from tap_magento.http.client import Client
from tap_magento.http.request import Request
from tap_magento.http.response import parse_array
from tap_magento.http.retry import RetryPolicy
from tap_magento.http.throttle import WaitCancelledError
from tests.support.clients import ScriptedShop, client_of
from tests.support.clock import FakeClock
from tests.support.echo import echo
from tests.support.ways_in import way_in

WEBSITES = Request("/V1/store/websites", "websites")
ORDERS = Request("/V1/orders", "orders", {"searchCriteria[pageSize]": "2"})


@dataclass
class Counted:
    """Counts as a stream's progress does."""

    responses: int = 0
    received: int = 0
    retries: int = 0

    def on_response(self, size: int) -> None:
        self.responses += 1
        self.received += size

    def on_retry(self) -> None:
        self.retries += 1


@pytest.fixture(scope="module")
def shared_shop() -> Iterator[Server]:
    with serve(Shop.generate(orders=5)) as server:
        yield server


@pytest.fixture
def shop(shared_shop: Server) -> Iterator[Server]:
    shared_shop.clear()
    yield shared_shop
    shared_shop.faults.clear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def client_for(server: Server, clock: FakeClock, way: str = "password", **config: Any) -> Client:
    return client_of({**way_in(server, way), **config}, clock)


def websites(client: Client, **how: Any) -> list[Any]:
    return list(client.send(WEBSITES, parse_array, **how))


def statuses(server: Server, part: str = "") -> list[int]:
    return [request.status for request in server.requests if part in request.path]


# What is sent


def test_a_body_is_sent_as_json_and_signed() -> None:
    with echo() as url:
        client = client_of({"store_url": url, "access_token": "made-up"})
        request = Request("/V1/products/cost-information", "costs", method="POST", json={"skus": ["a b", "ü"]})
        sent = client.exchange(request).response.json()
    assert (sent["method"], sent["path"]) == ("POST", "/rest/all/V1/products/cost-information")
    assert sent["headers"]["content-type"] == "application/json"
    assert sent["headers"]["authorization"] == "Bearer made-up"
    assert sent["body"] == '{"skus": ["a b", "\\u00fc"]}'


def test_a_query_is_quoted_as_magento_reads_it_and_the_store_view_is_in_the_path() -> None:
    with echo() as url:
        client = client_of({"store_url": url, "access_token": "made-up"})
        params = {"searchCriteria[filterGroups][0][filters][0][value]": "2026-01-01 00:00:00"}
        sent = client.exchange(Request("/V1/orders", "orders", params, store_code="de")).response.json()
        version = client.exchange(Request("/magento_version", "version", at_shop=True)).response.json()
    assert sent["path"].startswith("/rest/de/V1/orders?searchCriteria")
    assert sent["path"].endswith("=2026-01-01%2000%3A00%3A00")
    assert version["path"] == "/magento_version"


def test_a_shop_without_url_rewriting(shop: Server, clock: FakeClock) -> None:
    assert websites(client_of({**way_in(shop, "oauth1"), "store_url": f"{shop.url}/index.php"}, clock))
    assert shop.requests[-1].path.startswith("/index.php/rest/all/")


def test_the_timeouts_of_the_settings_bound_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ScriptedShop(lambda *_: (200, [])).client(connect_timeout=3, request_timeout=70)
    send, found = client.session.send, list[Any]()

    def noting(request: requests.PreparedRequest, **how: Any) -> requests.Response:
        found.append(how["timeout"])
        return send(request, **how)

    monkeypatch.setattr(client.session, "send", noting)
    websites(client)
    assert found == [(3.0, 70.0)]


def test_nothing_is_contacted_before_the_first_request() -> None:
    client = client_of({"username": "u", "password": "p", "store_url": "http://127.0.0.1:9"})
    assert not client.is_verified
    assert client.authenticator.accepted is False


# Redirects


def test_a_redirect_is_told_and_no_credentials_follow_it(shop: Server, clock: FakeClock) -> None:
    with serve(Shop.empty()) as other:
        shop.faults.add(Fault("redirect", path="V1/store", location=f"{other.url}/rest/all/V1/store/websites"))
        with pytest.raises(MagentoError, match=f"^websites: the shop redirects to {other.url}: set `store_url` "):
            websites(client_for(shop, clock, "token"))
        assert other.requests == []


def test_no_redirect_is_followed_even_by_a_session_that_would(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, "token")
    client.session = requests.Session()
    with serve(Shop.empty()) as other:
        shop.faults.add(Fault("redirect", path="V1/store", location=f"{other.url}/rest/all/V1/store/websites"))
        with pytest.raises(MagentoError, match="the shop redirects to"):
            websites(client)
        assert other.requests == []


@pytest.mark.parametrize("location", ["http://[", "https://shop.example.com:port/", "\u00ff\u00fe"])
def test_a_redirect_to_no_address_is_one_line(location: str, shop: Server, clock: FakeClock) -> None:
    shop.faults.add(Fault("redirect", path="V1/store", location=location))
    with pytest.raises(MagentoError, match=r"^websites: the shop redirects"):
        websites(client_for(shop, clock, "token"))


# 401


def test_a_token_that_expired_is_renewed_once(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock)
    websites(client)
    shop.faults.add(Fault("token_expired", path="V1/store"))
    assert websites(client)
    assert statuses(shop, "V1/store") == [200, 401, 200]
    assert statuses(shop, "token") == [200, 200]
    assert clock.waits == []


def test_a_missing_permission_is_told_after_one_renewal(shop: Server, clock: FakeClock) -> None:
    shop.shop.roles[shop.shop.username] = frozenset()
    client = client_of({**way_in(shop, "password", frozenset())}, clock)
    for _ in range(3):
        with pytest.raises(MissingAccessError, match="websites: the role of this user lacks Magento_Backend::store"):
            websites(client)
    assert statuses(shop, "token") == [200, 200], "the same permission is not tried by a renewal twice"
    assert clock.waits == []


def test_a_token_rejected_after_it_was_good_is_renewed_with_growing_waits(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock)
    websites(client)
    shop.clear()
    shop.faults.add(Fault("token_expired", path="V1/store", times=4))  # as when another login invalidates each token
    assert websites(client)
    assert statuses(shop, "V1/store") == [401, 401, 401, 401, 401, 200]
    assert clock.waits == [1, 2]
    assert client.throttle.allowed == client._config["max_concurrency"], "the shop is not overloaded"


def test_a_token_that_stays_rejected_is_told_within_a_minute(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock)
    websites(client)
    shop.clear()
    shop.faults.add(Fault("token_expired", path="V1/store", times=None))
    with pytest.raises(TokenRejectedError) as told:
        websites(client)
    assert str(told.value) == (
        "websites: the shop rejects credentials (401) that it accepted before in this run, even after a renewal: the "
        "token or its permission was revoked, or another login of the same account invalidates it"
    )
    assert statuses(shop, "token") == [200] * 4
    assert clock.waits == [1, 2, 4]


def test_a_path_that_was_never_readable_is_no_rejected_token(shop: Server, clock: FakeClock) -> None:
    client = client_of(way_in(shop, "password", frozenset({"Magento_Sales::actions_view"})), clock)
    client.send(ORDERS, lambda response: response.json())
    with pytest.raises(MissingAccessError):
        websites(client)


# Overload and retries


OVERLOADS: list[Any] = ["too_many_requests", "bad_gateway", "unavailable", "gateway_timeout", "maintenance", "reset"]


@pytest.mark.parametrize("kind", OVERLOADS)
def test_an_overload_is_reported_to_the_throttle(kind: Any, shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, max_concurrency=8)
    websites(client)
    shop.faults.add(Fault(kind, path="V1/store"))
    assert websites(client)
    assert client.throttle.allowed == 4
    assert len(clock.waits) == 1


def test_a_login_that_is_overloaded_is_reported_to_the_throttle(shop: Server, clock: FakeClock) -> None:
    shop.faults.add(Fault("unavailable", path="token"))
    client = client_for(shop, clock, max_concurrency=8)
    assert websites(client)
    assert client.throttle.allowed == 4


@pytest.mark.parametrize("kind", ["server_error", "memory"])
def test_a_failure_on_a_row_says_nothing_of_the_load(kind: Any, shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, max_concurrency=8)
    shop.faults.add(Fault(kind, path="V1/store"))
    assert websites(client)
    assert client.throttle.allowed == 8
    assert clock.waits == [1]


def test_good_responses_give_the_concurrency_back(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, max_concurrency=2)
    shop.faults.add(Fault("unavailable", path="V1/store"))
    websites(client)
    assert client.throttle.allowed == 1
    for _ in range(20):
        websites(client)
    assert client.throttle.allowed == 2


def test_retry_after_holds_back_every_request(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock)
    websites(client)
    shop.faults.add(Fault("too_many_requests", path="V1/store", retry_after="37"))
    with pytest.raises(ShopUnavailableError):
        client.attempt(WEBSITES, parse_array)
    client.send(ORDERS, lambda response: response.json())
    assert clock.waits == [37]


def test_a_retry_after_beyond_the_retry_timeout_ends_the_run_at_once(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, retry_timeout=60)
    websites(client)
    shop.faults.add(Fault("too_many_requests", path="V1/store", retry_after="3600"))
    with pytest.raises(ShopUnavailableError):
        websites(client)
    client.send(ORDERS, lambda response: response.json())
    assert clock.waits == [60], "nor is another stream held back for longer"


@pytest.mark.parametrize("seconds", [0, 50, 300])
def test_no_retry_is_later_than_the_retry_timeout(seconds: int, shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, retry_timeout=seconds)
    websites(client)
    shop.clear()
    shop.faults.add(Fault("unavailable", path="V1/store", times=None))
    with pytest.raises(ShopUnavailableError, match="websites: the shop is overloaded"):
        websites(client)
    assert sum(clock.waits) <= seconds < sum(clock.waits) + 60 + 1
    assert len(statuses(shop)) == len(clock.waits) + 1


def test_a_policy_of_its_own_counts_for_more(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock)
    shop.faults.add(Fault("unavailable", path="V1/store", times=None))
    with pytest.raises(ShopUnavailableError):
        websites(client, policy=RetryPolicy(10))
    assert sum(clock.waits) <= 10


def test_an_unverified_host_is_tried_three_times(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, "token")
    shop.faults.add(Fault("firewall", times=None))
    with pytest.raises(ShopUnavailableError):
        websites(client)
    assert len(statuses(shop)) == 3
    assert not client.is_verified


def test_a_host_that_was_good_is_waited_for(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, "token")
    websites(client)
    assert client.is_verified
    shop.faults.add(Fault("firewall", times=8))
    assert websites(client)
    assert len(clock.waits) == 8


def test_what_parsing_finds_wrong_is_retried(shop: Server, clock: FakeClock) -> None:
    client = client_for(shop, clock, "token")
    shop.faults.add(Fault("invalid_json", path="V1/store"))
    assert websites(client)
    assert statuses(shop) == [200, 200]


def test_requests_retries_and_bytes_are_counted_and_told(
    shop: Server, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    counted = Counted()
    client = client_for(shop, clock, "token")
    shop.faults.add(Fault("unavailable", path="V1/store", times=2))
    with caplog.at_level(logging.WARNING):
        client.send(Request("/V1/store/websites", "websites", counter=counted), parse_array)
    assert (counted.responses, counted.retries) == (3, 2)
    assert counted.received == sum(request.bytes for request in shop.requests)
    assert [line.rpartition(". ")[2] for line in caplog.messages] == ["Retrying in 1 s", "Retrying in 2 s"]


def test_cancelling_ends_the_retries(shop: Server, clock: FakeClock) -> None:
    client, cancelled = client_for(shop, clock, "token"), Event()
    shop.faults.add(Fault("unavailable", path="V1/store", times=None))

    def attempt() -> Any:
        cancelled.set()
        return client.attempt(WEBSITES, parse_array)

    with pytest.raises(WaitCancelledError):
        client.retrying(attempt, cancelled=cancelled)
    assert statuses(shop) == [HTTPStatus.SERVICE_UNAVAILABLE]
    with pytest.raises(WaitCancelledError):
        client.attempt(WEBSITES, parse_array, cancelled)
    assert len(statuses(shop)) == 1, "nor is a new request sent"


def test_the_seconds_of_a_response_are_measured_by_the_clock() -> None:
    clock = FakeClock()

    def respond(*_: Any) -> tuple[int, Any]:
        clock.now += 2.5
        return 200, []

    client = ScriptedShop(respond).client(clock)
    assert client.attempt(WEBSITES, parse_array) == ([], 2.5)
