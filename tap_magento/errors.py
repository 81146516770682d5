"""What a shop's answer means, in one line a person can act on.

Magento's errors come as JSON in three shapes, as plain text or as HTML (MEASURED.md (g)); what stands before it, a
web server or a firewall, has its own. Bodies are never repeated whole: they can hold customers' data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from singer_sdk.exceptions import FatalAPIError, RetriableAPIError

from tap_magento.reading.page import UnreadableRowsError
from tap_magento.times import from_http_date

_MESSAGE_LENGTH = 300


class MagentoError(FatalAPIError):
    """Something that a person must mend; its text is one line for them."""


class ShopUnavailableError(RetriableAPIError):
    """The shop cannot answer now; asking again later, or for less, may help."""

    @property
    def retry_after(self) -> float | None:
        """Seconds that the shop asked to wait (``Retry-After``, as seconds or a date); None if it did not."""
        headers = {} if self.response is None else self.response.headers
        value = headers.get("Retry-After", "").strip()
        if value.isdigit():
            return float(value)
        date, now = from_http_date(value), from_http_date(headers.get("Date")) or datetime.now(timezone.utc)
        return None if date is None else max(0.0, (date - now).total_seconds())


class ShopFailedError(ShopUnavailableError, UnreadableRowsError):
    """Magento itself failed while it answered: on a corrupt row, or out of memory (MEASURED.md (b), (g))."""


class PageSizeError(ShopUnavailableError):
    """The shop serves no page as large as that one (MEASURED.md (b2)).

    Attributes:
        maximum: The largest page it serves, in rows.
    """

    def __init__(self, maximum: int, response: requests.Response) -> None:
        super().__init__(f"the shop serves at most {maximum} rows a page", response)
        self.maximum = maximum


def error_in(  # noqa: PLR0911  one return for each kind of answer
    response: requests.Response,
) -> MagentoError | ShopUnavailableError | None:
    """Tell what is wrong with an answer.

    Args:
        response: An answer to a request for JSON. Its 401s are the authenticator's to explain.

    Returns:
        The error to raise, or None if the answer has the status and type of a good one.
    """
    status = response.status_code
    where = urlsplit(response.url).path
    if status == HTTPStatus.OK:
        if is_json(response):
            return None
        return ShopUnavailableError(
            f"{where} answered {_kind(response)} instead of JSON: check that `store_url` is the shop's own "
            "address, and that no firewall or login page stands before it",
            response,
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        target = urljoin(response.url, response.headers.get("Location", ""))
        return MagentoError(
            f"the shop redirects {where} to {_without_rest(target)}: set `store_url` to that address "
            "(credentials are not sent along a redirect)"
        )
    message = message_of(response)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return ShopUnavailableError(
            "the shop is unavailable (503), in maintenance or overloaded: try again when it is back", response
        )
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and is_json(response):
        return ShopFailedError(f"the shop failed at {where}: {message}", response)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        said = f": {message}" if message else ""
        return ShopUnavailableError(f"the shop failed at {where} with {status}{said}", response)
    maximum = parameters_of(response).get("max")
    if status == HTTPStatus.BAD_REQUEST and "pageSize" in message and isinstance(maximum, int):
        return PageSizeError(maximum, response)
    if status == HTTPStatus.BAD_REQUEST and message == "Specified request cannot be processed.":
        return MagentoError(
            f"the shop knows no store view of the code in {where}: correct `store_code`, or leave it out"
        )
    if status == HTTPStatus.NOT_FOUND:
        reason = f": {message}" if message else f" ({_kind(response)})"
        return MagentoError(
            f"{where} was not found{reason}. Check `store_url`; if other streams work, the shop lacks the module "
            "of this one: deselect it"
        )
    said = f": {message}" if message else f" and {_kind(response)}"
    return MagentoError(f"the shop refused {where} with {status}{said}")


def connection_error(error: requests.RequestException, url: str) -> MagentoError | ShopUnavailableError:
    """Tell what is wrong when there is no answer.

    Args:
        error: What `requests` raised.
        url: The address asked.

    Returns:
        The error to raise instead.
    """
    host = urlsplit(url).netloc
    if isinstance(error, requests.exceptions.SSLError):
        return MagentoError(
            f"the certificate of {host} cannot be verified ({_innermost(error)}): mend it, or point `ca_bundle` "
            "to the authority that signed it"
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return MagentoError(f"{host or url} is no address of a shop: correct `store_url`")
    if isinstance(error, requests.exceptions.ProxyError):
        return ShopUnavailableError(f"the proxy before {host} cannot be used ({_innermost(error)})")
    if isinstance(error, requests.exceptions.Timeout):
        return ShopUnavailableError(f"{host} did not answer in time: raise `request_timeout` or lower `page_size`")
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return ShopUnavailableError(f"the answer of {host} broke off ({_innermost(error)})")
    return ShopUnavailableError(
        f"{host} cannot be reached ({_innermost(error)}): check `store_url`, the network and the firewall"
    )


def is_json(response: requests.Response) -> bool:
    """Tell whether an answer says that it is JSON.

    Args:
        response: Any answer.

    Returns:
        Whether its content type is JSON.
    """
    return "json" in response.headers.get("Content-Type", "")


def message_of(response: requests.Response) -> str:
    """Find the shop's own words in an error's body.

    Args:
        response: An answer that is not 200.

    Returns:
        The message with its placeholders filled in (``%1``, ``%fieldName``), cut to a line; empty if the body is
        HTML or has none.
    """
    if not is_json(response):
        text = response.text.strip()
        return "" if text.startswith("<") else _one_line(text)
    try:
        body = json.loads(response.content)
    except ValueError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    if isinstance(body.get("message"), str):
        return _one_line(_fill(body["message"], body.get("parameters")))
    messages = body.get("messages")
    errors = messages.get("error") if isinstance(messages, Mapping) else None
    texts = [str(error.get("message", "")) for error in errors or () if isinstance(error, Mapping)]
    return _one_line("; ".join(texts))


def parameters_of(response: requests.Response) -> Mapping[str, Any]:
    """Find the parameters of an error's message.

    Args:
        response: An answer that is not 200.

    Returns:
        The parameters by name; a list's by their place, from ``"1"``. Empty if there are none.
    """
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return _by_name(body.get("parameters")) if isinstance(body, Mapping) else {}


def _by_name(parameters: object) -> Mapping[str, Any]:
    if isinstance(parameters, Mapping):
        return parameters
    if isinstance(parameters, list):
        return {str(place): value for place, value in enumerate(parameters, start=1)}
    return {}


def _fill(message: str, parameters: object) -> str:
    values = _by_name(parameters)
    return re.sub(r"%(\w+)", lambda match: str(values.get(match[1], match[0])), message)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MESSAGE_LENGTH else line[:_MESSAGE_LENGTH] + "..."


def _kind(response: requests.Response) -> str:
    content_type = response.headers.get("Content-Type", "").split(";")[0] or "no content type"
    return "an HTML page" if content_type == "text/html" else content_type


def _without_rest(url: str) -> str:
    return url.split("/rest/", maxsplit=1)[0]


def _innermost(error: BaseException) -> str:
    """Give the last reason of a chain: `requests` wraps urllib3's errors, which wrap the socket's."""
    while True:
        reason = getattr(error, "reason", None) or next(
            (arg for arg in error.args if isinstance(arg, BaseException)), None
        )
        if not isinstance(reason, BaseException):
            break
        error = reason
    return _one_line(re.sub(r"<[^>]*>:? ?", "", str(error.args[-1] if error.args else error)) or type(error).__name__)
