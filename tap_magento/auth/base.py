"""What all ways in have in common: requests are signed, and a refused one may be signed anew, once."""

from __future__ import annotations

import re
import time
from abc import ABC, abstractmethod
from datetime import timedelta
from http import HTTPStatus
from typing import Any
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

# What the shop tells everybody (get_endpoints.csv; MEASURED.md (e)): a good answer says nothing of the credentials.
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
        # The SDK signs a request when it is prepared and again when it is sent.
        if self._look_at not in r.hooks["response"]:
            r.hooks["response"].append(self._look_at)
        return r

    @abstractmethod
    def sign(self, request: requests.PreparedRequest) -> None:
        """Sign a request, anew if it has been signed before.

        Args:
            request: The request, complete but for the signature.

        Raises:
            MagentoError: If the credentials are refused.
            ShopUnavailableError: If a token cannot be had now.
        """

    def mend(self, response: requests.Response) -> bool:  # noqa: ARG002  most ways in cannot
        """Do what may help against a 401.

        Args:
            response: The 401.

        Returns:
            Whether the request, signed anew, is worth sending again.
        """
        return False

    def unauthorized_error(self, response: requests.Response, about: str = "") -> MagentoError | ShopUnavailableError:
        """Explain a 401.

        Args:
            response: The answer.
            about: What was asked for: a stream's name.

        Returns:
            The error to raise.
        """
        resource = resources_of(response)
        if resource is None:
            return self.other_unauthorized_error(response, about)
        before = f"{about}: " if about else ""
        return MissingAccessError(f"{before}{self.missing_permission(response, place_of(resource))}", resource)

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
            about: What was asked for.

        Returns:
            The error to raise.
        """
        error = error_in(response, about)
        return error or MagentoError(f"{about}: the shop refused the request with 401")

    def _look_at(self, response: requests.Response, **kwargs: Any) -> requests.Response:
        self._note(response)
        if response.status_code != HTTPStatus.UNAUTHORIZED or not self.mend(response):
            return response
        response.content  # noqa: B018  read it, so that the connection can be used again
        response.close()
        again = response.request.copy()
        self.sign(again)
        started = time.monotonic()
        repeated: requests.Response = response.connection.send(again, **kwargs)
        # What `Session.send` does for a first answer.
        repeated.elapsed = timedelta(seconds=time.monotonic() - started)
        repeated.history.append(response)
        repeated.request = again
        self._note(repeated)
        return repeated

    def _note(self, response: requests.Response) -> None:
        if response.status_code == HTTPStatus.OK and not _PUBLIC.search(urlsplit(response.url).path):
            self.accepted = True
