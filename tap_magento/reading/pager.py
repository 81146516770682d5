"""Read a range page by page, and know where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tap_magento.reading.bad_rows import read_in_halves
from tap_magento.reading.place import nth_place, quick_count
from tap_magento.reading.ranges import Range
from tap_magento.reading.types import Batch, CountMismatch, Item, Page, Source, UnreadableRowsError

# So many times a page is looked at that neither comes nor is known to be empty.
_LOOKS = 5


def read_range(range_: Range, source: Source, page_size: Callable[[], int] | None = None) -> Iterator[Item]:
    """Read a range completely, one page after the other, but for the rows the shop cannot serve.

    It ends with the range's last place, with a page that is not full and is all that was counted, or with an empty
    page where a count agrees that nothing remains. A page that came full is not the last one because the shop says
    so: modules falsify `total_count`. What was counted and does not come, as a module hides it, is read past.

    Args:
        range_: What to read.
        source: The list.
        page_size: Gives the number of rows to request now; as many as the source says if None.

    Yields:
        The pages that have rows, and what hinders, in order.

    Raises:
        InconsistentResponseError: If the shop does not honour the filters or the sort.
        UnreadableRowsError: If it fails on each row.
    """
    rest = range_
    counts = _Counts()
    looks = 0  # at the same place
    while True:
        size = page_size() if page_size else source.page_size.rows
        try:
            page = source.fetch(rest.criteria().limited(size))
        except UnreadableRowsError:
            before = rest
            for part in read_in_halves(rest, size, source):
                yield part
                rest = rest.beyond(part.page.cursors if isinstance(part, Batch) else [part.cursor])
            looks = looks + 1 if rest == before else 0
            if looks > _LOOKS:  # where counts are of no use, the row's place cannot be found
                raise
            continue
        if len(page):
            beyond = rest.beyond(page.cursors)
            yield from counts.compare(page)
            yield Batch(page, page.cursors[-1])
            if rest.is_last(page.cursors[-1]) or counts.is_end(page):
                return
            rest, looks = beyond, 0
            continue
        remaining = quick_count(rest, source) if page.total_count is None else page.total_count
        if not remaining:
            return
        looks += 1
        if looks == 1:  # a row may have come or gone between the shop's reading and its counting
            continue
        yield CountMismatch(f"it counts {remaining} rows, but sends none", are_rows_missing=True)
        visible = _beyond_hidden(rest, remaining, page.page_size, source)
        if visible is None or looks >= _LOOKS:
            return
        rest, looks = visible, looks if visible == rest else 0


class _Counts:
    """What the counts on the pages of a range are worth."""

    def __init__(self) -> None:
        self._is_reliable = True
        self._has_ended = False  # as the page before said

    def compare(self, page: Page) -> Iterator[CountMismatch]:
        """Compare a page with its count; a difference that rows of the moment may make is none.

        Args:
            page: A page with rows.

        Yields:
            Whether they disagree.
        """
        total, rows = page.total_count, len(page)
        if self._has_ended:
            self._is_reliable = False
            if _is_full(page):
                yield CountMismatch("rows came after all that it had counted")
        if total is not None and (total < rows or (total > page.page_size and not _is_full(page))):
            self._is_reliable = False
            yield CountMismatch(
                f"it counts {total} rows, but sends {rows} where {page.page_size} were requested",
                are_rows_missing=total > rows,
            )
        self._has_ended = total is not None and total <= rows

    def is_end(self, page: Page) -> bool:
        """Tell whether a page is the last one.

        Args:
            page: The page that was compared last.

        Returns:
            Whether it is not full, and is all that was counted.
        """
        return self._has_ended and self._is_reliable and not _is_full(page)


def _beyond_hidden(range_: Range, remaining: int, size: int, source: Source) -> Range | None:
    """Go past rows that are counted but do not come.

    Args:
        range_: A range whose first page is empty.
        remaining: How many rows it is said to have.
        size: How many rows were requested.
        source: The list.

    Returns:
        What lies beyond that page; the same range if it has changed meanwhile. None if the page held all that
        remains, or if the counts contradict each other.
    """
    if remaining <= size or range_.spec.has_text_key:
        return None
    place = nth_place(range_, size, source)
    if place is None:
        return range_
    try:
        page = source.fetch(range_.up_to(place).criteria().limited(size))
    except UnreadableRowsError:
        return range_
    if len(page):
        return range_
    # The rows up to that place were just counted: they are not more than a page.
    return range_.beyond([place]) if page.total_count is None or page.total_count <= size else None


def _is_full(page: Page) -> bool:
    return len(page) >= page.page_size
