"""What all streams of a run share: the shop's address, one HTTP session, one authenticator."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tap_magento.auth import BearerAuthenticator, MagentoAuthenticator
from tap_magento.errors import MagentoError


def shop_root(store_url: str) -> str:
    """Find the address that `/rest` is appended to.

    Args:
        store_url: What people have at hand: a host, a storefront's address, or an address of the API.

    Returns:
        Scheme, host and path, without a slash at the end. A path ending in ``index.php`` is kept: shops without
        URL rewriting need it.
    """
    address = store_url.strip()
    if "://" not in address:
        address = f"https://{address}"
    address = re.split(r"[?#]", address)[0]
    return re.sub(r"/rest(/.*)?$", "", address.rstrip("/")).rstrip("/")


class Connection:
    """The shop as a run reaches it.

    Nothing is contacted before the first request, so that discovery needs no shop.

    Args:
        config: The tap's settings.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config

    @cached_property
    def root(self) -> str:
        """Address of the API in the chosen store view, for example ``https://shop.example.com/rest/all``."""
        return f"{shop_root(self._config['store_url'])}/rest/{self._config['store_code']}"

    @cached_property
    def timeout(self) -> int:
        """Seconds to wait for an answer to begin or to go on."""
        return int(self._config["request_timeout"])

    @cached_property
    def user_agent(self) -> str:
        """The ``User-Agent`` header."""
        return self._config.get("user_agent") or f"tap-magento/{version('tap-magento')}"

    @cached_property
    def session(self) -> requests.Session:
        """The one HTTP session.

        It keeps no cookies: every answer sets a PHPSESSID, and a shop whose sessions lock would answer one
        request at a time (MEASURED.md (d2)).

        Raises:
            MagentoError: If `ca_bundle` cannot be used.
        """
        session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update({"Accept": "application/json", "User-Agent": self.user_agent})
        session.verify = self._trusted()
        adapter = HTTPAdapter(pool_maxsize=16)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    @cached_property
    def authenticator(self) -> BearerAuthenticator:
        """Who the tap is to the shop; one for all streams and threads."""
        if self._config.get("access_token"):
            return BearerAuthenticator(self._config["access_token"])
        return MagentoAuthenticator(
            f"{self.root}/V1/integration/admin/token",
            username=self._config["username"],
            password=self._config["password"],
            session=self.session,
            timeout=self.timeout,
        )

    def _trusted(self) -> bool | str:
        bundle = self._config.get("ca_bundle")
        if bundle is None:
            return bool(self._config["verify_ssl"])
        try:
            ssl.create_default_context(cafile=bundle)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no PEM file of certificates"
            raise MagentoError(f"`ca_bundle` {bundle} cannot be read: {reason}") from None
        return str(bundle)
