"""Cut a long list into even partitions by rank.

From a place on, one request in the same order with `pageSize=1` and `currentPage=n` has the n-th row: one exact cut,
whatever the distribution of keys and times, also inside a second that thousands of rows share. Each request pays the
COUNT of its range (docs/MAGENTO.md), so each has an upper bound: a guess, which is doubled when fewer than n rows lie
within. A boundary is only a place: rows that move meanwhile cost evenness, never a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from tap_magento.reading.ranges import Range
from tap_magento.reading.types import Cursor, Source, UnreadableRowsError

# Guesses reach so much farther than the last partition did, ...
_MARGIN = 4
# ... or, where that was shorter, than those before it did, less by this factor each time; ...
_DECAY = 0.75
# ... and after so many in vain the range's own end is the bound.
_GUESSES = 10


def partitions(range_: Range, total: int, span: float, rows: Callable[[int], int], source: Source) -> Iterator[Range]:
    """Cut a range lazily, from left to right.

    Args:
        range_: What to cut; its key must be a number.
        total: How many rows it has, as far as known.
        span: How far a row lies from the next one, as far as known: in keys, or in seconds.
        rows: Gives, for the rows that remain to be cut, how many the next partition is to have.
        source: Locates rows.

    Yields:
        The partitions: without a gap, whatever comes, goes or moves meanwhile. The last one has the range's own end.
    """
    rest, remaining = range_, total
    while (size := rows(remaining)) < remaining:
        end = _row_near(rest, size, span, source)
        if end is None:
            break
        yield rest.up_to(end)
        # A gap is likely to be followed by others; but where rows lie densely again, guesses must not stay far.
        span = max((rest.position(end) - rest.start) / size, _DECAY * span)
        rest = rest.beyond([end])
        remaining -= size
    yield rest


def _row_near(range_: Range, rank: int, span: float, source: Source) -> Cursor | None:
    """Locate the n-th row of a range, or one before it where that is unreadable; None if there is none."""
    for nearby in dict.fromkeys((rank, rank - 1, rank // 2, rank // 4)):
        with suppress(UnreadableRowsError):
            return _nth_row(range_, nearby, span, source) if nearby else None
    return None


def _nth_row(range_: Range, rank: int, span: float, source: Source) -> Cursor | None:
    reach = max(1, round(_MARGIN * span * rank))
    for _ in range(_GUESSES):
        bounded = range_.bounded(range_.start + reach)
        if bounded == range_:
            break
        found = source.locate(bounded.criteria(), rank)
        if found is not None:
            return found
        reach *= 2
    return source.locate(range_.criteria(), rank)
