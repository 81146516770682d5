"""The HTTP client: every request of a run is sent here.

It throttles, authenticates, sends, renews a refused token once, tells good responses from errors, and retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from http import HTTPStatus
from importlib.metadata import version
from threading import Event
from typing import Any, TypeVar

import requests

from tap_magento.exceptions import (
    MagentoError,
    MissingAccessError,
    PageSizeError,
    ShopFailedError,
    ShopUnavailableError,
    TokenRejectedError,
)
from tap_magento.http.address import ApiAddress
from tap_magento.http.errors import connection_error, error_in
from tap_magento.http.request import Exchange, Request, RequestAuthenticator, RequestCounter
from tap_magento.http.retry import Retries, RetryPolicy
from tap_magento.http.session import session_for
from tap_magento.http.throttle import Throttle
from tap_magento.reading.search import encode
from tap_magento.runtime.clock import Clock
from tap_magento.settings.urls import cleartext_proxy_problem, proxy_for

_logger = logging.getLogger("tap-magento")
_T = TypeVar("_T")


class Client:
    """Sends the requests of a run.

    Nothing is contacted before the first request, so that discovery needs no shop.

    Args:
        config: The tap's settings.
        clock: Tells the time and waits; tests pass one that does not wait.
        authenticator: Makes the authenticator, given this client.
    """

    def __init__(
        self, config: Mapping[str, Any], authenticator: Callable[[Client], RequestAuthenticator], clock: Clock
    ) -> None:
        self._config = config
        self._make_authenticator = authenticator
        self._clock = clock
        self._read_paths: set[str] = set()
        #: Whether the host has given a good response in this run.
        self.is_verified = False

    @cached_property
    def address(self) -> ApiAddress:
        """Where the API is."""
        return ApiAddress.of(self._config)

    @cached_property
    def authenticator(self) -> RequestAuthenticator:
        """Authenticates the requests of all threads."""
        return self._make_authenticator(self)

    @cached_property
    def throttle(self) -> Throttle:
        """Limits the rate and the concurrency of all requests."""
        return Throttle(
            self._config["max_concurrency"],
            self._config.get("requests_per_minute"),
            self._clock.monotonic,
            self._clock.condition(),
        )

    @cached_property
    def retry_policy(self) -> RetryPolicy:
        """How long and how often requests are retried."""
        return RetryPolicy(self._config["retry_timeout"])

    @cached_property
    def user_agent(self) -> str:
        """The ``User-Agent`` header."""
        return self._config.get("user_agent") or f"tap-magento/{_own_version()}"

    @cached_property
    def session(self) -> requests.Session:
        """The one HTTP session.

        Raises:
            MagentoError: If `ca_bundle`, `client_cert` or `client_key` cannot be used, or if credentials would pass a
                proxy of the environment unencrypted.
        """
        self._check_proxy("store_url", self.address.shop)
        if self.address.in_header:
            self._check_proxy("ims_token_url", self._config["ims_token_url"])
        headers = {"Accept": "application/json", "User-Agent": self.user_agent, **(self._config.get("headers") or {})}
        return session_for(self._config, headers, connections=self._config["max_concurrency"] + 1)

    def _check_proxy(self, name: str, url: str) -> None:
        proxy = proxy_for(url, self._config.get("proxy"))
        problem = cleartext_proxy_problem(name, url, proxy, allow_http=bool(self._config.get("allow_http")))
        if problem:
            raise MagentoError(problem)

    def send(self, request: Request, parse: Callable[[requests.Response], _T], policy: RetryPolicy | None = None) -> _T:
        """Send a request until there is a good response.

        Args:
            request: The request.
            parse: Makes a value of a good response; a `ShopUnavailableError` of it is retried as well.
            policy: How long and how often to retry, if not as the settings say.

        Returns:
            What `parse` made.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
        """
        return self.retrying(lambda: self.attempt(request, parse)[0], request.counter, policy)

    def attempt(
        self, request: Request, parse: Callable[[requests.Response], _T], cancelled: Event | None = None
    ) -> tuple[_T, float]:
        """Send a request once, and make a value of a good response.

        Args:
            request: The request.
            parse: Makes the value.
            cancelled: Ends a wait for the throttle.

        Returns:
            The value, and how many seconds the response took.

        Raises:
            MagentoError: If a person must act.
            ShopUnavailableError: If a retry may help.
        """
        sent = self._clock.monotonic()
        try:
            exchange = self.exchange(request, cancelled)
            sent = exchange.sent
            self._raise_for_error(exchange.response, request)
            value = parse(exchange.response)
        except ShopUnavailableError as error:
            if not isinstance(error, (PageSizeError, ShopFailedError, TokenRejectedError)):
                self.throttle.on_overload(sent, min(error.retry_after or 0.0, self.retry_policy.seconds))
            raise
        self.is_verified = True
        self._read_paths.add(request.path)
        self.throttle.on_success()
        return value, exchange.seconds

    def exchange(self, request: Request, cancelled: Event | None = None) -> Exchange:
        """Send a request once; after a 401 that may be mended by signing anew, a second time.

        Args:
            request: The request.
            cancelled: Ends a wait for the throttle.

        Returns:
            The response, whatever its status.

        Raises:
            MagentoError: If the address, the certificate or the credentials are wrong.
            ShopUnavailableError: If there is no response.
        """
        exchange = self._send_signed(request, cancelled)
        if exchange.response.status_code == HTTPStatus.UNAUTHORIZED and self.authenticator.retry_unauthorized(
            exchange.response, was_readable=request.path in self._read_paths
        ):
            exchange = self._send_signed(request, cancelled)
        return exchange

    def send_unsigned(self, request: requests.Request, about: str) -> requests.Response:
        """Send a request without the run's authentication: one for a token.

        Args:
            request: The request, with its whole address.
            about: What is requested, as a person calls it.

        Returns:
            The response, whatever its status.

        Raises:
            MagentoError: If the address or the certificate is wrong.
            ShopUnavailableError: If there is no response.
        """
        return self._transmit(self.session.prepare_request(request), about, None).response

    def retrying(
        self,
        function: Callable[[], _T],
        counter: RequestCounter | None = None,
        policy: RetryPolicy | None = None,
        cancelled: Event | None = None,
    ) -> _T:
        """Call a function until the shop is available.

        Args:
            function: Sends requests.
            counter: Counts the retries.
            policy: How long and how often to retry, if not as the settings say.
            cancelled: Ends the waits.

        Returns:
            What the function returns.

        Raises:
            ShopUnavailableError: The last error, once it is final.
            WaitCancelledError: If a wait was cancelled.
        """
        retries = Retries(policy or self.retry_policy, self._clock.monotonic, self._clock.jitter)
        while True:
            try:
                return function()
            except ShopUnavailableError as error:
                wait = retries.wait_after(error, verified=self.is_verified)
                if wait is None:
                    raise
                _logger.warning("%s. Retrying in %.0f s", error, wait)
            if counter is not None:
                counter.on_retry()
            self.throttle.pause(wait, cancelled)

    def _raise_for_error(self, response: requests.Response, request: Request) -> None:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            error = self.authenticator.unauthorized_error(response, request.about)
            if request.path in self._read_paths and isinstance(error, MissingAccessError):
                raise TokenRejectedError(
                    f"{request.about}: the shop rejects credentials (401) that it accepted before in this run, even "
                    "after a renewal: the token or its permission was revoked, or another login of the same account "
                    "invalidates it",
                    response,
                )
            raise error
        problem = error_in(response, request.about)
        if problem is not None:
            raise problem

    def _send_signed(self, request: Request, cancelled: Event | None) -> Exchange:
        self.authenticator.prepare()
        root = self.address.shop if request.at_shop else self.address.root(request.store_code)
        query = f"?{encode(request.params)}" if request.params else ""
        unsigned = requests.Request(
            request.method,
            f"{root}{request.path}",
            headers=self.address.headers(request.store_code),
            json=request.json,
        )
        prepared = self.session.prepare_request(unsigned)
        prepared.url = f"{prepared.url}{query}"  # it is quoted; `requests` would look at each character again
        exchange = self._transmit(prepared, request.about, cancelled, sign=self.authenticator.sign)
        if request.counter is not None:
            request.counter.on_response(len(exchange.response.content))
        self.authenticator.on_response(exchange.response)
        return exchange

    def _transmit(
        self,
        prepared: requests.PreparedRequest,
        about: str,
        cancelled: Event | None,
        sign: Callable[[requests.PreparedRequest], None] = lambda _: None,
    ) -> Exchange:
        with self.throttle.acquire(cancelled) as sent:
            sign(prepared)
            try:
                # Credentials must not follow a redirect.
                response = self.session.send(prepared, timeout=self._timeout, allow_redirects=False)
            except requests.RequestException as error:
                raise connection_error(error, str(prepared.url), about) from None
            return Exchange(response, sent, self._clock.monotonic() - sent)

    @cached_property
    def _timeout(self) -> tuple[float, float]:
        """Seconds to wait for a connection, and between two pieces of a response."""
        return float(self._config["connect_timeout"]), float(self._config["request_timeout"])


@cache
def _own_version() -> str:
    return version("tap-magento")
