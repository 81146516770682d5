"""Find the place of a row that does not come, by counting alone: a count loads no row (docs/MAGENTO.md)."""

from __future__ import annotations

from collections.abc import Callable

from tap_magento.reading.ranges import KeyRange, Range, second_at
from tap_magento.reading.types import Cursor, InconsistentResponseError, Source, UnreadableRowsError


def nth_place(range_: Range, rank: int, source: Source, before: Cursor | None = None) -> Cursor | None:
    """Find the place of the n-th row of a range without loading it.

    Args:
        range_: The range; its key must be a number.
        rank: The row's number in it, from 1.
        source: Counts.
        before: The place of a row after it, if one is known: it makes the search short.

    Returns:
        The row's place, its time None in key order; None if the range has fewer rows.
    """
    if count_of(range_, source) < rank:
        return None
    if isinstance(range_, KeyRange):
        last = range_.end if before is None else range_.position(before) - 1
        return Cursor(None, _nth_key(range_, rank, source, last, near=range_.start + rank))
    last = range_.end if before is None else range_.position(before)
    position = _least(
        lambda second: count_of(range_.bounded(second), source) >= rank, range_.start, last, near=range_.start
    )
    earlier = 0 if rank == 1 or position == range_.start else count_of(range_.bounded(position - 1), source)
    # Rows that changed at about the same time often have keys near each other.
    near = int(range_.after or 0) if before is None else int(before.key)
    second = range_.one_second(second_at(position))
    return Cursor(second_at(position), _nth_key(second, rank - earlier, source, second.end, near))


def count_of(range_: Range, source: Source) -> int:
    """Count the rows of a range, of which some may be unreadable.

    Args:
        range_: The range.
        source: Counts.

    Returns:
        How many there are.

    Raises:
        InconsistentResponseError: If the shop does not say.
    """
    count = source.count(range_.criteria().counting_past_the_end())
    if count is None:
        raise InconsistentResponseError("it has no `total_count`")
    return count


def quick_count(range_: Range, source: Source) -> int | None:
    """Count the rows of a range by its first page of one row, which takes the shop least.

    Args:
        range_: The range.
        source: Counts.

    Returns:
        How many there are; None if the shop does not say.
    """
    try:
        return source.count(range_.criteria().counting())
    except UnreadableRowsError:
        return source.count(range_.criteria().counting_past_the_end())


def _nth_key(range_: KeyRange, rank: int, source: Source, last: int, near: int) -> int:
    return _least(lambda key: count_of(range_.bounded(key), source) >= rank, range_.start + rank, last, near)


def _least(holds: Callable[[int], bool], low: int, high: int, near: int) -> int:
    """Find the least number for which something holds that holds for all greater ones too.

    That it holds for the last number is taken for granted: a row that goes while it is looked for must not make the
    search endless.

    Args:
        holds: What is to hold.
        low: The least number that comes into question.
        high: The greatest one.
        near: A number from which it is not far.

    Returns:
        The number.
    """
    near, step = min(max(low, near), high), 1
    if near < high and not holds(near):  # go up in growing steps
        low = near + 1
        while (probe := low + step - 1) < high and not holds(probe):
            low, step = probe + 1, 2 * step
        high = min(high, probe)
    else:  # ... or down
        high = near
        while (probe := high - step) >= low and holds(probe):
            high, step = probe, 2 * step
        low = max(low, probe + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return high
