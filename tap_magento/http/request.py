"""A request to the shop, its response, and what the client needs to authenticate and count them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import requests


class RequestCounter(Protocol):
    """Counts requests, from several threads."""

    def on_response(self, size: int) -> None:
        """Count a response and its bytes, decompressed."""

    def on_retry(self) -> None:
        """Count a retry."""


class RequestAuthenticator(Protocol):
    """Authenticates requests; see `tap_magento.auth.base.Authenticator`."""

    accepted: bool

    def prepare(self) -> None:
        """See that there are credentials to sign with; may send a request of its own."""

    def sign(self, request: requests.PreparedRequest) -> None:
        """Sign a request."""

    def retry_unauthorized(self, response: requests.Response, *, was_readable: bool) -> bool:
        """Do what may help against a 401, and tell whether the request is worth sending again."""

    def unauthorized_error(self, response: requests.Response, about: str) -> Exception:
        """Explain a 401."""

    def on_response(self, response: requests.Response) -> None:
        """Learn from a response."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the shop's API.

    Attributes:
        path: Path below the API's root, for example ``/V1/orders``.
        about: What is requested, as a person calls it: a stream's name.
        params: Query parameters.
        method: The HTTP method.
        json: The body, to be encoded as JSON.
        store_code: The store view to read in, if not the one of the settings.
        counter: Counts this request.
        at_shop: Whether the path is below the shop's address instead of the API's root.
    """

    path: str
    about: str
    params: Mapping[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    json: Any = None
    store_code: str | None = None
    counter: RequestCounter | None = None
    at_shop: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that got a response, whatever its status.

    Attributes:
        response: The response.
        sent: When the request was sent, by the monotonic clock.
        seconds: How long the response took, with its body.
    """

    response: requests.Response
    sent: float
    seconds: float
