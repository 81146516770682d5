"""What is told of a login that failed: by status, parameters and structure, whatever the language of the message."""

from __future__ import annotations

import json
import re

import pytest
import requests

from tap_magento.auth.password import MagentoAuthenticator
from tap_magento.exceptions import MagentoError, ShopUnavailableError


def login_error(status: int, body: object, totp_secret: str | None = None) -> str:
    response = requests.Response()
    response.status_code = status
    response.url = "https://shop.example.com/rest/all/V1/integration/admin/token"
    response._content = json.dumps(body).encode()
    response.headers["Content-Type"] = "application/json"
    authenticator = MagentoAuthenticator(
        "https://shop.example.com/rest/all",
        username="tap",
        password="not-a-password",
        totp_secret=totp_secret,
        send=lambda _request, _about: response,
    )
    with pytest.raises((MagentoError, ShopUnavailableError)) as raised:
        authenticator.request_token()
    return str(raised.value)


TOTP = "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(
    ("status", "body", "totp_secret", "sentence"),
    [
        (401, {"message": "Identifiants incorrects."}, None, "the shop refused `username` and `password`: wrong, or "),
        (
            401,
            {"message": "Identifiants incorrects."},
            TOTP,
            "`username` and `password`: .*; or the shop refused ",
        ),
        (
            400,
            {"message": "Utilisez le fournisseur.", "parameters": {"active_providers": ["google"]}},
            None,
            "this account logs in with two factors: set `totp_secret`",
        ),
        (400, {"message": "Configurez 2FA d'abord."}, None, "this account has none yet"),
        (404, {"message": "Aucun itin\u00e9raire."}, TOTP, "the shop knows no second factor: leave out `totp_secret`"),
    ],
)
def test_a_login_error_is_told_in_any_language(
    status: int, body: object, totp_secret: str | None, sentence: str
) -> None:
    assert re.match(f"login: .*{sentence}", login_error(status, body, totp_secret))


@pytest.mark.parametrize("body", ["abc\r\nX-Injected: yes", "x" * 70_000, "", None, {"token": "abc"}, ["abc"]])
def test_what_is_no_token_is_an_error_without_it(body: object) -> None:
    told = login_error(200, body)
    assert told.startswith("login: the response ")
    assert "abc" not in told
