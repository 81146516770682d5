"""The kinds of errors: what a person must mend, and what waiting may mend."""

from __future__ import annotations

from datetime import datetime, timezone

import requests
from singer_sdk.exceptions import FatalAPIError, RetriableAPIError

from tap_magento.reading.types import UnreadableRowsError
from tap_magento.timestamps import from_http_date


class MagentoError(FatalAPIError):
    """Something that a person must mend; its text is one line for them."""


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


class UnverifiedHostError(ShopUnavailableError):
    """Nothing answers, or something that is no shop: an outage if it has answered before, else a wrong address."""


class ShopFailedError(ShopUnavailableError, UnreadableRowsError):
    """Magento itself failed while it answered: on a corrupt row, or out of memory (MEASURED.md (b), (g))."""


class TokenRejectedError(ShopUnavailableError):
    """A token is refused though it was good before in this run: renewed, revoked or not replicated yet."""


class TransientRefusalError(ShopUnavailableError):
    """The shop refused a request with a status that is at times transient: 400 or 408 (issue 10)."""


class RequestTooLongError(MagentoError):
    """The request is longer than the web server takes (414, 431)."""


class PageSizeError(ShopUnavailableError):
    """The shop serves no page as large as that one (MEASURED.md (b2)).

    Attributes:
        maximum: The largest page it serves, in rows.
    """

    def __init__(self, maximum: int, response: requests.Response) -> None:
        super().__init__(f"the shop serves at most {maximum} rows a page", response)
        self.maximum = maximum
