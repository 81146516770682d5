"""From a response to the error it is."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from tap_magento.exceptions import (
    MagentoError,
    NotFoundError,
    PageSizeError,
    RejectedRequestError,
    ShopUnavailableError,
    UnexpectedResponseError,
)
from tap_magento.http.errors.body import is_json, kind_of, message_of, one_line, page_limit_of, parameters_of
from tap_magento.http.errors.cdn_waf import CDN_WAF
from tap_magento.http.errors.magento import MAGENTO, SERVERS
from tap_magento.http.json_body import has_json


def error_in(response: requests.Response, about: str = "") -> MagentoError | ShopUnavailableError | None:
    """Tell what is wrong with a response.

    Args:
        response: A response to a request for JSON. Magento's own 401s are the authenticator's to explain.
        about: What was requested, as a person calls it: a stream's name. Without it, the path stands for it.

    Returns:
        The error to raise, or None if the response has the status and type of a good one.
    """
    status = response.status_code
    before = before_error(response, about)
    if status == HTTPStatus.OK and (is_json(response) or has_json(response)):
        return None
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _redirect(response, before)
    own = MAGENTO if status >= HTTPStatus.BAD_REQUEST else ()
    for rule in (*CDN_WAF, *SERVERS, *own):
        if rule.matches(response):
            return rule.error(response, before)
    if status == HTTPStatus.BAD_REQUEST and (maximum := page_limit_of(response)) is not None:
        return PageSizeError(maximum, response)
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND} and is_json(response):
        return _rejected(response, before)
    return _unknown(response, before)


def before_error(response: requests.Response, about: str) -> str:
    """Say what an error's line begins with.

    Args:
        response: The response that it is about.
        about: What was requested, as a person calls it.

    Returns:
        Its beginning: what was requested, or else the path.
    """
    return f"{about or urlsplit(response.url).path}: "


def _redirect(response: requests.Response, before: str) -> MagentoError:
    """Tell where the shop is, if the redirect leads to the same path somewhere else."""
    location = response.headers.get("Location", "")
    if not location:
        return MagentoError(
            f"{before}the shop redirects ({response.status_code}) without saying where: correct `store_url`, or remove "
            "the redirect that stands before `/rest`"
        )
    try:
        target = urlsplit(urljoin(response.url, location))
        origin = _origin(target)
    except ValueError:
        return MagentoError(
            f"{before}the shop redirects to an invalid address: correct `store_url`, or fix the redirect at the shop"
        )
    asked = urlsplit(response.url)
    start = asked.path.find("/rest/") if "/rest/" in asked.path else asked.path.find("/V1/")
    path = target.path.rstrip("/")
    if start >= 0 and path.endswith(asked.path[start:].rstrip("/")):
        root = one_line(f"{origin}{path[: len(path) - len(asked.path[start:].rstrip('/'))]}")
        return MagentoError(
            f"{before}the shop redirects to {root}: set `store_url` to that address (credentials are not sent along "
            "a redirect)"
        )
    return MagentoError(
        f"{before}the shop redirects to {one_line(f'{origin}{target.path}')}, which is not an address of its "
        "API: correct `store_url`, or remove the login page or the redirect that stands before `/rest`"
    )


def _origin(url: SplitResult) -> str:
    """Give scheme, host and port of an address, without the name and password it may hold."""
    host = url.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}:{url.port}" if url.port else f"{url.scheme}://{host}"


def _rejected(response: requests.Response, before: str) -> MagentoError | ShopUnavailableError:
    """Explain a 400 or 404 of Magento that no rule knows."""
    message = message_of(response)
    said = f": {message}" if message else ""
    if response.status_code == HTTPStatus.BAD_REQUEST:
        return RejectedRequestError(f"{before}the shop rejected the request with 400{said}", response)
    if parameters_of(response):
        return RejectedRequestError(f"{before}Magento found nothing{said}", response)
    return NotFoundError(
        f"{before}the shop responded with 404{said}: if its edition or version lacks the module, deselect the stream"
    )


def _unknown(response: requests.Response, before: str) -> MagentoError | ShopUnavailableError:
    status, kind, message = response.status_code, kind_of(response), message_of(response)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        what = f"is {kind} instead of JSON" if response.content.strip() else f"is empty ({status})"
        return UnexpectedResponseError(
            f"{before}the response {what}: check that `store_url` is the shop's own address, and that no firewall or "
            "login page stands before it; if other requests succeed, see the shop's `var/log`",
            response,
        )
    said = f": {message}" if message else f" and {kind}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ShopUnavailableError(f"{before}the shop failed with {status}{said}", response)
    return MagentoError(f"{before}the shop rejected the request with {status}{said}")
