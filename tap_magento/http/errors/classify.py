"""From an answer to the error it is."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import requests

from tap_magento.exceptions import MagentoError, PageSizeError, ShopUnavailableError, UnverifiedHostError
from tap_magento.http.errors.body import is_json, kind_of, message_of, parameters_of
from tap_magento.http.errors.cdn_waf import FRONTS
from tap_magento.http.errors.magento import MAGENTO, SERVERS


def error_in(response: requests.Response, about: str = "") -> MagentoError | ShopUnavailableError | None:
    """Tell what is wrong with an answer.

    Args:
        response: An answer to a request for JSON. Magento's own 401s are the authenticator's to explain.
        about: What was asked for, as a person calls it: a stream's name. Without it, the path stands for it.

    Returns:
        The error to raise, or None if the answer has the status and type of a good one.
    """
    status = response.status_code
    if status == HTTPStatus.OK and is_json(response):
        return None
    before = f"{about or urlsplit(response.url).path}: "
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _redirect(response, before)
    maximum = parameters_of(response).get("max")
    if status == HTTPStatus.BAD_REQUEST and "pageSize" in message_of(response) and isinstance(maximum, int):
        return PageSizeError(maximum, response)
    own = MAGENTO if status >= HTTPStatus.BAD_REQUEST else ()
    for sign in (*FRONTS, *SERVERS, *own):
        if sign.matches(response):
            return sign.error(response, before)
    return _unknown(response, before)


def _redirect(response: requests.Response, before: str) -> MagentoError:
    """Tell where the shop is, if the redirect leads to the same path somewhere else."""
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    asked = urlsplit(response.url)
    start = asked.path.find("/rest/") if "/rest/" in asked.path else asked.path.find("/V1/")
    path = target.path.rstrip("/")
    if start >= 0 and path.endswith(asked.path[start:].rstrip("/")):
        root = f"{target.scheme}://{target.netloc}{path[: len(path) - len(asked.path[start:].rstrip('/'))]}"
        return MagentoError(
            f"{before}the shop redirects to {root}: set `store_url` to that address (credentials are not sent along "
            "a redirect)"
        )
    return MagentoError(
        f"{before}the shop redirects to {target.scheme}://{target.netloc}{target.path}, which is no address of its "
        "API: correct `store_url`, or take away the login page or the redirect that stands before `/rest`"
    )


def _unknown(response: requests.Response, before: str) -> MagentoError | ShopUnavailableError:
    status, kind, message = response.status_code, kind_of(response), message_of(response)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return UnverifiedHostError(
            f"{before}the answer is {kind} instead of JSON: check that `store_url` is the shop's own address, and "
            "that no firewall or login page stands before it",
            response,
        )
    said = f": {message}" if message else f" and {kind}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ShopUnavailableError(f"{before}the shop failed with {status}{said}", response)
    return MagentoError(f"{before}the shop refused the request with {status}{said}")
