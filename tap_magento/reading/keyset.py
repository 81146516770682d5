"""What to ask next: two orders of reading, neither of which counts pages.

Page numbers shift when rows change, and lose rows even on a quiet shop (MEASURED.md (i)). A slice names the
rows that are still to be read by where they begin; what begins after the last row read can neither shift nor
be read twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from tap_magento.reading.page import Fetch, Listing, Page, Row, UnfaithfulAnswerError
from tap_magento.search import Filter, Group, SearchCriteria

#: A row's unique key: an integer almost everywhere, a code for a few small lists.
Key = int | str


@dataclass(frozen=True, slots=True)
class KeySlice:
    """Rows in key order: walks the primary key, which every table has.

    Attributes:
        listing: How the rows are told apart.
        after: The rows up to this key are left out.
        until: The rows beyond this key are left out.
        condition: What else must hold.
    """

    listing: Listing
    after: Key | None = None
    until: Key | None = None
    condition: tuple[Group, ...] = ()

    def criteria(self) -> SearchCriteria:
        """Ask for the rows of the slice.

        Returns:
            Criteria for all rows of the slice, in key order.
        """
        column = self.listing.key_column
        groups = list(self.condition)
        if self.after is not None:
            groups.append((Filter(column, "gt", self.after),))
        if self.until is not None:
            groups.append((Filter(column, "lteq", self.until),))
        return SearchCriteria(groups=tuple(groups), sort=(column,))

    def beyond(self, rows: Sequence[Row]) -> KeySlice:
        """Go past rows that have been read.

        Args:
            rows: The first rows of the slice, at least one.

        Returns:
            What remains of the slice.

        Raises:
            UnfaithfulAnswerError: If these cannot be the first rows of the slice.
        """
        field = self.listing.key_field
        after = _last_in_order(rows, lambda row: row[field], self.after, self.listing)
        return replace(self, after=after)


@dataclass(frozen=True, slots=True)
class TimeSlice:
    """Rows in order of their last change, and of their key where they share a second.

    One filter group demands ``time >= since``; a second, whose filters are ORed, ``time > since`` or
    ``key > after``: exact also inside a second shared by thousands of rows (MEASURED.md (b3)).

    Attributes:
        listing: How the rows are told apart and dated; ``time_column`` must be set.
        since: The slice begins with this second, as Magento writes it.
        after: Of the rows of that second, those up to this key are left out.
        before: The slice ends before this second.
    """

    listing: Listing
    since: str
    after: Key | None = None
    before: str | None = None

    def criteria(self) -> SearchCriteria:
        """Ask for the rows of the slice.

        Returns:
            Criteria for all rows of the slice, in order of time and key.
        """
        time, key = self._time_column, self.listing.key_column
        groups: list[Group] = [(Filter(time, "gteq", self.since),)]
        if self.after is not None:
            groups.append((Filter(time, "gt", self.since), Filter(key, "gt", self.after)))
        if self.before is not None:
            groups.append((Filter(time, "lt", self.before),))
        return SearchCriteria(groups=tuple(groups), sort=(time, key))

    def beyond(self, rows: Sequence[Row]) -> TimeSlice:
        """Go past rows that have been read.

        Args:
            rows: The first rows of the slice, at least one.

        Returns:
            What remains of the slice.

        Raises:
            UnfaithfulAnswerError: If these cannot be the first rows of the slice.
        """
        time, key = self._time_column, self.listing.key_field
        start = (self.since,) if self.after is None else (self.since, self.after)
        since, after = _last_in_order(rows, lambda row: (row[time], row[key]), start, self.listing)
        return replace(self, since=since, after=after)

    @property
    def _time_column(self) -> str:
        if self.listing.time_column is None:
            raise ValueError("time order needs a time column")
        return self.listing.time_column


#: Rows that are still to be read, in one order or the other.
Slice = TypeVar("Slice", KeySlice, TimeSlice)


@dataclass(frozen=True)
class Step(Generic[Slice]):
    """A page that was read, and what remains.

    Attributes:
        page: The page; it has at least one row.
        rest: What remains of the slice once the page's rows have been handed over.
    """

    page: Page
    rest: Slice


def read_in_turn(slice_: Slice, fetch: Fetch) -> Iterator[Step[Slice]]:
    """Read a slice completely, one page after the other.

    It ends when the answer says that nothing remains, or with an empty page; never because a page is short.

    Args:
        slice_: What to read.
        fetch: Asks the shop, for as many rows as it sees fit.

    Yields:
        The pages that have rows, in order.

    Raises:
        UnfaithfulAnswerError: If the shop does not honour the filters or the sort.
    """
    rest = slice_
    remaining = True
    while remaining:
        page = fetch(rest.criteria())
        if not page.rows:
            return
        rest = rest.beyond(page.rows)
        yield Step(page, rest)
        remaining = page.total_count is None or page.total_count > len(page.rows)


def _last_in_order(rows: Sequence[Row], position: Callable[[Row], Any], start: Any, listing: Listing) -> Any:
    """Check that rows ascend from a start, and return the last one's position.

    A shop that ignores a sort (MEASURED.md (b) shows some that do) or a filter would lose rows silently.
    """
    last = start
    try:
        for row in rows:
            here = position(row)
            if last is not None and not here > last:
                raise UnfaithfulAnswerError(
                    f"rows do not ascend by {listing.time_column or ''} {listing.key_column}: after {last} came {here}"
                )
            last = here
    except (KeyError, TypeError) as error:
        raise UnfaithfulAnswerError(
            f"a row came without a usable {listing.key_field} or {listing.time_column}"
        ) from error
    return last
