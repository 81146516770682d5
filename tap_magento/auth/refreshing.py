"""Tokens that are requested, shared by all threads, and renewed before they expire."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Callable

import requests
from typing_extensions import override

from tap_magento.auth.base import Authenticator
from tap_magento.auth.token import Token
from tap_magento.exceptions import MagentoError
from tap_magento.http.errors import resources_of
from tap_magento.runtime.redaction import hide

#: Sends a request unsigned; the second argument is what is requested, as a person calls it.
Send = Callable[[requests.Request, str], requests.Response]


class RefreshingAuthenticator(Authenticator):
    """Requests tokens and renews them.

    Credentials that were refused once are never sent again, by no thread and no retry: the shop locks an account
    after six wrong passwords (docs/MAGENTO.md, Authentication).

    Args:
        send: Sends the request for a token, unsigned.
        monotonic: A monotonic clock, in seconds.
    """

    def __init__(self, send: Send, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._send = send
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = Token("", renew_at=float("-inf"))
        self._rejection: MagentoError | None = None
        self._missing: set[str | None] = set()

    @override
    def prepare(self) -> None:
        self._renew()

    @override
    def sign(self, request: requests.PreparedRequest) -> None:
        request.headers["Authorization"] = f"Bearer {self._token.text}"

    @override
    def retry_unauthorized(self, response: requests.Response, *, was_readable: bool) -> bool:
        # An expired token and a missing permission are told in the same words; the second of two 401s is a missing
        # permission, unless the path could be read before.
        if not was_readable and resources_of(response) in self._missing:
            return False
        self._renew(refused=response.request.headers["Authorization"].removeprefix("Bearer "))
        return True

    @override
    def missing_permission(self, response: requests.Response, place: str) -> str:
        self._missing.add(resources_of(response))
        return f"{self.principal()} lacks {place}: grant it in the admin under System > Permissions > User Roles"

    @abstractmethod
    def principal(self) -> str:
        """Say in words whose role must be granted what is missing."""

    @abstractmethod
    def request_token(self) -> Token:
        """Request a token.

        Returns:
            The token.

        Raises:
            MagentoError: If the credentials are refused.
            ShopUnavailableError: If no token can be had now.
        """

    def now(self) -> float:
        """Read our clock.

        Returns:
            Monotonic seconds.
        """
        return self._monotonic()

    def send(self, request: requests.Request) -> requests.Response:
        """Send the request for a token.

        Args:
            request: The request.

        Returns:
            The response, whatever its status.

        Raises:
            MagentoError: If the address or the certificate is wrong.
            ShopUnavailableError: If there is no response.
        """
        return self._send(request, "login")

    def _renew(self, refused: str | None = None) -> None:
        """See that the token is neither about to expire nor the one that was just refused."""
        with self._lock:
            if self._token.text == refused or self._monotonic() >= self._token.renew_at:
                self._token = self._new_token()

    def _new_token(self) -> Token:
        if self._rejection is not None:
            raise self._rejection
        try:
            token = self.request_token()
        except MagentoError as error:
            self._rejection = error
            raise
        hide(token.text)
        return token
