"""The HTTP client without a tap, against any shop."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from typing_extensions import override

from tap_magento.auth import authenticator_for
from tap_magento.http.client import Client
from tap_magento.runtime.clock import Clock
from tap_magento.settings.schema import defaults
from tests.support.clock import FakeClock


def client_of(config: Mapping[str, Any], clock: Clock | None = None) -> Client:
    """Make a client as the tap does.

    Args:
        config: The settings that matter.
        clock: The clock of its waits.

    Returns:
        The client.
    """
    settings = {**defaults(), **config}
    clock = clock or FakeClock()
    return Client(
        settings,
        lambda client: authenticator_for(
            settings, root=client.address.root(), send=client.send_unsigned, monotonic=clock.monotonic
        ),
        clock,
    )


#: What a request had, by name.
Query = Mapping[str, str]
#: Makes a response: its status and what its JSON is.
Respond = Callable[[str, Query], tuple[int, Any]]


@dataclass
class ScriptedShop(BaseAdapter):
    """A shop of which a test says each response, in place of a network.

    Attributes:
        respond: Makes the response, given the path and the query.
        sent: The requests in their order.
    """

    respond: Respond
    sent: list[requests.PreparedRequest] = field(default_factory=list)

    @override
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        url = urlsplit(str(request.url))
        status, body = self.respond(url.path, dict(parse_qsl(url.query)))
        response = requests.Response()
        response.request, response.url = request, str(request.url)
        response.status_code, response.reason = status, HTTPStatus(status).phrase
        response.headers["Content-Type"] = "application/json; charset=utf-8"
        response.headers["Date"] = "Sat, 21 Nov 2026 12:00:00 GMT"
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return response

    @override
    def close(self) -> None:
        pass

    @property
    def queries(self) -> list[dict[str, str]]:
        """What was requested, in its order."""
        return [dict(parse_qsl(urlsplit(str(request.url)).query)) for request in self.sent]

    def client(self, clock: Clock | None = None, **config: Any) -> Client:
        """Make a client that reaches this shop.

        Args:
            clock: The clock of its waits.
            config: Settings that matter.

        Returns:
            The client.
        """
        client = client_of({"store_url": "https://shop.example.com", "access_token": "made-up", **config}, clock)
        client.session.mount("https://", self)
        return client
