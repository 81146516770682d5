"""One row that a shop cannot serve never costs the page it stands on.

A corrupt row fails every page that holds it, even a page of itself alone; but counts load no row (MEASURED.md (j)). So
a page that fails is halved until one row remains, and that row's place is found by counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import Filter
from tap_magento.reading.types import (
    LAST_KEY,
    LAST_SECOND,
    BadRow,
    Count,
    Cursor,
    Fetch,
    Key,
    Page,
    UnreadableRowsError,
)
from tap_magento.timestamps import SECOND, from_magento, to_magento


def read_range(range_: Range, fetch: Fetch, count: Count, page_size: Callable[[], int]) -> Iterator[Page | BadRow]:
    """Read a slice completely, one page after the other, but for the rows the shop cannot serve.

    It ends when the answer says that nothing remains, or with an empty page; never because a page is short.

    Args:
        range_: What to read.
        fetch: Asks the shop.
        count: Counts rows.
        page_size: Gives the number of rows to ask for now.

    Yields:
        The pages that have rows and the rows that cannot be served, in order.

    Raises:
        InconsistentResponseError: If the shop does not honour the filters or the sort.
    """
    rest: Range = range_
    suspects = 0  # how many of the next rows hold one that failed a page
    while True:
        size = (suspects + 1) // 2 or page_size()
        try:
            page = fetch(rest.criteria().limited(size))
        except UnreadableRowsError as error:
            if size > 1:
                suspects = size
                continue
            bad = _single(rest, error, fetch, count)
            if isinstance(bad, BadRow):
                yield bad
                rest, suspects = rest.beyond([bad.cursor]), 0
                continue
            page = bad
        if not page.cursors:
            return
        rest = rest.beyond(page.cursors)
        suspects = max(0, suspects - len(page.cursors))
        yield page
        if is_last(page):
            return


def _single(range_: Range, error: UnreadableRowsError, fetch: Fetch, count: Count) -> Page | BadRow:
    """Find the row that failed alone; or read it, if the shop had only been out of order for a while."""
    cursor = first_cursor(range_, count)
    try:
        return fetch(range_.criteria().limited(1))
    except UnreadableRowsError:
        if cursor is None:
            raise
        return BadRow(cursor, str(error))


def is_last(page: Page) -> bool:
    """Tell whether nothing remains after a page.

    Args:
        page: A page with rows.

    Returns:
        Whether the shop says so; False if it does not say.
    """
    return page.total_count is not None and page.total_count <= len(page.cursors)


def first_cursor(range_: Range, count: Count) -> Cursor | None:
    """Find the place of the first row of a slice without loading it.

    Args:
        range_: A slice.
        count: Counts rows.

    Returns:
        The row's place, its time None in key order; None if the slice has no row.
    """
    if count(range_.criteria()) == 0:
        return None
    if isinstance(range_, KeyRange):
        return Cursor(None, _first_key(range_, count))
    start = from_magento(range_.since)
    last = LAST_SECOND if range_.before is None else from_magento(range_.before) - SECOND

    def begins_by(seconds: int) -> bool:
        until = replace(range_, before=to_magento(start + (seconds + 1) * SECOND))
        return count(until.criteria()) > 0

    second = to_magento(start + _first_that(begins_by, (last - start) // SECOND) * SECOND)
    return Cursor(second, _first_key(one_second(range_, second), count))


def one_second(range_: TimeRange, second: str) -> KeyRange:
    """Cut one second out of a time slice, in the order of its keys.

    Args:
        range_: A time slice.
        second: A second in it, as Magento writes it.

    Returns:
        The slice's rows of that second.
    """
    return KeyRange(
        range_.spec,
        after=range_.after if second == range_.since else None,
        condition=((Filter(range_.time_column, "eq", second),),),
    )


def _first_key(range_: KeyRange, count: Count) -> Key:
    start = 0 if range_.after is None else range_.after + 1  # keys begin at 0
    last = LAST_KEY if range_.until is None else range_.until
    return start + _first_that(lambda step: count(replace(range_, until=start + step).criteria()) > 0, last - start)


def _first_that(holds: Callable[[int], bool], last: int) -> int:
    """Find the least number from 0 on for which something holds that holds for all greater ones too.

    That it holds for the last number is taken for granted: a row that goes while it is looked for must not make the
    search endless.
    """
    low, high = 0, 0
    while high < last and not holds(high):
        low, high = high + 1, min(2 * high + 1, last)
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high
