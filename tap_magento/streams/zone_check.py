"""Detects a shop whose rows show times in another zone than its filters use (issue 10)."""

from __future__ import annotations

from contextlib import suppress

from tap_magento.exceptions import MagentoError
from tap_magento.http.endpoint import ListEndpoint
from tap_magento.http.response import ListPage
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.reading.types import Cursor, ListSpec, UnreadableRowsError


class ZoneCheck:
    """Fetches pages of a list, and looks for the first row by the time that it shows.

    Read by such times, rows would be missed: a filter takes 10:00 as UTC, and the row that shows 10:00 lies elsewhere.
    It costs one request a read that has rows.

    Args:
        name: The stream's name, for a person.
        endpoint: The list.
        spec: How its rows are told apart and dated.
    """

    def __init__(self, name: str, endpoint: ListEndpoint, spec: ListSpec) -> None:
        self._name = name
        self._endpoint = endpoint
        self._spec = spec
        self._is_done = False

    def fetch(self, criteria: SearchCriteria) -> ListPage:
        """Fetch a page as `ListEndpoint.fetch` does; the first one that has rows is checked.

        Args:
            criteria: What to fetch.

        Returns:
            The page.

        Raises:
            MagentoError: If filters do not know the first row by the time that it shows.
        """
        page = self._endpoint.fetch(criteria)
        if not self._is_done and page.cursors:
            with suppress(UnreadableRowsError):  # the next page will tell
                self._is_done = self._agrees(page.cursors[0])
        return page

    def _agrees(self, shown: Cursor) -> bool:
        """Tell whether a row is found by the time that it shows; not if it has gone or changed meanwhile."""
        if shown.time is None or self._spec.time_column is None:
            return False
        row = SearchCriteria(groups=((Filter(self._spec.key_column, "eq", shown.key),),))
        if self._endpoint.locate(row.where((Filter(self._spec.time_column, "eq", shown.time),)), 1):
            return True
        if self._endpoint.locate(row, 1) != shown:
            return False
        raise MagentoError(
            f"'{self._name}': row {shown.key} shows {self._spec.time_column} {shown.time}, but filters do not find it "
            "there: the shop shows times in another zone than its filters use, so changed rows would be missed. Turn "
            "off the module that converts times in REST responses: Magento's own are UTC"
        )
