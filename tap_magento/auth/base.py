"""What all authentication methods have in common: requests are signed, and a refused one may be signed anew, once."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from typing_extensions import override

from tap_magento.http.acl import place_of
from tap_magento.http.errors import (
    MagentoError,
    MissingAccessError,
    ShopUnavailableError,
    error_in,
    resources_of,
)

# Endpoints without authentication (docs/MAGENTO.md): a good response says nothing of the credentials.
_PUBLIC = re.compile(
    r"/magento_version$|/schema$|/V1/(directory|search|products-render-info|inventory/in-store-pickup)\b"
)


class Authenticator(requests.auth.AuthBase, ABC):
    """Signs requests. One serves all streams and threads of a run."""

    def __init__(self) -> None:
        #: Whether the shop has accepted these credentials in this run.
        self.accepted = False

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        self.sign(r)
        return r

    def prepare(self) -> None:
        """See that there are credentials to sign with.

        Most methods have them from the settings. It may send a request of its own, so it is called before the request
        that is signed takes its place in the throttle.

        Raises:
            MagentoError: If the credentials are rejected.
            ShopUnavailableError: If a token cannot be had now.
        """

    @abstractmethod
    def sign(self, request: requests.PreparedRequest) -> None:
        """Sign a request, anew if it has been signed before.

        Args:
            request: The request, complete but for the signature.
        """

    def retry_unauthorized(self, response: requests.Response, *, was_readable: bool) -> bool:  # noqa: ARG002  most cannot
        """Do what may help against a 401.

        Args:
            response: The 401.
            was_readable: Whether the same path could be read before in this run.

        Returns:
            Whether the request, signed anew, is worth sending again.
        """
        return False

    def unauthorized_error(self, response: requests.Response, about: str = "") -> MagentoError | ShopUnavailableError:
        """Explain a 401.

        Args:
            response: The response.
            about: What was requested: a stream's name.

        Returns:
            The error to raise.
        """
        resource = resources_of(response)
        if resource is None:
            return self.other_unauthorized_error(response, about)
        before = f"{about}: " if about else ""
        advice = self.missing_permission(response, place_of(resource))
        return MissingAccessError(f"{before}{advice}", resource)

    @abstractmethod
    def missing_permission(self, response: requests.Response, place: str) -> str:
        """Say what to do about a resource that was refused.

        Args:
            response: The 401.
            place: The resource and where it is granted.

        Returns:
            A sentence.
        """

    def other_unauthorized_error(self, response: requests.Response, about: str) -> MagentoError | ShopUnavailableError:
        """Explain a 401 that does not name a resource, so is none of Magento's usual ones.

        Args:
            response: The 401.
            about: What was requested.

        Returns:
            The error to raise.
        """
        error = error_in(response, about)
        return error or MagentoError(f"{about}: the shop refused the request with 401")

    def on_response(self, response: requests.Response) -> None:
        """Learn from a response.

        Args:
            response: The response to a signed request, whatever its status.
        """
        if response.status_code == HTTPStatus.OK and not _PUBLIC.search(urlsplit(response.url).path):
            self.accepted = True
