"""Tokens that are asked for, kept for all threads, and renewed before they expire."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Callable

import requests
from typing_extensions import override

from tap_magento.auth.base import Authenticator
from tap_magento.auth.token import Token
from tap_magento.http.errors import MagentoError, connection_error, parameters_of
from tap_magento.runtime.redaction import hide


class RenewingAuthenticator(Authenticator):
    """Asks for tokens and renews them.

    Credentials that were refused once are never sent again, by no thread and no retry: the shop locks an account
    after six wrong passwords (MEASURED.md (a)).

    Args:
        session: Sends the token requests.
        timeout: Seconds to wait for a token.
        monotonic: Our clock, in seconds.
    """

    def __init__(
        self, session: requests.Session, timeout: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._session = session
        self._timeout = timeout
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = Token("", renew_at=0.0)
        self._refused: MagentoError | None = None
        self._lacking: set[str] = set()

    @override
    def sign(self, request: requests.PreparedRequest) -> None:
        request.headers["Authorization"] = f"Bearer {self._fresh_token()}"

    @override
    def mend(self, response: requests.Response) -> bool:
        # An expired token and a missing right are told in the same words; the second of two 401s is a missing right.
        if str(parameters_of(response).get("resources")) in self._lacking:
            return False
        self._fresh_token(refused=response.request.headers["Authorization"].removeprefix("Bearer "))
        return True

    @override
    def missing_permission(self, response: requests.Response, place: str) -> str:
        self._lacking.add(str(parameters_of(response).get("resources")))
        return f"{self.principal()} lacks {place}: grant it in the admin under System > Permissions > User Roles"

    @abstractmethod
    def principal(self) -> str:
        """Say in words whose role must be granted what is missing."""

    @abstractmethod
    def request_token(self) -> Token:
        """Ask for a token.

        Returns:
            The token.

        Raises:
            MagentoError: If the credentials are refused.
            ShopUnavailableError: If there is no token to be had now.
        """

    def now(self) -> float:
        """Read our clock.

        Returns:
            Monotonic seconds.
        """
        return self._monotonic()

    def post(self, request: requests.Request) -> requests.Response:
        """Send the request for a token, without a token and along no redirect.

        Args:
            request: The request.

        Returns:
            The answer, whatever its status.

        Raises:
            MagentoError: If the address or the certificate is wrong.
            ShopUnavailableError: If there is no answer.
        """
        request.auth = _unsigned
        try:
            return self._session.send(
                self._session.prepare_request(request), timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise connection_error(error, request.url, "login") from None

    def _fresh_token(self, refused: str | None = None) -> str:
        """Give a token that is neither about to expire nor the one that was just refused."""
        with self._lock:
            if self._token.text == refused or self._monotonic() >= self._token.renew_at:
                self._token = self._new_token()
            return self._token.text

    def _new_token(self) -> Token:
        if self._refused is not None:
            raise self._refused
        try:
            token = self.request_token()
        except MagentoError as error:
            self._refused = error
            raise
        hide(token.text)
        return token


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep the session from signing the request for a token, with a token."""
    return request
