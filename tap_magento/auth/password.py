"""`auth_method: password`: an administrator's account, with or without a second factor."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import datetime, timezone
from http import HTTPStatus

import pyotp
import requests
from typing_extensions import override

from tap_magento.auth.refreshing import RefreshingAuthenticator, Send
from tap_magento.auth.token import Token, login_body
from tap_magento.http.errors import MagentoError, ShopUnavailableError, error_in, is_json, message_of, parameters_of
from tap_magento.timestamps import from_http_date

_PLAIN_PATH = "/V1/integration/admin/token"
_TOTP_PATH = "/V1/tfa/provider/google/authenticate"
# One-time codes are good for half a minute; Magento allows for a little more.
_CLOCK_TOLERANCE = 25.0


class MagentoAuthenticator(RefreshingAuthenticator):
    """Requests tokens with an administrator's name and password, and renews them.

    Args:
        root: Address of the API, for example ``https://shop.example.com/rest/all``.
        username: The account's name.
        password: Its password.
        totp_secret: What the account's one-time codes are made from, in base 32; None if it needs none.
        send: Sends the token requests.
        monotonic: A monotonic clock, in seconds.
    """

    def __init__(  # noqa: PLR0913  a login has this many parts
        self,
        root: str,
        *,
        username: str,
        password: str,
        totp_secret: str | None = None,
        send: Send,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(send, monotonic)
        self._url = f"{root}{_TOTP_PATH if totp_secret else _PLAIN_PATH}"
        self._credentials = {"username": username, "password": password}
        self._totp = _Totp(totp_secret.replace(" ", "")) if totp_secret else None

    @override
    def principal(self) -> str:
        return "the role of this user"

    @override
    def request_token(self) -> Token:
        now = self.now()
        otp = {} if self._totp is None else {"otp": self._totp.now()}
        response = self.send(requests.Request("POST", self._url, json={**self._credentials, **otp}))
        error = self._error_in(response)
        if error is not None:
            raise error
        return Token.issued(login_body(response), now)

    def _error_in(self, response: requests.Response) -> MagentoError | ShopUnavailableError | None:
        """Tell why there is no token (docs/MAGENTO.md); its messages are translated, and only sharpen what is told."""
        if not is_json(response):
            return error_in(response, "login")
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            return MagentoError(f"login: {self._unauthorized(response)}")
        if response.status_code == HTTPStatus.BAD_REQUEST:
            if "active_providers" in parameters_of(response):
                return MagentoError(f"login: {_NEEDS_SECOND_FACTOR}")
            if "2fa" in message_of(response).lower():
                return MagentoError(f"login: {_HAS_NO_SECOND_FACTOR}")
        if response.status_code == HTTPStatus.NOT_FOUND and self._totp is not None:
            return MagentoError("login: the shop knows no second factor: leave out `totp_secret`")
        return error_in(response, "login")

    def _unauthorized(self, response: requests.Response) -> str:
        """Explain a 401: it does not tell, but in words, whether the password or the one-time code is wrong."""
        said = message_of(response).lower()
        if self._totp is None or "sign-in" in said:
            return _WRONG_LOGIN
        if "code" in said:
            return self._wrong_code(response)
        return f"{_WRONG_LOGIN}; or {self._wrong_code(response)}"

    @staticmethod
    def _wrong_code(response: requests.Response) -> str:
        shop, ours = from_http_date(response.headers.get("Date")), datetime.now(timezone.utc)
        drift = 0.0 if shop is None else (ours - shop).total_seconds()
        if abs(drift) > _CLOCK_TOLERANCE:
            return (
                f"the shop refused the one-time code: this machine's clock is {abs(drift):.0f} seconds "
                f"{'ahead of' if drift > 0 else 'behind'} the shop's; set it right"
            )
        return "the shop refused the one-time code: `totp_secret` is not the one of this account"


class _Totp(pyotp.TOTP):
    """One-time codes from a secret of any length: pyotp refuses less than 112 bits, authenticators give out 80."""

    @override
    def byte_secret(self) -> bytes:
        return base64.b32decode(self.secret + "=" * (-len(self.secret) % 8), casefold=True)


_WRONG_LOGIN = (
    "the shop refused `username` and `password`: wrong, or the account is disabled or locked (six wrong passwords "
    "lock it for half an hour)"
)


_NEEDS_SECOND_FACTOR = (
    "this account logs in with two factors: set `totp_secret` to the secret of its Google Authenticator, or use an "
    "integration (`auth_method: oauth1`)"
)

_HAS_NO_SECOND_FACTOR = (
    "this shop wants two factors, and this account has none yet: log in to the admin once, set up Google "
    "Authenticator, and set `totp_secret` to its secret; or use an integration (`auth_method: oauth1`)"
)
