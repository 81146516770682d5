"""What can be wrong with the settings, in the words a person reads."""

from __future__ import annotations

from typing import Any

import pytest

from tap_magento.settings import schema as settings
from tap_magento.settings import validation as checks
from tap_magento.settings.validation import auth_method

TOKEN = {"access_token": "abcdef"}
PASSWORD = {"username": "reader", "password": "pass word"}
OAUTH1 = {"consumer_key": "a", "consumer_secret": "b", "access_token": "c", "access_token_secret": "d"}
IMS = {"client_id": "a", "client_secret": "b", "ims_org_id": "c@AdobeOrg"}


def problems(**config: Any) -> list[str]:
    return checks.problems(settings.defaults() | {"store_url": "https://shop.example.com"} | config, SCHEMA)


SCHEMA = settings.CONFIG_SCHEMA


@pytest.mark.parametrize(
    ("given", "method"), [(TOKEN, "token"), (PASSWORD, "password"), (OAUTH1, "oauth1"), (IMS, "ims")]
)
def test_the_way_in_follows_from_what_is_given(given: dict[str, str], method: str) -> None:
    assert auth_method(given) == method
    assert problems(**given) == []


def test_an_explicit_way_in_settles_it() -> None:
    assert auth_method({**OAUTH1, **PASSWORD, "auth_method": "token"}) == "token"
    assert problems(**OAUTH1, **PASSWORD, auth_method="token") == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            (
                "no way into the shop is given: set `access_token`, or `username` and `password`, or an "
                "integration's four "
                "values, or `client_id`, `client_secret` and `ims_org_id`"
            ),
        ),
        (
            {**TOKEN, **PASSWORD},
            "several ways into the shop are given (token, password): give one, or say which in `auth_method`",
        ),
        ({"username": "reader"}, "`username` needs `password`"),
        ({"password": "secret"}, "`password` needs `username`"),
        ({"totp_secret": "JBSWY3DPEHPK3PXP"}, "`auth_method: password` needs `username` and `password`"),
        (
            {"consumer_key": "a", "access_token": "c"},
            "`consumer_key` needs `consumer_secret` and `access_token_secret`",
        ),
        ({"auth_method": "ims"}, "`auth_method: ims` needs `client_id` and `client_secret` and `ims_org_id`"),
        (
            {"access_token": "two words"},
            "`access_token` holds a space, a line break or a letter that no such value has",
        ),
        (
            {**PASSWORD, "totp_secret": "123456"},
            "`totp_secret` is not in base 32: give the text behind the QR code, not a one-time code",
        ),
        ({**TOKEN, "auth_method": "magic"}, "`auth_method` must have enum"),
        ({**TOKEN, "page_sze": 3}, "`page_sze` is not a setting of tap-magento; did you mean `page_size`?"),
        ({**TOKEN, "client_key": "k.pem"}, "`client_key` needs `client_cert`"),
        (
            {**TOKEN, "headers": {"Authorization": "Basic eDp5"}},
            "`headers` must not hold `Authorization`, which is the tap's to set",
        ),
        (
            {**TOKEN, "headers": {"X-Key": "a\nb"}},
            "`headers` holds a line break, or a letter that no header can hold",
        ),
        (
            {**TOKEN, "user_agent": "me\r\nX: y"},
            "`user_agent` holds a line break, or a letter that no header can hold",
        ),
        (
            {**TOKEN, "ca_bundle": "ca.pem", "verify_ssl": False},
            "`ca_bundle` has no use while `verify_ssl` is false; remove one of them",
        ),
        (
            {**TOKEN, "start_date": "yesterday"},
            "`start_date` must be a date or a timestamp such as 2024-01-01T00:00:00Z",
        ),
        (
            {**TOKEN, "store_url": "http://shop.example.com"},
            "`store_url` must begin with https, or credentials cross the network in the clear; `allow_http` permits it",
        ),
        (
            {**IMS, "ims_token_url": "http://ims.example.com"},
            (
                "`ims_token_url` must begin with https, or credentials cross the network in the clear; `allow_http` "
                "permits "
                "it"
            ),
        ),
        (
            {**TOKEN, "store_url": "https://me:secret@shop.example.com"},
            "`store_url` must not hold a name or a password: a shop behind HTTP Basic must let `/rest` through without",
        ),
        ({**TOKEN, "store_url": "ftp://shop.example.com"}, "`store_url` is no http or https address"),
        ({**TOKEN, "store_url": "https://"}, "`store_url` is no http or https address"),
        ({**TOKEN, "store_url": "https://shop.example.com:port"}, "`store_url` is no address"),
    ],
)
def test_each_mistake_has_its_sentence(given: dict[str, Any], sentence: str) -> None:
    (found,) = problems(**given)
    assert found.startswith(sentence) if sentence.endswith("enum") else found == sentence


@pytest.mark.parametrize("url", ["http://localhost", "http://127.0.0.1:8080/shop", "http://[::1]:8080"])
def test_http_is_fine_on_this_machine(url: str) -> None:
    assert problems(**TOKEN, store_url=url) == []


def test_http_elsewhere_must_be_allowed() -> None:
    assert problems(**TOKEN, store_url="http://shop.example.com", allow_http=True) == []


def test_no_problem_repeats_a_secret() -> None:
    config = {"access_token": "hush hush", "username": 7, "password": "hush", "headers": {"X": "hush\n"}}
    assert "hush" not in " ".join(problems(**config))
    assert "hush" not in " ".join(problems(**{**config, "username": "x"}))


def test_what_is_secret() -> None:
    secret = {name for name, schema in SCHEMA["properties"].items() if schema.get("secret")}
    assert secret == {
        "access_token",
        "password",
        "totp_secret",
        "consumer_key",
        "consumer_secret",
        "access_token_secret",
        "client_secret",
        "proxy",
        "headers",
    }
    config = {**OAUTH1, "headers": {"X-Key": "h"}, "proxy": "http://me:word@proxy:1"}
    assert set(settings.secrets_in(config)) == {"a", "b", "c", "d", "h", "word", "http://me:word@proxy:1"}


def test_every_setting_is_described() -> None:
    for name, schema in SCHEMA["properties"].items():
        assert schema.get("title"), name
        assert schema["description"].rstrip().endswith((".", "`.")), name
