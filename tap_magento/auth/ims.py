"""`auth_method: ims`: Adobe Commerce as a Cloud Service, whose tokens Adobe's identity service issues."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import requests
from typing_extensions import override

from tap_magento.auth.refreshing import RefreshingAuthenticator, Send
from tap_magento.auth.token import Token, login_body
from tap_magento.http.errors import MagentoError, ShopUnavailableError, error_in, is_json, one_line


class ImsAuthenticator(RefreshingAuthenticator):
    """Requests tokens with a client's credentials, and renews them (docs/MAGENTO.md, Adobe Commerce and cloud service).

    Args:
        token_url: Address of Adobe's token endpoint.
        client_id: The client's id, also the API key of every request.
        client_secret: Its secret.
        organization: The organisation's id, ending in ``@AdobeOrg``.
        scopes: What to ask for, with commas between.
        send: Sends the token requests.
        monotonic: A monotonic clock, in seconds.
    """

    def __init__(  # noqa: PLR0913  a login has this many parts
        self,
        token_url: str,
        *,
        client_id: str,
        client_secret: str,
        organization: str,
        scopes: str,
        send: Send,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(send, monotonic)
        self._token_url = token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": scopes,
        }
        self._headers = {"x-api-key": client_id, "x-gw-ims-org-id": organization}

    @override
    def sign(self, request: requests.PreparedRequest) -> None:
        super().sign(request)
        request.headers.update(self._headers)

    @override
    def principal(self) -> str:
        return "the role of this client's technical account"

    @override
    def request_token(self) -> Token:
        now = self.now()
        response = self.send(requests.Request("POST", self._token_url, data=self._form))
        error = _error_in(response)
        if error is not None:
            raise error
        body = login_body(response)
        if not isinstance(body, dict) or "access_token" not in body:
            raise MagentoError("login: the response of `ims_token_url` holds no token: correct it, or leave it out")
        return Token.lasting(body["access_token"], body.get("expires_in"), now)


def _error_in(response: requests.Response) -> MagentoError | ShopUnavailableError | None:
    if response.status_code not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return error_in(response, "login")
    body = login_body(response) if is_json(response) else None
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        return error_in(response, "login")
    code = one_line(body["error"])
    if code == "invalid_scope":
        return MagentoError("login: Adobe refused `ims_scopes` (invalid_scope): give the project the Commerce API")
    return MagentoError(f"login: Adobe refused `client_id` and `client_secret` ({code})")
