"""Tokens, roles and the lock-out, as in docs/MAGENTO.md, Authentication."""

from __future__ import annotations

import jwt
import pytest
import requests

from sample_store import Shop
from tests.sample_store.asking import Client, Clock

SIGN_IN = {
    "message": "The account sign-in was incorrect or your account is disabled temporarily. "
    "Please wait and try again later."
}


def _sign_in(client: Client, username: str, password: str) -> requests.Response:
    return client.session.post(
        f"{client.server.url}/rest/all/V1/integration/admin/token",
        json={"username": username, "password": password},
        timeout=20,
    )


def _refused(answer: requests.Response, resource: str) -> bool:
    return (answer.status_code, answer.json()) == (
        401,
        {
            "message": "The consumer isn't authorized to access %resources.",
            "parameters": {"resources": resource},
        },
    )


def test_a_password_buys_an_hour(client: Client, shop: Shop, clock: Clock) -> None:
    answer = _sign_in(client, shop.username, shop.password)
    token = answer.json()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert answer.status_code == 200
    assert claims == {
        "uid": 1,
        "utypid": 2,
        "iat": int(clock.now.timestamp()),
        "exp": int(clock.now.timestamp()) + 3600,
    }
    client.headers["Authorization"] = f"bearer {token}"
    assert client.get("orders", searchCriteria="").status_code == 200
    clock.forward(seconds=3600)
    assert _refused(client.get("orders", searchCriteria=""), "Magento_Sales::actions_view")


@pytest.mark.parametrize("value", ["", "Bearer ", "Bearer garbage", "Basic YWRtaW46eA=="])
def test_no_token_is_as_good_as_a_bad_one(client: Client, value: str) -> None:
    client.headers["Authorization"] = value
    assert _refused(client.get("invoices", searchCriteria=""), "Magento_Sales::sales_invoice")


def test_a_forged_token_is_refused(client: Client, shop: Shop) -> None:
    head, body, _ = shop.token().split(".")
    client.headers["Authorization"] = f"Bearer {head}.{body}.c2lnbmVk"
    assert _refused(client.get("orders", searchCriteria=""), "Magento_Sales::actions_view")


def test_a_role_may_lack_a_right(client: Client, shop: Shop) -> None:
    shop.roles[shop.username] = frozenset({"Magento_Sales::actions_view"})
    assert client.get("orders", searchCriteria="").status_code == 200
    assert _refused(client.get("invoices", searchCriteria=""), "Magento_Sales::sales_invoice")
    assert _refused(client.get("store/websites"), "Magento_Backend::store")
    client.headers.clear()
    assert client.get("directory/countries").status_code == 200


def test_six_wrong_passwords_lock_the_account(client: Client, shop: Shop, clock: Clock) -> None:
    for _ in range(6):
        answer = _sign_in(client, shop.username, "wrong")
        assert (answer.status_code, answer.json()) == (401, SIGN_IN)
    locked = _sign_in(client, shop.username, shop.password)
    assert (locked.status_code, locked.json()) == (401, SIGN_IN)
    clock.forward(seconds=1801)
    assert _sign_in(client, shop.username, shop.password).status_code == 200


def test_five_wrong_passwords_do_not(client: Client, shop: Shop) -> None:
    for _ in range(2):
        for _ in range(5):
            _sign_in(client, shop.username, "wrong")
        assert _sign_in(client, shop.username, shop.password).status_code == 200


def test_an_unknown_user_is_refused_alike(client: Client) -> None:
    answer = _sign_in(client, "nobody", "wrong")
    assert (answer.status_code, answer.json()) == (401, SIGN_IN)


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (
            '{"username": "admin"}',
            "application/json",
            {
                "message": '"%fieldName" is required. Enter and try again.',
                "parameters": {"fieldName": "password"},
            },
        ),
        (
            '{"username": "admin", "password": ""}',
            "application/json",
            {
                "message": '"%fieldName" is required. Enter and try again.',
                "parameters": {"fieldName": "password"},
            },
        ),
        ("{nonsense", "application/json", {"message": "Decoding error."}),
        (
            "username=admin",
            "application/x-www-form-urlencoded",
            {
                "message": "Server cannot understand Content-Type HTTP header media type "
                "application/x-www-form-urlencoded"
            },
        ),
    ],
)
def test_sign_ins_that_make_no_sense(client: Client, body: str, kind: str, expected: dict[str, object]) -> None:
    answer = client.session.post(
        f"{client.server.url}/rest/V1/integration/admin/token",
        data=body,
        headers={"Content-Type": kind},
        timeout=20,
    )
    assert (answer.status_code, answer.json()) == (400, expected)


def test_a_token_can_be_taken_back(client: Client, shop: Shop) -> None:
    shop.accounts.revoke(client.headers["Authorization"].removeprefix("Bearer "))
    assert client.get("orders", searchCriteria="").status_code == 401
    client.headers["Authorization"] = f"Bearer {shop.token()}"
    assert client.get("orders", searchCriteria="").status_code == 200
