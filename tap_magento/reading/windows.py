"""Read a list whose sort column its rows do not have, as `inventory/source-items`.

There is no key to read on from, but windows of it can be requested: ``key > A`` and ``key <= B``. A window that holds
fewer rows than were asked for has come completely, and is resumed at its end. Such keys have wide gaps, as each update
may use one up (docs/MAGENTO.md): windows are widened where few rows lie, and narrowed where many do.
"""

from __future__ import annotations

from collections.abc import Iterator

from tap_magento.reading.place import count_of, quick_count
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.types import (
    BadRow,
    Batch,
    CountMismatch,
    Cursor,
    InconsistentResponseError,
    Item,
    Source,
    UnreadableRowsError,
)


def read_windows(range_: KeyRange, source: Source) -> Iterator[Item]:
    """Read a range by windows of a hidden key.

    Args:
        range_: What to read, in order of the hidden key.
        source: The list.

    Yields:
        The pages that have rows, and what hinders, in order.

    Raises:
        InconsistentResponseError: If the shop does not honour the filters, or does not count.
        UnreadableRowsError: If it fails on each row.
    """
    rest, width = range_, source.page_size.rows
    while rest.start < rest.end:
        size = source.page_size.rows
        window = rest.bounded(rest.start + width)
        end = Cursor(None, window.end)
        try:
            page = source.fetch(window.criteria().limited(size))
        except UnreadableRowsError as error:
            if width == 1:
                yield from _bad_row(window, error, source)
                rest = rest.beyond([end])
            width = width // 2 or size
            continue
        if len(page) >= page.page_size and width > page.page_size:  # there may be more: keys are integers
            width = _narrower(rest, width, page.page_size, source)
            continue
        if len(page) > width:
            raise InconsistentResponseError(f"{len(page)} rows came of {width} keys")
        if not len(page) and not _remain(rest, source):
            return
        if page.total_count is not None and page.total_count != len(page):
            yield CountMismatch(
                f"it counts {page.total_count} rows, but sends {len(page)}",
                are_rows_missing=page.total_count > len(page),
            )
        if len(page):
            yield Batch(page, end)
        rest = rest.beyond([end])
        if 2 * len(page) <= page.page_size:
            width *= 2


def _narrower(range_: KeyRange, width: int, size: int, source: Source) -> int:
    """Halve a window, by counting, until its rows do not fill a page."""
    while width > size:
        width = max(size, width // 2)
        if (quick_count(range_.bounded(range_.start + width), source) or 0) < size:
            break
    return width


def _bad_row(window: KeyRange, error: UnreadableRowsError, source: Source) -> Iterator[Item]:
    """Read a window of one key, which failed, once more; if the shop can count its row but not serve it, say so."""
    end = Cursor(None, window.end)
    if not count_of(window, source):
        raise error
    try:
        page = source.fetch(window.criteria().limited(1))
    except UnreadableRowsError as still:
        yield BadRow(end, str(still))
        return
    if len(page):
        yield Batch(page, end)


def _remain(range_: KeyRange, source: Source) -> bool:
    remaining = quick_count(range_, source)
    if remaining is None:
        raise InconsistentResponseError("it has no `total_count`")
    return remaining > 0
