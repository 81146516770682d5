"""Signatures, verified by a store that computes them as Magento does."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from sample_store import Server, Shop, serve
from sample_store.oauth1 import strnatcmp
from tap_magento.auth.oauth1 import OAuth1Authenticator, _natural
from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.client import Client
from tap_magento.http.request import Request
from tests.support.clients import client_of
from tests.support.ways_in import way_in

LETTERS = " %+&=#?/~-_.,;:'\"()[]{}<>|\\^`@!$*äß€漢字🛒\t01"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(Shop.empty()) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Client:
    return client_of(way_in(server, "oauth1"))


def exchange(client: Client, **params: str) -> requests.Response:
    return client.exchange(Request("/V1/store/websites", "websites", params)).response


def exchange_signed(client: Client, query: str) -> requests.Response:
    """Send a query as it is."""
    unsigned = requests.Request("GET", f"{client.address.root()}/V1/store/websites?{query}")
    prepared = client.session.prepare_request(unsigned)
    client.authenticator.sign(prepared)
    return client.session.send(prepared, timeout=20)


def criteria(chance: random.Random) -> dict[str, str]:
    """Make search criteria, some of more than ten filter groups."""
    params = {}
    for group in range(chance.choice((1, 2, 3, 4, 11, 12))):
        for number in range(chance.choice((1, 1, 1, 2))):
            name = f"searchCriteria[filterGroups][{group}][filters][{number}]"
            params[f"{name}[field]"] = chance.choice(("updated_at", "entity_id", "sku"))
            params[f"{name}[conditionType]"] = chance.choice(("gt", "in", "like"))
            params[f"{name}[value]"] = "".join(chance.choices(LETTERS, k=chance.randrange(1, 12)))
    params["searchCriteria[pageSize]"] = str(chance.randrange(1, 300))
    params["fields_of"] = "items[entity_id],total_count"
    return params


def test_hundreds_of_random_criteria_verify(server: Server, client: Client) -> None:
    chance = random.Random(20_261_121)
    server.clear()
    for number in range(300):
        response = exchange(client, **criteria(chance))
        assert response.status_code == 200, (number, response.text, response.url)
    nonces = server.shop.accounts.integrations.nonces
    assert len(server.requests) == 300
    assert len(nonces) >= 300


def test_the_order_of_rfc_5849_would_not_verify(client: Client) -> None:
    """The store is as strict as Magento: what the library signs by itself fails from index 10 on."""
    import oauthlib.oauth1  # noqa: PLC0415  only here is the library used as it is
    from requests_oauthlib import OAuth1  # noqa: PLC0415  as above

    key, key_secret, token, token_secret = client.authenticator._credentials  # type: ignore[attr-defined]
    plain = OAuth1(key, key_secret, token, token_secret, signature_method=oauthlib.oauth1.SIGNATURE_HMAC_SHA256)
    for groups, status in ((9, 200), (12, 401)):
        query = "&".join(f"s%5B{number}%5D=x" for number in range(groups))
        response = requests.get(f"{client.address.root()}/V1/store/websites?{query}", auth=plain, timeout=20)
        assert response.status_code == status


def test_a_space_sent_as_a_plus_would_not_verify(client: Client) -> None:
    assert exchange_signed(client, "a=x%20y").status_code == 200
    assert exchange_signed(client, "a=x+y").status_code == 200  # a plus is a plus to both sides


def test_names_sort_as_php_sorts_them() -> None:
    chance = random.Random(5)
    names = ["".join(chance.choices("ab%5BD10239_", k=chance.randrange(1, 8))) for _ in range(400)]
    names = [name for name in names if not re.search(r"(?<!\d)0\d", name)]  # PHP skips leading zeros
    for a, b in zip(names, reversed(names), strict=True):
        expected = strnatcmp(a, b)
        assert ((_natural(a) > _natural(b)) - (_natural(a) < _natural(b))) == (expected > 0) - (expected < 0), (a, b)


def test_one_nonce_a_try_reaches_the_shop(server: Server, client: Client) -> None:
    before = len(server.shop.accounts.integrations.nonces)
    for _ in range(3):
        assert exchange(client).status_code == 200
    assert len(server.shop.accounts.integrations.nonces) == before + 3


def test_a_clock_ahead_of_the_shops_is_set_by_the_shops(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = time.time() + 1000
    monkeypatch.setattr("tap_magento.auth.oauth1.time.time", lambda: ahead)
    server.clear()
    assert exchange(client).status_code == 200
    assert exchange(client).status_code == 200
    assert [each.status for each in server.requests] == [401, 200, 200]


def test_a_clock_behind_the_shops_does_no_harm(client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = time.time() - timedelta(hours=3).total_seconds()
    monkeypatch.setattr("tap_magento.auth.oauth1.time.time", lambda: behind)
    server.clear()
    assert exchange(client).status_code == 200
    assert [each.status for each in server.requests] == [200]


def test_a_nonce_seen_before_is_followed_by_a_new_one(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonces = iter(["same", "same", "other"])
    monkeypatch.setattr("oauthlib.oauth1.rfc5849.generate_nonce", lambda: next(nonces))
    server.clear()
    assert exchange(client).status_code == 200
    assert exchange(client).status_code == 200
    assert [each.status for each in server.requests] == [200, 401, 200]


def test_nonces_that_cannot_be_checked_are_for_another_try(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oauthlib.oauth1.rfc5849.generate_nonce", lambda: "always the same")
    exchange(client)
    response = exchange(client)
    error = client.authenticator.unauthorized_error(response, "orders")
    assert isinstance(error, ShopUnavailableError)
    assert str(error) == "orders: the shop could not check the nonce of a request"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"consumer_secret": "x" * 32},
            (
                "the shop refused the signature: `consumer_secret` or `access_token_secret` is wrong, or the shop "
                "takes itself for another address than `store_url` (scheme, host and port must reach PHP through every "
                "proxy)"
            ),
        ),
        (
            {"consumer_key": "x" * 32},
            "the shop does not know this `consumer_key`: take it from the integration in the admin",
        ),
        (
            {"consumer_key": "short"},
            "the shop does not know this `consumer_key`: take it from the integration in the admin",
        ),
        (
            {"access_token": "x" * 32},
            "the shop does not know this `access_token`, or revoked it: take it from the integration in the admin",
        ),
    ],
)
def test_each_wrong_value_is_told(wrong: dict[str, Any], sentence: str, server: Server) -> None:
    client = client_of({**way_in(server, "oauth1"), **wrong})
    error = client.authenticator.unauthorized_error(exchange(client), "orders")
    assert isinstance(error, MagentoError)
    assert str(error) == sentence


@pytest.mark.parametrize("message", ["Une erreur est survenue.", "An error occurred validating the nonce"])
def test_a_401_that_names_no_resource_is_signed_anew_by_the_shops_clock_in_any_language(
    message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_magento.auth.oauth1.time.time", lambda: 2_000_000_000.0)
    authenticator = OAuth1Authenticator("key", "secret", "token", "token secret")
    response = requests.Response()
    response.status_code = 401
    response.headers.update({"Content-Type": "application/json", "Date": "Wed, 18 May 2033 03:16:40 GMT"})
    response._content = json.dumps({"message": message}).encode()
    assert authenticator.retry_unauthorized(response, was_readable=False)
    request = requests.Request("GET", "https://shop.example.com/rest/all/V1/orders").prepare()
    authenticator.sign(request)
    assert 'oauth_timestamp="1999999000"' in str(request.headers["Authorization"])
    response._content = b'{"message": "%1", "parameters": ["Magento_Sales::shipment"]}'
    assert not authenticator.retry_unauthorized(response, was_readable=False)
