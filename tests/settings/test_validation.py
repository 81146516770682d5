"""What can be wrong with the settings, in the words a person reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_magento.settings import schema as settings
from tap_magento.settings import validation as checks
from tap_magento.settings.validation import auth_method
from tap_magento.tap import TapMagento

TOKEN = {"access_token": "abcdef"}
PASSWORD = {"username": "reader", "password": "pass word"}
OAUTH1 = {"consumer_key": "a", "consumer_secret": "b", "access_token": "c", "access_token_secret": "d"}
IMS = {"client_id": "a", "client_secret": "b", "ims_org_id": "c@AdobeOrg"}

SCHEMA: dict[str, Any] = json.loads(json.dumps(settings.CONFIG_SCHEMA))
TapMagento.append_builtin_config(SCHEMA)

A_DATE = "a date or a timestamp such as 2024-01-01T00:00:00Z"
DEEP = json.loads('{"x": ' * 30 + "1" + "}" * 30)


def problems(**config: Any) -> list[str]:
    return checks.problems(settings.defaults() | {"store_url": "https://shop.example.com"} | config, SCHEMA)


@pytest.mark.parametrize(
    ("given", "method"), [(TOKEN, "token"), (PASSWORD, "password"), (OAUTH1, "oauth1"), (IMS, "ims")]
)
def test_the_method_follows_from_the_credentials_given(given: dict[str, str], method: str) -> None:
    assert auth_method(given) == method
    assert problems(**given) == []


def test_an_explicit_method_settles_it() -> None:
    assert auth_method({**OAUTH1, **PASSWORD, "auth_method": "token"}) == "token"
    assert problems(**OAUTH1, **PASSWORD, auth_method="token") == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            (
                "no credentials are given: set `access_token`; or `username` and `password`; or `consumer_key`, "
                "`consumer_secret`, `access_token` and `access_token_secret`; or `client_id`, `client_secret` and "
                "`ims_org_id`"
            ),
        ),
        (
            {**TOKEN, **PASSWORD},
            (
                "credentials for several authentication methods are given (token, password): give one, or select it "
                "by `auth_method`"
            ),
        ),
        ({"username": "reader"}, "`username` needs `password`"),
        ({"password": "secret"}, "`password` needs `username`"),
        ({"totp_secret": "JBSWY3DPEHPK3PXP"}, "`totp_secret` needs `username` and `password`"),
        (
            {"consumer_key": "a", "access_token": "c"},
            "`consumer_key` needs `consumer_secret` and `access_token_secret`",
        ),
        (
            {**TOKEN, "access_token_secret": "c"},
            "`access_token_secret` needs `consumer_key` and `consumer_secret`",
        ),
        ({"auth_method": "ims"}, "`auth_method: ims` needs `client_id` and `client_secret` and `ims_org_id`"),
        (
            {"access_token": "two words"},
            "`access_token` contains a space, a line break or a non-ASCII character; copy it again",
        ),
        (
            {**PASSWORD, "totp_secret": "123456"},
            "`totp_secret` is not base 32: give the text behind the QR code, not a one-time code",
        ),
        ({**TOKEN, "auth_method": "magic"}, "`auth_method` must be `token`, `password`, `oauth1` or `ims`"),
        ({**TOKEN, "page_sze": 3}, "`page_sze` is not a setting of tap-magento; did you mean `page_size`?"),
        ({**TOKEN, "batch_config": {}}, "`batch_config` is not a setting of tap-magento"),
        ({**TOKEN, "client_key": "k.pem"}, "`client_key` needs `client_cert`"),
        (
            {**TOKEN, "headers": {"Authorization": "Basic eDp5"}},
            "`headers` must not contain `Authorization`, which the tap sets itself",
        ),
        (
            {**TOKEN, "headers": {"X-Key": "a\nb", "X-Other": " c"}},
            "`headers` contains a line break, or a character that a header cannot have",
        ),
        (
            {**TOKEN, "headers": {"X:Key": "a"}},
            "`headers` contains a line break, or a character that a header cannot have",
        ),
        (
            {**TOKEN, "user_agent": "\u20ac"},
            "`user_agent` contains a line break, or a character that a header cannot have",
        ),
        (
            {**TOKEN, "user_agent": "me\r\nX: y"},
            "`user_agent` contains a control character, or bytes that are not UTF-8",
        ),
        (
            {**PASSWORD, "username": "\udcff"},
            "`username` contains a control character, or bytes that are not UTF-8",
        ),
        (
            {**TOKEN, "ca_bundle": "ca.pem", "verify_ssl": False},
            "`ca_bundle` has no effect while `verify_ssl` is false; remove one of them",
        ),
        ({**TOKEN, "start_date": "yesterday"}, "`start_date` must be " + A_DATE),
        ({**TOKEN, "start_date": "9999-12-31T23:59:59-05:00"}, "`start_date` must be " + A_DATE),
        ({**TOKEN, "start_date": 20240101}, "`start_date` must be " + A_DATE),
        ({**TOKEN, "array_items": "closed"}, "`array_items` must be `described` or `open`"),
        ({**TOKEN, "page_size": "many"}, "`page_size` must be a whole number from 1 to 10000"),
        ({**TOKEN, "page_size": 0}, "`page_size` must be a whole number from 1 to 10000"),
        ({**TOKEN, "page_size": True}, "`page_size` must be a whole number from 1 to 10000"),
        ({**TOKEN, "page_size": 200.0}, "`page_size` must be a whole number from 1 to 10000"),
        ({**TOKEN, "verify_ssl": "false"}, "`verify_ssl` must be `true` or `false`"),
        ({**TOKEN, "verify_ssl": 0}, "`verify_ssl` must be `true` or `false`"),
        ({**TOKEN, "store_code": 7}, "`store_code` must be text"),
        (
            {**TOKEN, "store_views": "default"},
            '`store_views` must be a JSON list of texts such as ["default", "german"]',
        ),
        ({**TOKEN, "store_views": [1]}, '`store_views` must be a JSON list of texts such as ["default", "german"]'),
        (
            {**TOKEN, "headers": {"X-Key": 1}},
            '`headers` must be a JSON object of texts such as {"X-Firewall-Key": "..."}',
        ),
        ({**TOKEN, "stream_maps": "orders"}, "`stream_maps` must be a JSON object"),
        ({**TOKEN, "flattening_enabled": True}, "`flattening_enabled` needs `flattening_max_depth`"),
        ({**TOKEN, "flattening_max_depth": "x"}, "`flattening_max_depth` must be a whole number"),
        ({**TOKEN, "stream_maps": DEEP}, "`stream_maps` is nested deeper than 20 levels"),
        (
            {**TOKEN, "store_code": "../admin"},
            "`store_code`: the code of a store view has only letters, digits and underscores, a letter first",
        ),
        (
            {**TOKEN, "store_views": ["default", "a/b"]},
            "`store_views`: the code of a store view has only letters, digits and underscores, a letter first",
        ),
        (
            {**TOKEN, "store_url": "http://shop.example.com"},
            "`store_url` must begin with https, or credentials travel unencrypted; `allow_http: true` permits it",
        ),
        (
            {**IMS, "ims_token_url": "http://ims.example.com"},
            "`ims_token_url` must begin with https, or credentials travel unencrypted; `allow_http: true` permits it",
        ),
        (
            {**TOKEN, "store_url": "https://me:secret@shop.example.com"},
            (
                "`store_url` must not contain a user name or password: a shop behind HTTP Basic authentication must "
                "let `/rest` through without it"
            ),
        ),
        ({**TOKEN, "store_url": "ftp://shop.example.com"}, "`store_url` is not a valid http or https URL"),
        ({**TOKEN, "proxy": "socks5://127.0.0.1"}, "`proxy` is not a valid http or https URL of a proxy"),
        (
            {**TOKEN, "store_url": "http://127.0.0.1", "proxy": "http://me:secret@proxy.example.com:3128"},
            (
                "`store_url` begins with http, and a proxy on another machine would see the credentials: connect "
                "without the proxy (NO_PROXY), use https, or permit it by `allow_http: true`"
            ),
        ),
    ],
)
def test_each_mistake_has_its_sentence(given: dict[str, Any], sentence: str) -> None:
    assert problems(**given) == [sentence]


def test_what_is_missing_is_no_mistake() -> None:
    config = settings.defaults()
    assert checks.mistakes(config, SCHEMA) == []
    assert [sentence.split(":")[0] for sentence in checks.missing(config, SCHEMA)] == [
        "`store_url` is missing",
        "no credentials are given",
    ]


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
        "personal_data_salt",
    }
    config = {**OAUTH1, "headers": {"X-Key": "h"}, "proxy": "http://me:word@proxy:1"}
    assert set(settings.secrets_in(config)) == {"a", "b", "c", "d", "h", "word", "http://me:word@proxy:1"}


def test_every_setting_is_described() -> None:
    for name, schema in SCHEMA["properties"].items():
        assert schema.get("title"), name
        assert schema["description"].rstrip().endswith((".", "`.")), name
