"""One row that a shop cannot serve never costs the page it stands on.

A corrupt row fails every page that holds it, even a page of itself alone (docs/MAGENTO.md). So a page that fails is
halved until one row remains; that row's place lies before its neighbour's and is found by counting. In a page of 200
rows one such row costs at most eleven requests more for pages, which together load about as many rows as one; and one
for its neighbour and one or two counts in key order, up to forty counts in time order, where its key may be any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tap_magento.reading.place import count_of, nth_place
from tap_magento.reading.ranges import Range
from tap_magento.reading.types import BadRow, Batch, Cursor, Source, UnreadableRowsError

# The ranks at which a row is looked for that can be served.
_NEIGHBOURS = tuple(2**n + 1 for n in range(12))
# Where none can, and more than so many rows follow, it is not for the rows' sake.
_FEW = 33


def read_in_halves(range_: Range, size: int, source: Source) -> Iterator[Batch | BadRow]:
    """Read the first rows of a range, which failed as one page, up to the first one that cannot be served.

    Args:
        range_: The range.
        size: How many rows failed together.
        source: The list.

    Yields:
        Pages, and the row that cannot be served. There is none if the shop cannot serve as many rows at once, or has
        recovered.

    Raises:
        UnreadableRowsError: If the shop fails on each row.
    """
    rest, suspects = range_, size
    while suspects:
        half = (suspects + 1) // 2
        try:
            page = source.fetch(rest.criteria().limited(half))
        except UnreadableRowsError as error:
            if half > 1:
                suspects = half
                continue
            bad = _bad_row(rest, error, source)
            if bad is not None:
                yield bad
            return
        if not len(page):
            return
        rest = rest.beyond(page.cursors)
        yield Batch(page, page.cursors[-1])
        suspects -= len(page)
    source.page_size.on_failure(size)


def _bad_row(range_: Range, error: UnreadableRowsError, source: Source) -> BadRow | None:
    """Find the first row of a range, which failed alone; None if it has gone or can be served now.

    Args:
        range_: The range.
        error: How it failed.
        source: The list.

    Returns:
        The row.

    Raises:
        UnreadableRowsError: If it is not for the row's sake.
    """
    if range_.spec.has_text_key:  # no count can tell such a key
        raise error
    neighbour = readable_neighbour(range_, source)
    if neighbour is None and count_of(range_, source) > _FEW:
        raise error
    place = nth_place(range_, 1, source, before=neighbour)
    alone = range_ if place is None else range_.up_to(place)
    try:
        source.fetch(alone.criteria().limited(1))
    except UnreadableRowsError as still:
        if place is None:
            raise
        return BadRow(place, str(still))
    return None


def readable_neighbour(range_: Range, source: Source) -> Cursor | None:
    """Find a row near the start of a range that can be loaded, where the first one cannot.

    Args:
        range_: The range.
        source: The list.

    Returns:
        Its place; None if there is none, or the range is empty by now.
    """
    for rank in _NEIGHBOURS:
        with suppress(UnreadableRowsError):
            return source.locate(range_.criteria(), rank)
    return None
