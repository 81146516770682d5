"""Read a list completely: in turn while it is short, in partitions when it is long, and ahead with several workers.

A shop counts for each page how many rows remain in its range (docs/MAGENTO.md): page by page that grows with the
square of the list. In a partition there is little to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from math import ceil

from tap_magento.reading.pager import read_range
from tap_magento.reading.partition import partitions
from tap_magento.reading.prefetch import prefetch
from tap_magento.reading.ranges import Range, TimeRange
from tap_magento.reading.types import Batch, CountMismatch, Cursor, Item, Source
from tap_magento.reading.windows import read_windows

# With several workers a list of no more than so many further pages is read in turn: cutting it would not pay. ...
_SHORT = 3
# ... Nor with one worker a list of no more than so many rows, which a shop counts in about 20 ms.
_COUNTABLE = 50_000
# A partition has at most so many rows, which are counted in 5 ms, ...
_ROWS = 10_000
# ... and, in whole pages, takes the shop at least so many seconds, against 0.05 to locate its end. Were it longer, more
# would have to be read again after a run that was killed.
_SECONDS = 3.0
# Where the shop's time is not known yet, a partition has so many pages.
_PAGES = 8
# So many bytes of pages wait to be emitted, at most, beside one page a worker.
_MEMORY = 24 * 2**20


def read_completely(range_: Range, source: Source) -> Iterator[Item]:
    """Read all rows of a range.

    Args:
        range_: What to read.
        source: The list.

    Yields:
        The pages that have rows, the rows that cannot be served, and, once each, that the shop's counts and rows
        disagree, and that rows are missing;
        in order. Each tells up to where the range has been read: after any of them it can be resumed there.

    Raises:
        InconsistentResponseError: If the shop does not honour the filters or the sort.
        UnreadableRowsError: If it fails on each row.
    """
    told: set[bool] = set()
    for item in _read(range_, source):
        if isinstance(item, CountMismatch):
            if item.are_rows_missing in told:
                continue
            told.add(item.are_rows_missing)
        yield item


def _read(range_: Range, source: Source) -> Iterator[Item]:
    if range_.spec.has_hidden_key:
        if isinstance(range_, TimeRange):
            raise ValueError("a hidden key is read in key order")
        yield from read_windows(range_, source)
        return
    for item in read_range(range_, source, _first_page_short(source)):
        yield item
        if isinstance(item, Batch) and _is_long(item, range_, source):
            yield from _read_partitions(range_, item, source)
            return


def _first_page_short(source: Source) -> Callable[[], int]:
    """Request a short page first where several workers wait to know how long the list is."""
    first = iter([(source.page_size.rows + 3) // 4] if source.workers > 1 else [])
    return lambda: next(first, source.page_size.rows)


def _is_long(batch: Batch, range_: Range, source: Source) -> bool:
    short = _SHORT * source.page_size.rows if source.workers > 1 else _COUNTABLE
    return _remaining(batch) > short and not range_.spec.has_text_key


def _remaining(batch: Batch) -> int:
    return 0 if batch.page.total_count is None else batch.page.total_count - len(batch.page)


def _read_partitions(range_: Range, first: Batch, source: Source) -> Iterator[Item]:
    cursors = first.page.cursors
    rest = range_.beyond([cursors[-1]])
    span = _span(range_, cursors[0], cursors[-1]) / len(cursors)
    cut = partitions(rest, _remaining(first), span, _partition_size(source), source)
    if source.workers == 1:
        return chain.from_iterable(read_range(partition, source) for partition in cut)
    return prefetch(
        cut, lambda partition: read_range(partition, source), size_of=_bytes_of, workers=source.workers, memory=_MEMORY
    )


def _span(range_: Range, first: Cursor, last: Cursor) -> int:
    return range_.position(last) - range_.position(first)


def _partition_size(source: Source) -> Callable[[int], int]:
    if source.workers == 1:
        return lambda _: _ROWS
    # Not by the page size of the moment: a page that failed makes it small for a while.
    page = source.page_size.maximum

    def rows(remaining: int) -> int:
        seconds = source.page_size.seconds_per_row
        pages = min(_ROWS // page, ceil(_SECONDS / seconds / page) if seconds else _PAGES)
        # The last partition of each worker is half as large, so that none is left alone with a whole one.
        return page * max(1, pages // 2, min(pages, 2 * remaining // source.workers // page))

    return rows


def _bytes_of(item: Item) -> int:
    return item.page.size_bytes if isinstance(item, Batch) else 0
