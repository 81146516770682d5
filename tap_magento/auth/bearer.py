"""`auth_method: token`: a token given in the settings, as it is."""

from __future__ import annotations

import requests
from typing_extensions import override

from tap_magento.auth.base import Authenticator
from tap_magento.auth.token import claims_of
from tap_magento.http.errors import MagentoError, ShopUnavailableError
from tap_magento.timestamps import from_http_date


class BearerAuthenticator(Authenticator):
    """Sends a token that was given in the settings.

    Args:
        token: The access token of an integration or an administrator.
    """

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self._claims = claims_of(token)

    @override
    def sign(self, request: requests.PreparedRequest) -> None:
        request.headers["Authorization"] = f"Bearer {self._token}"

    @override
    def unauthorized_error(self, response: requests.Response, about: str = "") -> MagentoError | ShopUnavailableError:
        # Magento says the same of a token that is expired, unknown or lacks a right (docs/MAGENTO.md, Authentication).
        if self._has_expired(response):
            return MagentoError("the access token has expired: give a new one, or `username` and `password`")
        return super().unauthorized_error(response, about)

    @override
    def missing_permission(self, response: requests.Response, place: str) -> str:
        if self.accepted:
            return f"the access token lacks {place}: grant it to its integration or role"
        if self._claims:
            return f"the shop refused the access token: it is no longer good, or its role lacks {place}"
        return (
            "the shop refused the access token: since 2.4.4 shops take an integration's token as a bearer only while "
            "`oauth/consumer/enable_integration_as_bearer` is on: turn it on, or use `auth_method: oauth1`; if it "
            f"is on, the token is wrong or lacks {place}"
        )

    def _has_expired(self, response: requests.Response) -> bool:
        expiry, now = self._claims.get("exp"), from_http_date(response.headers.get("Date"))
        return isinstance(expiry, (int, float)) and now is not None and now.timestamp() >= expiry
