"""One list endpoint of the shop: fetches its pages, counts its rows, and locates a row by its rank."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import TypeVar

import requests

from tap_magento.exceptions import (
    MagentoError,
    PageSizeError,
    RejectedRequestError,
    RequestTooLongError,
    ShopFailedError,
    ShopUnavailableError,
)
from tap_magento.http.client import Client
from tap_magento.http.request import Request, RequestCounter
from tap_magento.http.response import ListPage, parse_count, parse_list, shop_time_of
from tap_magento.http.retry import RetryPolicy
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import Cursor, ListSpec, UnreadableRowsError

_logger = logging.getLogger("tap-magento")
_T = TypeVar("_T")

# What an address has for keys and fields beside the rest of the criteria, and what a key of ten digits takes.
_ADDRESS_BYTES = 7_000
_KEY_BYTES = 11


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What is requested of a list, beside the search criteria.

    Attributes:
        path: The list's path, for example ``/V1/orders``.
        about: What is requested, as a person calls it: a stream's name.
        spec: How the rows are told apart and dated.
        fields: The ``fields`` parameter of pages, spelled for rows in ``items``; None requests whole rows.
        store_code: The store view to read in, if not the one of the settings.
        counter: Counts the requests.
    """

    path: str
    about: str
    spec: ListSpec
    fields: str | None = None
    store_code: str | None = None
    counter: RequestCounter | None = None


class ListEndpoint:
    """A list endpoint as the reading engine is given it.

    Args:
        client: Sends the requests.
        request: What is requested, beside the search criteria.
        page_size: Tunes the page size.
        policy: How long and how often to retry, if not as the settings say.
    """

    def __init__(
        self, client: Client, request: ListRequest, page_size: PageSize, policy: RetryPolicy | None = None
    ) -> None:
        self.page_size = page_size
        self._client = client
        self._request = request
        self._policy = policy
        self._fields = request.fields
        self._shop_time: datetime | None = None
        self._cancelled = Event()

    @property
    def is_read(self) -> bool:
        """Whether the shop has given a good response."""
        return self._shop_time is not None

    @property
    def keys_a_request(self) -> int:
        """How many keys one request can name: an address has 8 kB (`docs/MAGENTO.md`, URL length limits)."""
        return max(50, (_ADDRESS_BYTES - len(self._fields or "")) // _KEY_BYTES)

    @property
    def started(self) -> datetime:
        """The shop's time when the reading began."""
        if self._shop_time is None:
            raise RuntimeError("nothing has been read yet")
        return self._shop_time

    def fetch(self, criteria: SearchCriteria) -> ListPage:
        """Fetch a page; it may have fewer rows than requested.

        Args:
            criteria: What to fetch.

        Returns:
            The page.

        Raises:
            UnreadableRowsError: If the shop can count these rows, but not serve them.
            MagentoError: If a person must act.
            ShopUnavailableError: If the shop stayed unavailable.
            WaitCancelledError: If `cancel` was called.
        """
        return self._unless_unreadable(lambda: self._fetch_once(criteria), criteria)

    def fetch_quarantined(self, criteria: SearchCriteria) -> ListPage:
        """Fetch a row that could not be served in an earlier run, with one request.

        Args:
            criteria: The row.

        Returns:
            The page of it; empty if it has gone.

        Raises:
            UnreadableRowsError: If it still cannot be served.
        """

        def attempt() -> ListPage:
            try:
                return self._fetch_once(criteria)
            except (MagentoError, ShopUnavailableError) as error:
                if error.may_be_one_row:
                    raise UnreadableRowsError(str(error)) from error
                raise

        return self._retrying(attempt)

    def count(self, criteria: SearchCriteria) -> int | None:
        """Count the rows that meet criteria.

        Args:
            criteria: What to count, with the page that is requested for it.

        Returns:
            How many rows there are; None if the shop does not say.
        """
        return self._retrying(lambda: self._count_once(criteria))

    def locate(self, criteria: SearchCriteria, rank: int) -> Cursor | None:
        """Find the place of one row by its rank (`docs/MAGENTO.md`, Counting and rank requests).

        Args:
            criteria: The range, sorted, and bounded: the shop counts all of it.
            rank: Which row of the range, from 1.

        Returns:
            Its cursor; None if the range has fewer rows.

        Raises:
            UnreadableRowsError: If the row is there, but does not come.
        """
        spec = self._request.spec
        fields = f"items[{','.join(name for name in (spec.key_field, spec.time_column) if name)}],total_count"
        ranked = criteria.ranked(rank)
        page = self._unless_unreadable(lambda: self._attempt(ranked, fields)[0], ranked)
        if page.cursors:
            return page.cursors[0]
        if page.total_count is not None and page.total_count >= rank:
            raise UnreadableRowsError("the row is counted, but does not come")
        return None

    def probe(self, criteria: SearchCriteria) -> ListPage:
        """Fetch a page once, without retries.

        Args:
            criteria: What to fetch.

        Returns:
            The page.
        """
        return self._attempt(criteria, self._fields)[0]

    def cancel(self) -> None:
        """End all waits of this endpoint's requests: what they read is no longer wanted."""
        self._cancelled.set()
        self._client.throttle.wake()

    def _retrying(self, function: Callable[[], _T]) -> _T:
        return self._client.retrying(function, self._request.counter, self._policy, self._cancelled)

    def _unless_unreadable(self, request: Callable[[], ListPage], criteria: SearchCriteria) -> ListPage:
        """Retry while the shop is unavailable; that it fails on some rows is known once it can count them."""
        failures = 0

        def attempt() -> ListPage:
            nonlocal failures
            try:
                return request()
            except (MagentoError, ShopUnavailableError) as error:
                failures += 1
                if failures >= _tries_before_counting(error) and self._can_count(criteria):
                    raise UnreadableRowsError(str(error)) from error
                raise

        return self._retrying(attempt)

    def _fetch_once(self, criteria: SearchCriteria) -> ListPage:
        rows = min(criteria.page_size or self.page_size.rows, self.page_size.rows)
        limited = criteria.limited(rows)
        try:
            page, seconds = self._attempt(limited, self._fields)
            if self._fields is not None and page.total_count and not len(page):
                page, seconds = self._without_fields(limited, page, seconds)
        except PageSizeError as error:
            self.page_size.limit(error.maximum)
            raise
        except RequestTooLongError as error:
            if self._fields is None:
                raise
            _logger.warning("%s. Requesting whole rows instead of the selected fields", error)
            self._fields = None
            return self._fetch_once(criteria)
        except ShopUnavailableError:
            self.page_size.on_failure(rows)
            raise
        self.page_size.on_page(len(page), seconds)
        return page

    def _can_count(self, criteria: SearchCriteria) -> bool:
        """Tell whether the shop counts the rows that it does not serve: it is out of order otherwise."""
        try:
            return bool(self._count_once(criteria.counting_past_the_end()))
        except (MagentoError, ShopUnavailableError):
            return False

    def _count_once(self, criteria: SearchCriteria) -> int | None:
        def parse(response: requests.Response) -> int | None:
            total = parse_count(response, self._request.about)
            self._note_time(shop_time_of(response))
            return total

        return self._client.attempt(self._sent(criteria, "total_count"), parse, self._cancelled)[0]

    def _without_fields(self, criteria: SearchCriteria, page: ListPage, seconds: float) -> tuple[ListPage, float]:
        """Tell rows that are hidden from a `fields` parameter that the shop does not understand.

        Both give an empty page with a count (`docs/MAGENTO.md`, Fields parameter).
        """
        whole, whole_seconds = self._attempt(criteria, None)
        if not len(whole):
            return page, seconds
        _logger.warning(
            "%s: the shop sends no rows when some fields are selected. Requesting whole rows", self._request.about
        )
        self._fields = None
        return whole, whole_seconds

    def _attempt(self, criteria: SearchCriteria, fields: str | None) -> tuple[ListPage, float]:
        def parse(response: requests.Response) -> ListPage:
            return parse_list(response, self._request.spec, criteria.page_size or 0, self._request.about)

        page, seconds = self._client.attempt(self._sent(criteria, fields), parse, self._cancelled)
        self._note_time(page.shop_time)
        return page, seconds

    def _note_time(self, shop_time: datetime) -> None:
        if self._shop_time is None:
            self._shop_time = shop_time

    def _sent(self, criteria: SearchCriteria, fields: str | None) -> Request:
        request = self._request
        if fields and request.spec.rows_field != "items":
            fields = fields.replace("items[", f"{request.spec.rows_field}[", 1)
        return Request(
            request.path,
            request.about,
            {**criteria.to_params(), **({"fields": fields} if fields else {})},
            store_code=request.store_code,
            counter=request.counter,
        )


def _tries_before_counting(error: MagentoError | ShopUnavailableError) -> float:
    """Tell how often rows are requested before they are counted, to tell a corrupt row from an outage.

    Magento's own failures on a row repeat themselves; what a proxy or a busy server says may pass.
    """
    if not error.may_be_one_row:
        return float("inf")
    if isinstance(error, RejectedRequestError):
        return 3
    return 1 if isinstance(error, (ShopFailedError, MagentoError)) else 2
