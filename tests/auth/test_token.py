"""Tokens as a server may send them, well-formed or not."""

from __future__ import annotations

import base64
import json
import math
import subprocess
import sys
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.auth.token import Token, claims_of, login_body
from tap_magento.exceptions import MagentoError, ShopUnavailableError


def token_of(claims: object) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in ({}, claims))
    return ".".join([*parts, "c2ln"])


def response(body: bytes) -> requests.Response:
    made = requests.Response()
    made.status_code = 200
    made._content = body
    return made


@pytest.mark.parametrize(
    "text", ["", "with space", "abc\r\nX-Injected: yes", "abc\u20ac", "a\x00", "x" * 8001, None, 7, ["x"], {"a": 1}]
)
def test_what_a_header_cannot_carry_is_no_token(text: object) -> None:
    with pytest.raises(MagentoError, match="login: the response holds no valid token"):
        Token.issued(text, 0.0)
    with pytest.raises(MagentoError, match="login: the response holds no valid token"):
        Token.lasting(text, 60, 0.0)


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": 0, "exp": 10**400},
        {"iat": "x", "exp": []},
        {"iat": 5, "exp": 5},
        {"iat": 100, "exp": 0},
        {"iat": 0, "exp": math.nan},
        {"iat": 0, "exp": math.inf},
        {"exp": 7},
        [],
        "text",
    ],
)
def test_a_life_that_is_none_is_unknown(claims: object) -> None:
    assert Token.issued(token_of(claims), 50.0).renew_at == math.inf


@pytest.mark.parametrize("life", [None, "soon", "", [], {}, 0, -1, 10**400, math.nan, math.inf, "NaN"])
def test_a_life_that_is_no_duration_is_unknown(life: object) -> None:
    assert Token.lasting("abc", life, 50.0).renew_at == math.inf


def test_a_life_in_digits_is_known() -> None:
    assert Token.lasting("abc", "3600", 50.0).renew_at == 50.0 + 3540


@pytest.mark.parametrize("body", [b"", b"[" * 50_000, b"\xff", b"9" * 5000, b"{", b'"' + b"x" * 70_000 + b'"'])
def test_a_response_that_is_no_token_is_told_in_one_line_without_it(body: bytes) -> None:
    with pytest.raises(ShopUnavailableError, match=r"^login: the response is (broken JSON|too long for a token)$"):
        login_body(response(body))


@given(
    st.binary(max_size=200)
    | st.builds(token_of, st.dictionaries(st.sampled_from(["exp", "iat"]), st.integers() | st.floats() | st.text()))
    .map(json.dumps)
    .map(str.encode)
)
def test_any_response_is_a_token_or_an_error(body: bytes) -> None:
    try:
        found: Any = login_body(response(body))
        token = Token.issued(found, 0.0)
    except (MagentoError, ShopUnavailableError):
        return
    assert token.text == found
    assert token.renew_at > 0


@given(st.text() | st.lists(st.text(), min_size=3, max_size=3).map(".".join))
def test_claims_of_anything_can_be_read(text: str) -> None:
    assert isinstance(claims_of(text), dict)


def test_pyjwt_is_loaded_for_its_tokens_alone() -> None:
    program = "import sys; from tap_magento import auth, tap; auth.claims_of(sys.argv[1]); print('jwt' in sys.modules)"

    def is_loaded(token: str) -> str:
        command = [sys.executable, "-c", program, token]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert is_loaded("abc") == "False"
    assert is_loaded(token_of({"exp": 1})) == "True"
