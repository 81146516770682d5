"""The addresses in the settings, as people have them at hand and as the HTTP library reads them."""

from __future__ import annotations

import ipaddress
import re

from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

# A host as it is sent, with labels that name resolution can take: a `%5c` in it is a backslash to another parser.
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?|\[[0-9a-f:.]+(?:%[a-z0-9_.-]+)?\]")


def shop_root(store_url: str) -> str:
    """Find the address that ``/rest``, or with Adobe's cloud service ``/V1``, is appended to.

    Args:
        store_url: A host, a storefront's address, or an address of the API.

    Returns:
        Scheme, host and path, without a slash at the end. A path ending in ``index.php`` is kept: shops without
        URL rewriting need it.
    """
    address = store_url.strip()
    if "://" not in address:
        address = f"https://{address}"
    address = re.split(r"[?#]", address)[0]
    return re.sub(r"/(rest|V1)(/.*)?$", "", address.rstrip("/")).rstrip("/")


def address_problem(name: str, url: str, *, allow_http: bool) -> str | None:
    """Tell what is wrong with an address in the settings.

    Args:
        name: The setting.
        url: Its value.
        allow_http: Whether credentials may be sent unencrypted to other machines.

    Returns:
        A sentence that does not repeat the address, which may hold a password; None if all is well.
    """
    parts = _parsed(shop_root(url))
    if parts is None:
        return f"`{name}` is not a valid http or https URL"
    if parts.auth is not None:
        return (
            f"`{name}` must not contain a user name or password: a shop behind HTTP Basic authentication must let "
            "`/rest` through without it"
        )
    if parts.scheme == "http" and not allow_http and not _is_loopback(parts):
        return f"`{name}` must begin with https, or credentials travel unencrypted; `allow_http: true` permits it"
    return None


def proxy_problem(name: str, url: str) -> str | None:
    """Tell what is wrong with a proxy's address.

    Args:
        name: The setting.
        url: Its value.

    Returns:
        A sentence that does not repeat the address, which may hold a password; None if all is well.
    """
    return None if _proxy(url) else f"`{name}` is not a valid http or https URL of a proxy"


def proxy_for(url: str, setting: str | None) -> str | None:
    """Find the proxy that requests to an address go through.

    Args:
        url: The address.
        setting: The setting `proxy`; without it the environment's variables decide.

    Returns:
        The proxy's address, or None if the requests go there directly.
    """
    return setting or select_proxy(url, get_environ_proxies(url))


def cleartext_proxy_problem(name: str, url: str, proxy: str | None, *, allow_http: bool) -> str | None:
    """Tell whether credentials for this machine would leave it unencrypted, by way of a proxy.

    Args:
        name: The setting that holds the address.
        url: Its value, with a scheme.
        proxy: The proxy's address, as `proxy_for` finds it.
        allow_http: Whether credentials may be sent unencrypted to other machines.

    Returns:
        A sentence that does not repeat the addresses; None if all is well.
    """
    if not proxy or allow_http:
        return None
    target, through = _parsed(url), _proxy(proxy)
    if target is None or target.scheme == "https" or (through is not None and _is_loopback(through)):
        return None
    return (
        f"`{name}` begins with http, and a proxy on another machine would see the credentials: connect without the "
        "proxy (NO_PROXY), use https, or permit it by `allow_http: true`"
    )


def _proxy(url: str) -> Url | None:
    address = url.strip()
    return _parsed(address if "://" in address else f"http://{address}")


def _parsed(address: str) -> Url | None:
    """Read an address as the library that sends does; another parser may see another host in it."""
    if not address.isprintable() or re.search(r"[\s\\]", address):
        return None
    try:
        parts = parse_url(address)
    except LocationParseError:
        return None
    return parts if parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.host or "") else None


def _is_loopback(parts: Url) -> bool:
    host = (parts.host or "").strip("[]")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
