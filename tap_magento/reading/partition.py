"""Cut a long list into even pieces by counting.

A count costs the shop a fraction of a page (MEASURED.md (j)): a page far past the end has the right `total_count`
and no row. A piece is cut off where it would be full if the rows were spread evenly; where they are not, the range is
halved. It is done lazily and from left to right, so that reading can begin at once. Keys are cut in key order, seconds
in time order, and keys again inside one crowded second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tap_magento.reading.bad_rows import one_second
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.types import LAST_KEY, LAST_SECOND, Count
from tap_magento.timestamps import SECOND, from_magento, to_magento

# Evenly spread rows are never quite even: aiming short of the most, few pieces turn out too large.
_AIM = 2 / 3


def pieces(range_: Range, total: int, count: Count, *, rows: Callable[[int], int], now: datetime) -> Iterator[Range]:
    """Cut a slice into pieces.

    Rows may come, go and move while it is being cut: the pieces cover the slice without a gap, whatever was counted.

    Args:
        range_: What to cut.
        total: How many rows it holds, as far as known.
        count: Counts rows.
        rows: Gives, for the rows that remain to be cut, how many a piece holds at most, unless it cannot be cut.
        now: The shop's time, after which few rows are dated.

    Yields:
        The pieces, from left to right. Pieces that were counted and found empty are left out.
    """
    remaining = total
    small: _Part | None = None
    for part in _cut_up(range_, total, count, rows, now):
        joined = small and _joined(small, part)
        if small and joined and joined.size <= rows(remaining):
            small = joined
            continue
        if small:
            yield small.slice
            remaining -= small.size
        small = part
    if small:
        yield small.slice


def _cut_up(range_: Range, total: int, count: Count, rows: Callable[[int], int], now: datetime) -> Iterator[_Part]:
    """Cut a slice into parts of not too many rows; some hold few."""
    uncut = _without_crowd(range_, total, count, rows(total))
    remaining = total
    while uncut:
        part, most = uncut.pop(), rows(remaining)
        halves = None if part.size <= most else _cut(part, most, now)
        if halves is None:
            yield part
            remaining -= part.size
            continue
        left, right = halves
        on_the_left = count(left.criteria())
        on_the_right = part.size - on_the_left
        if _is_open(right) and not on_the_left:
            # Nothing within reach: look before reaching farther, for rows that have gone meanwhile.
            on_the_right = count(right.criteria())
            if not on_the_right:  # neither here nor there: they have all gone, or the counts are of no use
                yield part
                continue
        # Where rows are farther apart than thought, or an end is open, reach farther the next time.
        is_short = on_the_left < most // 2 or _is_open(right)
        uncut.append(_Part(right, on_the_right, part.width * 2 if is_short else 1))
        if on_the_left:
            uncut.append(_Part(left, on_the_left))


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the slice.

    Attributes:
        slice: The slice.
        size: How many rows it holds, as far as known.
        width: How many times farther to reach than if its rows were spread evenly, or lay side by side where its end
            is open.
    """

    slice: Range
    size: int
    width: int = 1

    @property
    def reach(self) -> int:
        return self.size * self.width

    def share(self, most: int) -> float:
        """Tell which share of the range to cut off."""
        return min(0.5, _AIM * most * self.width / self.size)


def _without_crowd(range_: Range, total: int, count: Count, most: int) -> list[_Part]:
    """Set apart the rest of a second that reading has come to, if it is crowded: ranges of seconds cannot cut it."""
    if not isinstance(range_, TimeRange) or range_.after is None or total <= most:
        return [_Part(range_, total)]
    crowd = one_second(range_, range_.since)
    size = count(crowd.criteria())
    if size <= most:
        return [_Part(range_, total)]
    rest = replace(range_, since=to_magento(from_magento(range_.since) + SECOND), after=None)
    return [_Part(rest, total - size), _Part(crowd, size)]


def _joined(left: _Part, right: _Part) -> _Part | None:
    """Put neighbours together, if they are of one kind; what lies between them is known to be empty."""
    size = left.size + right.size
    match left.slice, right.slice:
        case TimeRange(), TimeRange():
            return _Part(replace(left.slice, before=right.slice.before), size)
        case KeyRange(), KeyRange() if left.slice.condition == right.slice.condition:
            return _Part(replace(left.slice, until=right.slice.until), size)
    return None


def _is_open(range_: Range) -> bool:
    return (range_.until if isinstance(range_, KeyRange) else range_.before) is None


def _cut(part: _Part, most: int, now: datetime) -> tuple[Range, Range] | None:
    """Cut a slice in two; where its end is open, at its reach. None if it cannot be cut."""
    if isinstance(part.slice, KeyRange):
        return _cut_keys(part.slice, part, most)
    return _cut_times(part.slice, part, most, now)


def _cut_keys(range_: KeyRange, part: _Part, most: int) -> tuple[Range, Range] | None:
    low = -1 if range_.after is None else range_.after  # keys begin at 0
    if range_.until is None:
        cut = min(low + part.reach, LAST_KEY)
    elif range_.until - low < 2:  # noqa: PLR2004  a single key
        return None
    else:
        cut = low + max(1, int((range_.until - low) * part.share(most)))
    return None if cut <= low else (replace(range_, until=cut), replace(range_, after=cut))


def _cut_times(range_: TimeRange, part: _Part, most: int, now: datetime) -> tuple[Range, Range] | None:
    since = from_magento(range_.since)
    if range_.before is None:
        cut = now if since < now else since + min(part.reach, (LAST_SECOND - since) // SECOND) * SECOND
    else:
        seconds = (from_magento(range_.before) - since) // SECOND
        if seconds <= 1:
            return _cut_keys(one_second(range_, range_.since), part, most) if seconds else None
        cut = since + timedelta(seconds=max(1, int(seconds * part.share(most))))
    at = to_magento(cut)
    return None if at == range_.since else (replace(range_, before=at), replace(range_, since=at, after=None))
