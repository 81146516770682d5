"""Who the tap is to the shop: credentials become a bearer token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import jwt
import requests
from typing_extensions import override

from tap_magento.errors import (
    MagentoError,
    ShopUnavailableError,
    connection_error,
    error_in,
    message_of,
    parameters_of,
)
from tap_magento.times import from_http_date

# A token is renewed this long before it expires, or after nine tenths of a shorter life.
_MARGIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and how long it is good for.

    Attributes:
        text: What goes into the header.
        renew_at: By our monotonic clock, when to renew it; never if the token does not tell.
    """

    text: str
    renew_at: float = float("inf")

    @classmethod
    def issued(cls, text: str, now: float) -> Token:
        """Read how long a token that was issued now is good for.

        The life is the difference of the token's own ``exp`` and ``iat``, so a shop whose clock is wrong does no
        harm. Tokens before 2.4.4 are opaque and tell nothing (SOURCE_FACTS.md 4.1).

        Args:
            text: The token.
            now: Our monotonic clock, in seconds.

        Returns:
            The token with the moment to renew it.
        """
        claims = claims_of(text)
        try:
            life = float(claims["exp"]) - float(claims["iat"])
        except (KeyError, TypeError, ValueError):
            return cls(text)
        return cls(text, renew_at=now + max(life - _MARGIN_SECONDS, life * 0.9))


def claims_of(token: str) -> Mapping[str, Any]:
    """Read what a JSON Web Token says of itself, without verifying it.

    Args:
        token: Any token.

    Returns:
        Its claims; empty if it is no JSON Web Token.
    """
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return {}
    return claims


class BearerAuthenticator(requests.auth.AuthBase):
    """Sends a token that was given in the settings.

    Args:
        token: The access token.
    """

    def __init__(self, token: str) -> None:
        self._token = Token(token)

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request.

        Args:
            r: The request.

        Returns:
            The same request, with the token.
        """
        r.headers["Authorization"] = f"Bearer {self._token.text}"
        return r

    def refusal(self, response: requests.Response) -> MagentoError:
        """Explain a 401.

        Magento says the same for a token that is expired, unknown or lacks a right (MEASURED.md (a)).

        Args:
            response: The answer.

        Returns:
            What to tell a person.
        """
        expiry = claims_of(self._token.text).get("exp")
        now = from_http_date(response.headers.get("Date"))
        if isinstance(expiry, (int, float)) and now is not None and now.timestamp() >= expiry:
            return MagentoError("the access token has expired: give a new one, or `username` and `password`")
        return MagentoError(
            f"the shop refused the access token for {_resource(response)}: give its integration or role that "
            "resource, or a valid token; shops since 2.4.4 take an integration's token only while "
            "`oauth/consumer/enable_integration_as_bearer` is on"
        )


class MagentoAuthenticator(BearerAuthenticator):
    """Requests tokens with an administrator's name and password, and renews them.

    One authenticator serves all streams and threads of a run. A password that was refused once is never sent again:
    the shop locks an account after six wrong ones (MEASURED.md (a)).

    Args:
        token_url: Address of the shop's admin token endpoint.
        username: The account's name.
        password: Its password.
        session: Sends the token requests.
        timeout: Seconds to wait for a token.
        monotonic: Our clock, in seconds.
    """

    def __init__(  # noqa: PLR0913  a login has this many parts
        self,
        token_url: str,
        *,
        username: str,
        password: str,
        session: requests.Session,
        timeout: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("")
        self._token = Token("", renew_at=0.0)
        self._token_url = token_url
        self._credentials = {"username": username, "password": password}
        self._session = session
        self._timeout = timeout
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._refused: MagentoError | None = None

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._fresh_token()}"
        # The SDK signs a request when it is prepared and again when it is sent.
        if self._repeat_with_new_token not in r.hooks["response"]:
            r.hooks["response"].append(self._repeat_with_new_token)
        return r

    @override
    def refusal(self, response: requests.Response) -> MagentoError:
        # A token renewed a moment ago was refused too, so it is not the token's age.
        return MagentoError(
            f"the role of this user lacks {_resource(response)}: grant it in the admin under System > User Roles"
        )

    def _fresh_token(self, refused: str | None = None) -> str:
        """Give a token that is neither about to expire nor the one that was just refused."""
        with self._lock:
            if self._token.text == refused or self._monotonic() >= self._token.renew_at:
                self._token = Token.issued(self._request_token(), self._monotonic())
            return self._token.text

    def _repeat_with_new_token(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return response
        refused = response.request.headers["Authorization"].removeprefix("Bearer ")
        response.content  # noqa: B018  read it, so that the connection can be used again
        response.close()
        again = response.request.copy()
        again.headers["Authorization"] = f"Bearer {self._fresh_token(refused)}"
        repeated: requests.Response = response.connection.send(again, **kwargs)
        repeated.history.append(response)
        repeated.request = again
        return repeated

    def _request_token(self) -> str:
        if self._refused is not None:
            raise self._refused
        try:
            response = self._session.post(
                self._token_url,
                json=self._credentials,
                timeout=self._timeout,
                allow_redirects=False,
                auth=_no_auth,
            )
        except requests.RequestException as error:
            raise connection_error(error, self._token_url) from None
        refusal = self._token_error(response)
        if isinstance(refusal, MagentoError):
            self._refused = refusal
        if refusal is not None:
            raise refusal
        token: str = response.json()
        return token

    def _token_error(self, response: requests.Response) -> MagentoError | ShopUnavailableError | None:
        """Tell why there is no token; the answers are those of MEASURED.md (a)."""
        message = message_of(response)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            return MagentoError(
                "the shop refused `username` and `password`: wrong, or the account is disabled or locked "
                "(six wrong passwords lock it for half an hour)"
            )
        if response.status_code == HTTPStatus.BAD_REQUEST and "2fa" in message.lower():
            return MagentoError(
                "this account must log in with two factors, so its password alone gives no token: "
                "use the access token of an integration"
            )
        return error_in(response)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep the session from signing the request for a token with a token."""
    return request


def _resource(response: requests.Response) -> str:
    resource = parameters_of(response).get("resources")
    return f"the resource {resource}" if resource else "this request"
