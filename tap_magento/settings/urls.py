"""The shop's address, as people have it at hand."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit


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
        allow_http: Whether credentials may be sent in the clear to other machines.

    Returns:
        A sentence that does not repeat the address, which may hold a password; None if all is well.
    """
    try:
        parts = urlsplit(shop_root(url))
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"`{name}` is no address"
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", parts.netloc):
        return f"`{name}` is no http or https address"
    if parts.username is not None:
        return f"`{name}` must not hold a name or a password: a shop behind HTTP Basic must let `/rest` through without"
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        return f"`{name}` must begin with https, or credentials cross the network in the clear; `allow_http` permits it"
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
