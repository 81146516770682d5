"""The exceptions of the tap: what a person must fix, and what waiting may fix."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import ClassVar

import requests
from singer_sdk.exceptions import FatalAPIError, RetriableAPIError

from tap_magento.reading.types import UnreadableRowsError
from tap_magento.timestamps import from_http_date

# Longer waits are no request to wait, but a fault: a year of seconds, or the digits of a date.
_LONGEST_RETRY_AFTER = 7 * 86_400


class MagentoError(FatalAPIError):
    """Something that a person must fix; its text is one line for them.

    Attributes:
        may_be_one_row: Whether one of several rows that were requested may be the cause; then other rows, and
            counts of the same list, can still be read.
    """

    may_be_one_row: ClassVar[bool] = False


class StreamUnavailableError(MagentoError):
    """One stream cannot be read, for a reason that says nothing of the others."""


class MissingAccessError(StreamUnavailableError):
    """The credentials lack the right to read a stream.

    Attributes:
        resource: The ACL resource to grant, for example ``Magento_Sales::actions_view``.
    """

    def __init__(self, message: str, resource: str) -> None:
        super().__init__(message)
        self.resource = resource


class MissingModuleError(StreamUnavailableError):
    """The shop has no such endpoint: it lacks the module, or its edition does."""


class NotFoundError(MissingModuleError):
    """A 404 of Magento that does not tell a missing endpoint from a row that refers to something deleted.

    Magento's messages are translated, and it names neither in its parameters.
    """

    may_be_one_row = True


class UnavailableStreamsError(MagentoError):
    """Some streams could not be read; all others were read to their ends."""


class ShopUnavailableError(RetriableAPIError):
    """The shop cannot respond now; another request later, or for less, may succeed.

    Attributes:
        may_be_one_row: As of `MagentoError`.
    """

    may_be_one_row: ClassVar[bool] = False

    @property
    def retry_after(self) -> float | None:
        """Seconds that the shop asked to wait (``Retry-After``, in seconds or as a date); None if it did not."""
        headers = {} if self.response is None else self.response.headers
        value = headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            # Python refuses to read numbers of thousands of digits.
            seconds = float(value)
        else:
            date = from_http_date(value)
            if date is None:
                return None
            now = from_http_date(headers.get("Date")) or datetime.now(timezone.utc)
            seconds = max(0.0, (date - now).total_seconds())
        return seconds if seconds <= _LONGEST_RETRY_AFTER else None


class UnverifiedHostError(ShopUnavailableError):
    """Nothing responds, or something that is no shop: an outage if it has responded before, else a wrong address."""


class UnexpectedResponseError(UnverifiedHostError):
    """A response of status 200 that is empty, broken or no JSON: from another host, or Magento broke off."""

    may_be_one_row = True


class PageFailedError(ShopUnavailableError):
    """A page did not arrive (502, 504, a timeout): the shop is overloaded, or fails so on one row of the page."""

    may_be_one_row = True


class ShopFailedError(ShopUnavailableError, UnreadableRowsError):
    """Magento itself failed while it responded: on a corrupt row, or out of memory (docs/MAGENTO.md)."""

    may_be_one_row = True


class RejectedRequestError(ShopFailedError):
    """Magento rejected a request with 400 or 404 for no reason that is known: it may pass, or be one row."""


class TokenRejectedError(ShopUnavailableError):
    """A token is refused though it was good before in this run: renewed, revoked or not replicated yet."""


class RequestTooLongError(MagentoError):
    """The request is longer than the web server takes (414, 431)."""


class PageSizeError(ShopUnavailableError):
    """The shop serves no page as large as that one (docs/MAGENTO.md).

    Attributes:
        maximum: The largest page it serves, in rows.
    """

    def __init__(self, maximum: int, response: requests.Response) -> None:
        super().__init__(f"the shop serves at most {maximum} rows a page", response)
        self.maximum = maximum
