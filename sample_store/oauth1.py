"""Integrations and the signatures of their requests, verified step by step as Magento does.

As `framework/Oauth` reads them and as measured (docs/MAGENTO.md, OAuth 1.0a): HMAC-SHA256 alone, quoted
parameter names in natural order, `rawurldecode`, the address as PHP sees it, each nonce once, no time far ahead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from functools import cmp_to_key
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from sample_store import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sample_store.wire import Call

_AHEAD_ALLOWED = 600
_KEY_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Integration:
    """What the admin shows of an integration, and what it may read.

    Args:
        number: Its id, as errors name it.
        consumer_key: First of its four values.
        consumer_secret: Second.
        access_token: Third.
        access_token_secret: Fourth.
        resources: ACL resources granted, None for all.
    """

    number: int
    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str
    resources: frozenset[str] | None


class Integrations:
    """The integrations of a shop.

    Args:
        clock: The shop's time.

    Attributes:
        as_bearer: Whether access tokens are taken as bearers: `oauth/consumer/enable_integration_as_bearer`.
        nonces: All nonces ever seen, by consumer; the same one twice is refused.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.as_bearer = False
        self.nonces: set[tuple[int, str]] = set()
        self._clock = clock
        self._by_key: dict[str, Integration] = {}
        self._lock = threading.Lock()

    def add(self, resources: frozenset[str] | None = None) -> Integration:
        """Make and activate an integration."""
        key, key_secret, token, token_secret = (secrets.token_hex(_KEY_LENGTH // 2) for _ in range(4))
        integration = Integration(len(self._by_key) + 1, key, key_secret, token, token_secret, resources)
        self._by_key[integration.consumer_key] = integration
        return integration

    def of_bearer(self, token: str) -> Integration | None:
        """Find whose access token is sent as a bearer, None where that is off or the token unknown."""
        return self._of_token(token) if self.as_bearer else None

    def of_signed(self, call: Call) -> Integration:
        """Verify a signed request.

        Args:
            call: The request.

        Returns:
            Who signed it.

        Raises:
            ApiError: 400 or 401, as Magento words it.
        """
        params = _header_params(call.authorization)
        for name in ("consumer_key", "signature", "signature_method", "nonce", "timestamp", "token"):
            if not params.get(f"oauth_{name}"):
                raise errors.required(f"oauth_{name}")
        if params["oauth_signature_method"] != "HMAC-SHA256":
            raise errors.message(400, "Signature method %1 is not supported", [params["oauth_signature_method"]])
        integration = self._of_key(params["oauth_consumer_key"])
        self._take_nonce(integration, params["oauth_nonce"], params["oauth_timestamp"])
        if params["oauth_token"] != integration.access_token:
            raise errors.message(401, "Specified token does not exist")
        signed = {**params, **_query_params(call.query)}
        given = signed.pop("oauth_signature")
        expected = signature_of(call.method, call.url, signed, integration)
        if not hmac.compare_digest(expected, given):
            raise errors.message(401, "The signature is invalid. Verify and try again.")
        return integration

    def _of_token(self, token: str) -> Integration | None:
        return next((each for each in self._by_key.values() if each.access_token == token), None)

    def _of_key(self, key: str) -> Integration:
        if len(key) != _KEY_LENGTH:
            raise errors.message(401, "Consumer key is not the correct length")
        if key not in self._by_key:
            raise errors.message(401, "A consumer having the specified key does not exist")
        return self._by_key[key]

    def _take_nonce(self, integration: Integration, nonce: str, timestamp: str) -> None:
        moment = int(timestamp) if timestamp.isdigit() else 0
        if not 0 < moment <= self._clock().timestamp() + _AHEAD_ALLOWED:
            raise errors.message(401, "An error occurred validating the nonce")
        entry = (integration.number, nonce)
        with self._lock:
            if entry in self.nonces:
                raise errors.message(
                    401, "The nonce is already being used by the consumer with ID %1", [str(integration.number)]
                )
            self.nonces.add(entry)


def signature_of(method: str, url: str, params: Mapping[str, str], integration: Integration) -> str:
    """Compute the signature that Magento expects.

    Args:
        method: HTTP method.
        url: The address without its query, host and port as PHP sees them.
        params: Parameters of the header and the query, decoded.
        integration: Whose secrets to sign with.

    Returns:
        The signature, in base 64.
    """
    quoted = {_quoted(name): _quoted(value) for name, value in params.items()}
    query = "&".join(f"{name}={quoted[name]}" for name in sorted(quoted, key=cmp_to_key(strnatcmp)))
    base = "&".join((method.upper(), _quoted(url), _quoted(query)))
    key = f"{_quoted(integration.consumer_secret)}&{_quoted(integration.access_token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def strnatcmp(a: str, b: str) -> int:
    """Compare as PHP's `strnatcmp` does names that hold no spaces and no leading zeros.

    Args:
        a: One name.
        b: Another.

    Returns:
        Less than, equal to or greater than 0.
    """
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i].isdigit() and b[j].isdigit():
            left, right = _digits(a, i), _digits(b, j)
            if left != right:
                return -1 if (len(left), left) < (len(right), right) else 1
            i, j = i + len(left), j + len(right)
            continue
        if a[i] != b[j]:
            return -1 if a[i] < b[j] else 1
        i, j = i + 1, j + 1
    return (len(a) - i) - (len(b) - j)


def _digits(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end].isdigit():
        end += 1
    return text[start:end]


def _header_params(header: str) -> dict[str, str]:
    _, _, rest = header.strip().partition(" ")
    params = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if equals and name.startswith("oauth_"):
            params[unquote(name)] = unquote(value.strip('"'))
    return params


def _query_params(query: str) -> dict[str, str]:
    """Read a query as Magento does: a part that is not exactly one name and one value does not count."""
    parts = (part.split("=") for part in query.split("&"))
    return {unquote(part[0]): unquote(part[1]) for part in parts if len(part) == 2}  # noqa: PLR2004 - name and value


def _quoted(text: str) -> str:
    return quote(text, safe="")
