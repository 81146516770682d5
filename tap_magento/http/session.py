"""The HTTP session: what is sent with every request, whom to trust, and through what to go."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies
from typing_extensions import override

from tap_magento.exceptions import MagentoError
from tap_magento.http.transport import BoundedAdapter

_MAX_RESPONSE_BYTES = 2**28


class _Session(requests.Session):
    """Looks up the proxy of each address that it sends to.

    It follows no redirect, credentials must not, nor looks where one leads: `requests` fails on malformed addresses.

    Args:
        proxy: The proxy of all addresses; without it the environment says which has which.
    """

    def __init__(self, proxy: str | None) -> None:
        super().__init__()
        self._proxy = proxy
        self._proxies: dict[str, dict[str, str]] = {}

    @override
    def get_redirect_target(self, resp: requests.Response) -> None:
        return None

    @override
    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        return super().send(request, **{**kwargs, "proxies": self._proxies_for(str(request.url))})

    def _proxies_for(self, url: str) -> dict[str, str]:
        if self._proxy:
            return {"http": self._proxy, "https": self._proxy}
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if origin not in self._proxies:  # the look through the environment takes as long as a small response
            self._proxies[origin] = get_environ_proxies(origin)
        return self._proxies[origin]


def session_for(config: Mapping[str, Any], headers: Mapping[str, str], connections: int) -> requests.Session:
    """Make the session of a run.

    It keeps no cookies: every response sets a PHPSESSID, and a shop whose sessions lock would serve one request at a
    time (docs/MAGENTO.md). Without `proxy` it takes the environment's proxy for each address.

    Args:
        config: The tap's settings, checked.
        headers: Headers of every request.
        connections: How many connections to keep.

    Returns:
        The session.

    Raises:
        MagentoError: If `ca_bundle`, `client_cert` or `client_key` cannot be used.
    """
    session = _Session(config.get("proxy"))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(headers)
    session.verify = _trusted(config)
    session.cert = _certificate(config)
    # Else a `.netrc` would sign the requests for tokens.
    session.trust_env = False
    adapter = BoundedAdapter(
        maximum=config.get("max_response_bytes", _MAX_RESPONSE_BYTES),
        connections=connections,
    )
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _trusted(config: Mapping[str, Any]) -> bool | str:
    bundle = config.get("ca_bundle")
    if not bundle:
        return bool(config["verify_ssl"])
    try:
        ssl.create_default_context(cafile=bundle)
    except (OSError, ValueError) as error:
        raise _unreadable("ca_bundle", bundle, error, "a PEM file of certificates") from None
    return str(bundle)


def _certificate(config: Mapping[str, Any]) -> str | tuple[str, str] | None:
    certificate, key = config.get("client_cert"), config.get("client_key")
    if not certificate:
        return None
    for name in ("client_cert", "client_key"):
        if config.get(name):
            try:
                Path(config[name]).read_bytes()
            except OSError as error:
                raise _unreadable(name, config[name], error, "") from None
    try:
        # An empty password keeps OpenSSL from asking for one at the terminal.
        ssl.create_default_context().load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise _unreadable(
            "client_cert", certificate, error, "a PEM file of a certificate with its key, unencrypted"
        ) from None
    return (str(certificate), str(key)) if key else str(certificate)


def _unreadable(setting: str, path: str, error: Exception, wanted: str) -> MagentoError:
    """Name the file that cannot be used; OpenSSL's own errors have no reason that a person would understand."""
    reason = f"it is not {wanted}" if isinstance(error, (ssl.SSLError, ValueError)) else error.strerror  # type: ignore[attr-defined]
    return MagentoError(f"`{setting}` {path} cannot be read: {reason}")
