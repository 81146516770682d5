"""Cut a long list into even pieces by counting.

A count costs the shop a fraction of a page (MEASURED.md (j)): a page far past the end has the right `total_count`
and no row. A range is halved until it holds few rows, lazily and from left to right, so that reading can begin at once.
Keys are halved in key order, seconds in time order, and keys again inside one crowded second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tap_magento.reading.keyset import KeySlice, Slice, TimeSlice
from tap_magento.reading.page import LAST_KEY, LAST_SECOND, Count
from tap_magento.reading.quarantine import one_second
from tap_magento.times import SECOND, from_magento, to_magento


def pieces(slice_: Slice, total: int, count: Count, *, rows: int, now: datetime) -> Iterator[Slice]:
    """Cut a slice into pieces.

    Rows may come, go and move while it is being cut: the pieces cover the slice without a gap, whatever was counted.

    Args:
        slice_: What to cut.
        total: How many rows it holds, as far as known.
        count: Counts rows.
        rows: How many rows a piece holds at most, unless it cannot be cut.
        now: The shop's time, after which few rows are dated.

    Yields:
        The pieces, from left to right. Pieces that were counted and found empty are left out.
    """
    uncut = [_Uncut(slice_, total)]
    while uncut:
        piece = uncut.pop()
        halves = None if piece.size <= rows else _halves(piece, now)
        if halves is None:
            yield piece.slice
            continue
        left, right = halves
        on_the_left = count(left.criteria())
        on_the_right = piece.size - on_the_left
        is_open = _is_open(right)
        if is_open and not on_the_left:
            # Nothing within reach: look before reaching farther, for rows that have gone meanwhile.
            on_the_right = count(right.criteria())
            if not on_the_right:  # neither here nor there: they have all gone, or the counts are of no use
                yield piece.slice
                continue
        uncut.append(_Uncut(right, on_the_right, piece.width * 2 if is_open else 1))
        if on_the_left:
            uncut.append(_Uncut(left, on_the_left))


@dataclass(frozen=True, slots=True)
class _Uncut:
    """A slice, the number of its rows as far as known, and how far to reach where its end is open."""

    slice: Slice
    size: int
    width: int = 1

    @property
    def reach(self) -> int:
        return self.size * self.width


def _is_open(slice_: Slice) -> bool:
    return (slice_.until if isinstance(slice_, KeySlice) else slice_.before) is None


def _halves(piece: _Uncut, now: datetime) -> tuple[Slice, Slice] | None:
    """Cut a slice in two; where its end is open, at its reach. None if it cannot be cut."""
    if isinstance(piece.slice, KeySlice):
        return _halve_keys(piece.slice, piece.reach)
    return _halve_times(piece.slice, piece.reach, now)


def _halve_keys(slice_: KeySlice, reach: int) -> tuple[Slice, Slice] | None:
    low = -1 if slice_.after is None else slice_.after  # keys begin at 0
    middle = min(low + reach, LAST_KEY) if slice_.until is None else (low + slice_.until) // 2
    return None if middle <= low else (replace(slice_, until=middle), replace(slice_, after=middle))


def _halve_times(slice_: TimeSlice, reach: int, now: datetime) -> tuple[Slice, Slice] | None:
    since = from_magento(slice_.since)
    if slice_.before is None:
        middle = now if since < now else since + min(reach, (LAST_SECOND - since) // SECOND) * SECOND
    else:
        seconds = (from_magento(slice_.before) - since) // SECOND
        if seconds == 1:
            return _halve_keys(one_second(slice_, slice_.since), reach)
        middle = since + (seconds // 2) * SECOND
    cut = to_magento(middle)
    return None if cut == slice_.since else (replace(slice_, before=cut), replace(slice_, since=cut, after=None))
