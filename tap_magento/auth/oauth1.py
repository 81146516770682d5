"""`auth_method: oauth1`: an integration's four values, with which every request is signed.

What Magento demands of a signature was measured (docs/MAGENTO.md, OAuth 1.0a): HMAC-SHA256, `%20` for a space, a nonce
that was never used before, a time not ahead of the shop's, and parameters in natural order.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from oauthlib.oauth1.rfc5849 import signature, utils
from requests_oauthlib import OAuth1
from typing_extensions import override

from tap_magento.auth.base import Authenticator
from tap_magento.http.errors import MagentoError, ShopUnavailableError, message_of, resources_of
from tap_magento.timestamps import from_http_date

# What the library takes unquoted in a query.
_TAKEN = "=&;:%+~,*@!()/?'$"


class OAuth1Authenticator(Authenticator):
    """Signs requests as an integration.

    Args:
        consumer_key: The integration's consumer key.
        consumer_secret: Its secret.
        access_token: The integration's access token.
        access_token_secret: Its secret.
    """

    def __init__(self, consumer_key: str, consumer_secret: str, access_token: str, access_token_secret: str) -> None:
        super().__init__()
        self._credentials = (consumer_key, consumer_secret, access_token, access_token_secret)
        self._ahead = 0.0

    @override
    def sign(self, request: requests.PreparedRequest) -> None:
        request.headers.pop("Authorization", None)
        # The library takes no brackets; urllib3 would quote them later, and Magento reads them quoted or not.
        address, question, query = str(request.url).partition("?")
        request.url = f"{address}{question}{quote(query, safe=_TAKEN)}"
        # A new signer has a new nonce: one that reached the shop is never used again.
        OAuth1(
            *self._credentials,
            signature_method=SIGNATURE_HMAC_SHA256,
            client_class=_MagentoClient,
            decoding=None,
            timestamp=str(int(time.time() - self._ahead)),
        )(request)

    @override
    def retry_unauthorized(self, response: requests.Response, *, was_readable: bool) -> bool:
        # Its messages are translated: a 401 that names no resource may be about the nonce or the time of a signature.
        if resources_of(response) is not None:
            return False
        shop = from_http_date(response.headers.get("Date"))
        if shop is not None:
            self._ahead = max(0.0, time.time() - shop.timestamp())
        return True

    @override
    def missing_permission(self, response: requests.Response, place: str) -> str:
        return f"the integration lacks {place}: tick it in the admin under System > Extensions > Integrations > API"

    @override
    def other_unauthorized_error(self, response: requests.Response, about: str) -> MagentoError | ShopUnavailableError:
        said = message_of(response)
        before = f"{about}: " if about else ""
        if _is_about_nonce(said):
            return ShopUnavailableError(f"{before}the shop could not check the nonce of a request", response)
        for pattern, advice in _REFUSALS:
            if response.status_code == HTTPStatus.UNAUTHORIZED and re.search(pattern, said, re.IGNORECASE):
                return MagentoError(advice)
        return super().other_unauthorized_error(response, about)


_REFUSALS = (
    (
        "signature is invalid",
        (
            "the shop refused the signature: `consumer_secret` or `access_token_secret` is wrong, or the shop takes "
            "itself for another address than `store_url` (scheme, host and port must reach PHP through every proxy)"
        ),
    ),
    ("consumer", "the shop does not know this `consumer_key`: take it from the integration in the admin"),
    ("token", "the shop does not know this `access_token`, or revoked it: take it from the integration in the admin"),
)


def _is_about_nonce(said: str) -> bool:
    return bool(re.search("nonce|timestamp", said, re.IGNORECASE))


class _MagentoClient(Client):
    """Signs with the parameters read and ordered as Magento reads and orders them to verify."""

    @override
    def get_oauth_signature(self, request: Any) -> str:
        address, _, query = request.uri.partition("?")
        params = {**dict(request.oauth_params), **_params_of(query)}
        base = signature.signature_base_string(
            request.http_method,
            signature.base_string_uri(address, request.headers.get("Host")),
            _in_natural_order(params),
        )
        signed: str = self.SIGNATURE_METHODS[self.signature_method](base, self)
        return signed


def _params_of(query: str) -> dict[str, str]:
    """Read a query with ``rawurldecode``; what is not one name and one value does not count."""
    pairs = (part.split("=") for part in query.split("&"))
    return {unquote(pair[0]): unquote(pair[1]) for pair in pairs if len(pair) == 2}  # noqa: PLR2004  name and value


def _in_natural_order(params: Mapping[str, str]) -> str:
    """Write parameters for the base string: Magento sorts the quoted names with PHP's ``strnatcmp``."""
    quoted = {utils.escape(name): utils.escape(value) for name, value in params.items()}
    return "&".join(f"{name}={quoted[name]}" for name in sorted(quoted, key=_natural))


def _natural(name: str) -> tuple[tuple[int, int], ...]:
    """Make the key of natural order: character by character, but a run of digits counts as one number."""
    return tuple(
        (ord("0"), int(part)) if part.isdigit() else (ord(part), 0) for part in re.findall(r"[0-9]+|[^0-9]", name)
    )
