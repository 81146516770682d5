"""Second factors, signatures and the cloud service.

See docs/MAGENTO.md, Authentication; OAuth 1.0a; Adobe Commerce and cloud service.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pyotp
import pytest
import requests

from sample_store import Shop
from sample_store.cloud import TOKEN_PATH, Cloud
from sample_store.oauth1 import Integration, signature_of, strnatcmp
from tests.sample_store.asking import Client, Clock

SECRET = pyotp.random_base32()


def _sign_in(client: Client, path: str = "integration/admin/token", **more: str) -> requests.Response:
    shop = client.server.shop
    return client.session.post(
        f"{client.server.url}/rest/all/V1/{path}",
        json={"username": shop.username, "password": shop.password, **more},
        timeout=20,
    )


def _told(answer: requests.Response) -> tuple[int, dict[str, Any]]:
    return answer.status_code, answer.json()


class TestSecondFactor:
    PATH = "tfa/provider/google/authenticate"

    def test_a_password_alone_is_not_enough(self, client: Client, shop: Shop) -> None:
        shop.accounts.two_factors = True
        assert _told(_sign_in(client)) == (
            400,
            {"message": "Please ask an administrator with sufficient access to configure 2FA first"},
        )
        shop.accounts.totp_secrets[shop.username] = SECRET
        assert _told(_sign_in(client)) == (
            400,
            {
                "message": "Please use the 2fa provider-specific endpoints to obtain a token.",
                "parameters": {"active_providers": ["google"]},
            },
        )
        assert _sign_in(client, password="wrong").status_code == 401

    def test_a_code_buys_a_token(self, client: Client, shop: Shop, clock: Clock) -> None:
        shop.accounts.two_factors = True
        shop.accounts.totp_secrets[shop.username] = SECRET
        answer = _sign_in(client, self.PATH, otp=pyotp.TOTP(SECRET).at(clock.now))
        client.headers["Authorization"] = f"Bearer {answer.json()}"
        assert client.get("store/websites").status_code == 200
        old = pyotp.TOTP(SECRET).at(clock.now - timedelta(minutes=5))
        assert _told(_sign_in(client, self.PATH, otp=old)) == (401, {"message": "Invalid code."})
        assert _sign_in(client, self.PATH, otp=old, password="wrong").json()["message"].startswith("The account")
        assert _sign_in(client, self.PATH).json()["parameters"] == {"fieldName": "otp"}

    def test_without_the_module_there_is_no_such_address(self, client: Client) -> None:
        assert _sign_in(client, self.PATH, otp="123456").status_code == 404


class TestSignatures:
    @pytest.fixture
    def integration(self, shop: Shop) -> Integration:
        return shop.accounts.integrations.add()

    def _get(
        self, client: Client, integration: Integration, query: str = "", key: str | None = None, **more: str
    ) -> requests.Response:
        url = f"{client.server.url}/rest/all/V1/store/websites"
        params = {
            "oauth_consumer_key": integration.consumer_key,
            "oauth_token": integration.access_token,
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(client.server.shop.clock().timestamp())),
            "oauth_nonce": pyotp.random_base32(),
            **more,
        }
        pairs = dict(part.split("=") for part in query.split("&")) if query else {}
        signed = signature_of("GET", url, {**params, **pairs}, integration)
        header = ",".join(f'{name}="{quote(value, safe="")}"' for name, value in params.items())
        client.headers["Authorization"] = f'OAuth {header},oauth_signature="{quote(key or signed, safe="")}"'
        return client.session.get(f"{url}?{query}" if query else url, headers=client.headers, timeout=20)

    def test_a_good_one(self, client: Client, integration: Integration) -> None:
        assert self._get(client, integration).status_code == 200
        assert self._get(client, integration, "a=1&b=2").status_code == 200

    def test_it_is_the_one_of_the_specification(self, integration: Integration) -> None:
        params = {"b": "x y", "a": "ä&"}
        base = f"GET&{quote('http://shop:8080/rest', safe='')}&{quote('a=%C3%A4%26&b=x%20y', safe='')}"
        key = f"{integration.consumer_secret}&{integration.access_token_secret}"
        expected = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()
        assert signature_of("get", "http://shop:8080/rest", params, integration) == expected

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            (
                {"oauth_signature_method": "HMAC-SHA1"},
                (400, {"message": "Signature method %1 is not supported", "parameters": ["HMAC-SHA1"]}),
            ),
            ({"oauth_consumer_key": "short"}, (401, {"message": "Consumer key is not the correct length"})),
            (
                {"oauth_consumer_key": "x" * 32},
                (401, {"message": "A consumer having the specified key does not exist"}),
            ),
            ({"oauth_token": "x" * 32}, (401, {"message": "Specified token does not exist"})),
            ({"oauth_timestamp": "4000000000"}, (401, {"message": "An error occurred validating the nonce"})),
            ({"key": "bm9uZQ=="}, (401, {"message": "The signature is invalid. Verify and try again."})),
        ],
    )
    def test_bad_ones(
        self, client: Client, integration: Integration, more: dict[str, str], told: tuple[int, dict[str, Any]]
    ) -> None:
        assert _told(self._get(client, integration, **more)) == told

    def test_a_nonce_is_good_once(self, client: Client, integration: Integration) -> None:
        assert self._get(client, integration, oauth_nonce="once").status_code == 200
        assert _told(self._get(client, integration, oauth_nonce="once")) == (
            401,
            {"message": "The nonce is already being used by the consumer with ID %1", "parameters": ["1"]},
        )

    def test_times_past_are_good(self, client: Client, integration: Integration) -> None:
        past = str(int(client.server.shop.clock().timestamp()) - 1000)
        assert self._get(client, integration, oauth_timestamp=past).status_code == 200

    def test_in_the_query_it_does_not_count(self, client: Client) -> None:
        client.headers.clear()
        answer = client.get("store/websites", oauth_consumer_key="x", oauth_signature="y")
        assert answer.json()["message"].startswith("The consumer isn't authorized")

    def test_a_right_may_be_missing(self, client: Client, shop: Shop) -> None:
        integration = shop.accounts.integrations.add(frozenset({"Magento_Sales::actions_view"}))
        assert self._get(client, integration).json()["parameters"] == {"resources": "Magento_Backend::store"}

    def test_as_a_bearer_it_counts_only_where_that_is_on(
        self, client: Client, shop: Shop, integration: Integration
    ) -> None:
        client.headers["Authorization"] = f"Bearer {integration.access_token}"
        assert client.get("store/websites").status_code == 401
        shop.accounts.integrations.as_bearer = True
        assert client.get("store/websites").status_code == 200


@pytest.mark.parametrize(
    ("a", "b"), [("s[2]", "s[10]"), ("a", "b"), ("a", "ab"), ("a1", "a2"), ("x9y", "x10"), ("A", "a"), ("a%5B", "a0")]
)
def test_natural_order(a: str, b: str) -> None:
    assert strnatcmp(a, b) < 0 < strnatcmp(b, a)
    assert strnatcmp(a, a) == 0


class TestCloud:
    @pytest.fixture
    def cloud(self, shop: Shop, clock: Clock) -> Cloud:
        shop.accounts.cloud = Cloud(clock)
        return shop.accounts.cloud

    def _token(self, client: Client, cloud: Cloud, **more: str) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": cloud.client_id,
            "client_secret": cloud.client_secret,
            "scope": "openid,commerce.accs",
            **more,
        }
        return client.session.post(f"{client.server.url}{TOKEN_PATH}", data=form, timeout=20)

    def _get(self, client: Client, cloud: Cloud, token: str, **headers: str) -> requests.Response:
        sent = {
            "Authorization": f"Bearer {token}",
            "x-api-key": cloud.client_id,
            "x-gw-ims-org-id": cloud.organization,
            "Store": "all",
            **headers,
        }
        return client.session.get(f"{client.server.url}/{cloud.tenant}/V1/store/websites", headers=sent, timeout=20)

    def test_a_client_buys_a_day(self, client: Client, cloud: Cloud, clock: Clock) -> None:
        answer = self._token(client, cloud).json()
        assert (answer["expires_in"], answer["token_type"]) == (86_400, "bearer")
        assert self._get(client, cloud, answer["access_token"]).status_code == 200
        assert self._get(client, cloud, answer["access_token"], Store="nosuch").status_code == 400
        clock.forward(hours=24)
        assert self._get(client, cloud, answer["access_token"]).status_code == 401

    @pytest.mark.parametrize(
        ("more", "error"),
        [
            ({"client_secret": "wrong"}, "invalid_client"),
            ({"scope": "openid"}, "invalid_scope"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
        ],
    )
    def test_what_it_refuses(self, client: Client, cloud: Cloud, more: dict[str, str], error: str) -> None:
        answer = self._token(client, cloud, **more)
        assert (answer.status_code, answer.json()["error"]) == (400, error)

    def test_headers_and_tenant_must_be_right(self, client: Client, cloud: Cloud) -> None:
        token = self._token(client, cloud).json()["access_token"]
        assert self._get(client, cloud, token, **{"x-api-key": "other"}).status_code == 403
        assert self._get(client, cloud, token, **{"x-gw-ims-org-id": "other"}).status_code == 403
        assert client.get("store/websites").status_code == 404

    def test_rights_are_the_clients(self, client: Client, cloud: Cloud, shop: Shop) -> None:
        token = self._token(client, cloud).json()["access_token"]
        cloud.resources = frozenset()
        assert self._get(client, cloud, token).json()["parameters"] == {"resources": "Magento_Backend::store"}
        cloud.resources = None
        assert self._get(client, cloud, shop.token()).status_code == 401
