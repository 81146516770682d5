"""Read a list completely: in turn while it is short, in pieces when it is long, and ahead with several workers.

A shop counts for each page how many rows remain, also for a reader that needs no count: page by page that grows with
the square of the list. In a piece there is little to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from tap_magento.reading.bad_rows import read_range
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.partition import pieces
from tap_magento.reading.prefetch import prefetch
from tap_magento.reading.ranges import Range
from tap_magento.reading.types import BadRow, Count, Fetch, Page

# With several workers a list of no more than so many further pages is read in turn: cutting it would not pay. ...
_SHORT = 3
# ... Nor with one worker a list of no more than so many rows, which a shop counts in about 10 ms.
_COUNTABLE = 50_000
# What waits for its turn takes at most so many bytes, as far as the first page tells, ...
_MEMORY = 48 * 2**20
# ... and a piece has at most so many pages: more would save no more counts worth the name.
_PIECE = 8


@dataclass(frozen=True, slots=True)
class Source:
    """A list as it can be asked.

    Attributes:
        fetch: Asks for a page.
        count: Counts rows.
        size: How many rows to ask for at once.
        now: Gives the shop's time, once it has answered.
        workers: How many pieces to read at once.
    """

    fetch: Fetch
    count: Count
    size: PageSize
    now: Callable[[], datetime]
    workers: int = 1


def read_completely(range_: Range, source: Source) -> Iterator[Page | BadRow]:
    """Read all rows of a slice.

    Args:
        range_: What to read.
        source: Whom to ask.

    Yields:
        The pages that have rows and the rows that cannot be served, in order.

    Raises:
        InconsistentResponseError: If the shop does not honour the filters or the sort.
    """
    for item in read_range(range_, source.fetch, source.count, _beginning(source)):
        yield item
        remaining = _remaining(item)
        if not isinstance(item, BadRow) and remaining > _short(source):
            yield from _in_pieces(
                range_.beyond([item.cursors[-1]]), remaining, item.size_bytes // len(item.cursors), source
            )
            return


def _short(source: Source) -> int:
    return _SHORT * source.size.rows if source.workers > 1 else _COUNTABLE


def _beginning(source: Source) -> Callable[[], int]:
    """Ask for a short page first where several workers wait to know how long the list is."""
    first = iter([(source.size.rows + 3) // 4] if source.workers > 1 else [])
    return lambda: next(first, source.size.rows)


def _in_pieces(range_: Range, total: int, size_bytes: int, source: Source) -> Iterator[Page | BadRow]:
    """Read piece by piece; `weight` is that of a row."""
    # Not by the page size of the moment: a row that fails makes it 1 for a while, and pieces would be as small.
    page = source.size.maximum
    window = source.workers + source.workers // 2
    most = max(page, min(_PIECE * page, _MEMORY // window // (size_bytes or 1)))

    def rows(remaining: int) -> int:
        # Towards the end pieces become smaller, so that no worker is left alone with the last one.
        return max(page, min(most, remaining // source.workers))

    def read(piece: Range) -> Iterator[Page | BadRow]:
        return read_range(piece, source.fetch, source.count, lambda: source.size.rows)

    cut = pieces(range_, total, source.count, rows=rows, now=source.now())
    if source.workers == 1:
        return chain.from_iterable(map(read, cut))
    return prefetch(cut, read, workers=source.workers, window=window)


def _remaining(item: Page | BadRow) -> int:
    if isinstance(item, BadRow) or item.total_count is None:
        return 0
    return item.total_count - len(item.cursors)
