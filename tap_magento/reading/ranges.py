"""What to ask next: two orders of reading, neither of which counts pages.

Page numbers shift when rows change, and lose rows even on a quiet shop (MEASURED.md (i)). A slice names the
rows that are still to be read by where they begin; what begins after the last row read can neither shift nor
be read twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from tap_magento.reading.search import Filter, Group, SearchCriteria
from tap_magento.reading.types import Cursor, InconsistentResponseError, Key, ListSpec


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Rows in key order: walks the primary key, which every table has.

    Attributes:
        spec: How the rows are told apart.
        after: The rows up to this key are left out.
        until: The rows beyond this key are left out.
        condition: What else must hold.
    """

    spec: ListSpec
    after: Key | None = None
    until: Key | None = None
    condition: tuple[Group, ...] = ()

    def criteria(self) -> SearchCriteria:
        """Ask for the rows of the slice.

        Returns:
            Criteria for all rows of the slice, in key order.
        """
        column = self.spec.key_column
        groups = list(self.condition)
        if self.after is not None:
            groups.append((Filter(column, "gt", self.after),))
        if self.until is not None:
            groups.append((Filter(column, "lteq", self.until),))
        return SearchCriteria(groups=tuple(groups), sort=(column,))

    def beyond(self, cursors: Sequence[Cursor]) -> KeyRange:
        """Go past rows that have been read.

        Args:
            cursors: The places of the first rows of the slice, at least one.

        Returns:
            What remains of the slice.

        Raises:
            InconsistentResponseError: If these cannot be the first rows of the slice.
        """
        _check_keys(cursors)
        start = () if self.after is None else (self.after,)
        _check_ascending([*start, *(cursor.key for cursor in cursors)])
        return replace(self, after=cursors[-1].key)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Rows in order of their last change, and of their key where they share a second.

    One filter group demands ``time >= since``; a second, whose filters are ORed, ``time > since`` or
    ``key > after``: exact also inside a second shared by thousands of rows (MEASURED.md (b3)).

    Attributes:
        spec: How the rows are told apart and dated; ``time_column`` must be set.
        since: The slice begins with this second, as Magento writes it.
        after: Of the rows of that second, those up to this key are left out.
        before: The slice ends before this second.
    """

    spec: ListSpec
    since: str
    after: Key | None = None
    before: str | None = None

    def criteria(self) -> SearchCriteria:
        """Ask for the rows of the slice.

        Returns:
            Criteria for all rows of the slice, in order of time and key.
        """
        time, key = self.time_column, self.spec.key_column
        groups: list[Group] = [(Filter(time, "gteq", self.since),)]
        if self.after is not None:
            groups.append((Filter(time, "gt", self.since), Filter(key, "gt", self.after)))
        if self.before is not None:
            groups.append((Filter(time, "lt", self.before),))
        return SearchCriteria(groups=tuple(groups), sort=(time, key))

    def beyond(self, cursors: Sequence[Cursor]) -> TimeRange:
        """Go past rows that have been read.

        Args:
            cursors: The places of the first rows of the slice, at least one.

        Returns:
            What remains of the slice.

        Raises:
            InconsistentResponseError: If these cannot be the first rows of the slice.
        """
        _check_keys(cursors)
        # Without a key yet, a shorter tuple comes before all rows of that second.
        start = (self.since,) if self.after is None else (self.since, self.after)
        _check_ascending([start, *cursors])
        last = cursors[-1]
        return replace(self, since=str(last.time), after=last.key)

    @property
    def time_column(self) -> str:
        """The column that the slice is sorted by."""
        if self.spec.time_column is None:
            raise ValueError("time order needs a time column")
        return self.spec.time_column


#: Rows that are still to be read, in one order or the other.
Range = KeyRange | TimeRange


def _check_keys(cursors: Sequence[Cursor]) -> None:
    """Refuse rows without a key: what begins after them would be what has just been read, for ever."""
    if not all(isinstance(cursor.key, int) for cursor in cursors):
        raise InconsistentResponseError("a row came without its key")


def _check_ascending(places: Sequence[Any]) -> None:
    """Refuse rows out of order.

    A shop that ignores a sort (MEASURED.md (b) shows some that do) or a filter would lose rows silently.
    """
    try:
        misplaced = next((pair for pair in pairwise(places) if not pair[1] > pair[0]), None)
    except TypeError:
        raise InconsistentResponseError("a row came without its time") from None
    if misplaced is not None:
        raise InconsistentResponseError(f"the rows do not ascend: after {misplaced[0]} came {misplaced[1]}")
