"""What all streams of a run share: the shop's address, one HTTP session, one authenticator."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import requests

from tap_magento.auth import Authenticator, authenticator_for
from tap_magento.http.errors import connection_error, error_in
from tap_magento.http.retry import RetryPolicy
from tap_magento.http.session import session_for
from tap_magento.http.throttle import Throttle
from tap_magento.reading.search import encode
from tap_magento.runtime.progress import Progress
from tap_magento.runtime.redaction import hide
from tap_magento.runtime.shutdown import Shutdown
from tap_magento.runtime.unavailable import UnavailableStreams
from tap_magento.settings.schema import secrets_in
from tap_magento.settings.urls import shop_root
from tap_magento.settings.validation import auth_method


class Connection:
    """The shop as a run reaches it.

    Nothing is contacted before the first request, so that discovery needs no shop.

    Args:
        config: The tap's settings.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        hide(*secrets_in(config))
        self.shutdown = Shutdown()
        self.progress = Progress(logging.getLogger("tap-magento"))
        self.unavailable = UnavailableStreams(fatal=config.get("on_missing_access") != "skip")
        #: Whether the shop has given a good answer in this run.
        self.is_known = False

    @cached_property
    def shop(self) -> str:
        """Address of the shop, for example ``https://shop.example.com``."""
        return shop_root(self._config["store_url"])

    @cached_property
    def root(self) -> str:
        """Address of the API in the chosen store view, for example ``https://shop.example.com/rest/all``.

        Adobe's cloud service has the store view in a header instead (SOURCE_FACTS.md 4.5).
        """
        return self.shop if self._is_saas else f"{self.shop}/rest/{self._config['store_code']}"

    @cached_property
    def timeout(self) -> int:
        """Seconds to wait for an answer to begin or to go on."""
        return int(self._config["request_timeout"])

    @cached_property
    def throttle(self) -> Throttle:
        """How fast the shop is asked."""
        return Throttle(self._config["max_concurrency"], self._config.get("requests_per_minute"))

    @cached_property
    def retry_policy(self) -> RetryPolicy:
        """How much is tried before an error is final."""
        return RetryPolicy(self._config["retry_timeout"])

    @cached_property
    def user_agent(self) -> str:
        """The ``User-Agent`` header."""
        return self._config.get("user_agent") or f"tap-magento/{version('tap-magento')}"

    @cached_property
    def session(self) -> requests.Session:
        """The one HTTP session.

        Raises:
            MagentoError: If `ca_bundle`, `client_cert` or `client_key` cannot be used.
        """
        headers = {"Accept": "application/json", "User-Agent": self.user_agent, **self._config.get("headers", {})}
        if self._is_saas:
            headers["Store"] = self._config["store_code"]
        return session_for(self._config, headers, connections=self._config["max_concurrency"] + 1)

    @cached_property
    def authenticator(self) -> Authenticator:
        """Who the tap is to the shop; one for all streams and threads."""
        return authenticator_for(self._config, root=self.root, session=self.session, timeout=self.timeout)

    def root_of(self, store_code: str) -> str:
        """Find the address of the API in another store view.

        Args:
            store_code: Its code.

        Returns:
            As `root`; of Adobe's cloud service the same for all, with `scope_headers` to tell them apart.
        """
        return self.shop if self._is_saas else f"{self.shop}/rest/{store_code}"

    def scope_headers(self, store_code: str) -> dict[str, str]:
        """Give the headers that choose a store view where the address does not.

        Args:
            store_code: Its code.

        Returns:
            The headers; none but for Adobe's cloud service.
        """
        return {"Store": store_code} if self._is_saas else {}

    def get(self, path: str, params: Mapping[str, str], about: str, store_code: str | None = None) -> requests.Response:
        """Ask the shop once, outside of a stream.

        Args:
            path: Path below the API's root, for example ``/V1/modules``.
            params: Query parameters.
            about: What is asked for, as a person calls it.
            store_code: The store view to ask in, if not the one of the settings.

        Returns:
            A good answer of JSON.

        Raises:
            MagentoError: If a person must mend something.
            ShopUnavailableError: If asking again later may help.
        """
        scope = store_code or self._config["store_code"]
        url = f"{self.root_of(scope)}{path}?{encode(params)}"
        response = self.send(url, about, self.scope_headers(scope))
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise self.authenticator.unauthorized_error(response, about)
        problem = error_in(response, about)
        if problem is not None:
            raise problem
        self.is_known = True
        return response

    def send(self, url: str, about: str = "", headers: Mapping[str, str] | None = None) -> requests.Response:
        """Send one request.

        Args:
            url: The address to ask.
            about: What is asked for, as a person calls it.
            headers: Headers beside those of every request.

        Returns:
            The answer, whatever its status.

        Raises:
            MagentoError: If the address or the certificate is wrong.
            ShopUnavailableError: If there is no answer.
        """
        request = requests.Request("GET", url, auth=self.authenticator, headers=headers)
        try:
            prepared = self.session.prepare_request(request)
            return self.session.send(prepared, timeout=self.timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise connection_error(error, url, about) from None

    @property
    def _is_saas(self) -> bool:
        return auth_method(self._config) == "ims"
