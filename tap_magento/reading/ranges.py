"""What remains to be read: ranges in two orders, neither of which counts pages.

Page numbers shift when rows change, and lose rows even on a quiet shop (docs/MAGENTO.md). A range names the rows that
remain by where they begin; what begins after the last row read can neither shift nor be read twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import pairwise
from typing import Any

from tap_magento.reading.search import Filter, Group, SearchCriteria
from tap_magento.reading.types import Cursor, InconsistentResponseError, Key, ListSpec
from tap_magento.timestamps import SECOND, from_magento, to_magento

#: No row lies beyond.
LAST_KEY = 2**63 - 1
_FIRST_KEY = 0  # Magento's group of visitors who are not logged in
_LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Rows in key order: walks the primary key, which every table has.

    Attributes:
        spec: How the rows are identified.
        after: The rows up to this key are left out.
        until: The rows beyond this key are left out.
        condition: What else must hold.
    """

    spec: ListSpec
    after: Key | None = None
    until: Key | None = None
    condition: tuple[Group, ...] = ()

    def criteria(self) -> SearchCriteria:
        """Ask for the rows of the range.

        Returns:
            Criteria for all rows of the range, in key order.
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
            cursors: The places of the first rows of the range, at least one.

        Returns:
            What remains of the range.

        Raises:
            InconsistentResponseError: If these cannot be the first rows of the range.
        """
        _check_keys(cursors, self.spec)
        places = [cursor.key for cursor in cursors]
        start = [] if self.after is None else [self.after]
        if self.spec.has_text_key:
            _check_distinct([*start, *places])
        else:
            _check_ascending([*start, *places], self.until)
        return replace(self, after=places[-1])

    def up_to(self, cursor: Cursor) -> KeyRange:
        """Cut the range after a place.

        Args:
            cursor: A place in it.

        Returns:
            The rows up to that place, its row included.
        """
        return replace(self, until=cursor.key)

    def is_last(self, cursor: Cursor) -> bool:
        """Tell whether a place is the end of the range.

        Args:
            cursor: A place in it.

        Returns:
            Whether no row of the range can follow.
        """
        return cursor.key == self.until

    @property
    def start(self) -> int:
        """The position before the first one of the range; keys must be numbers."""
        return _FIRST_KEY - 1 if self.after is None else int(self.after)

    @property
    def end(self) -> int:
        """The last position of the range."""
        return LAST_KEY if self.until is None else int(self.until)

    def position(self, cursor: Cursor) -> int:
        """Give the number by which the range can be bounded at a place.

        Args:
            cursor: A place.

        Returns:
            Its key.
        """
        return int(cursor.key)

    def bounded(self, position: int) -> KeyRange:
        """Cut the range after a position.

        Args:
            position: A key.

        Returns:
            The rows of the range up to that key.
        """
        return self if position >= self.end else replace(self, until=position)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Rows in order of their last change, and of their key where they share a second.

    One filter group demands ``time >= since``; a second one, whose filters are ORed, ``time > since`` or
    ``key > after``; likewise for the end: exact also inside a second shared by thousands of rows (docs/MAGENTO.md).

    Attributes:
        spec: How the rows are identified and dated; it must have a time column and a numeric key.
        since: The range begins with this second, as Magento writes it.
        after: Of the rows of that second, those up to this key are left out.
        until: The range ends with this second.
        until_key: Of the rows of that second, those beyond this key are left out.
        condition: What else must hold.
    """

    spec: ListSpec
    since: str
    after: Key | None = None
    until: str | None = None
    until_key: Key | None = None
    condition: tuple[Group, ...] = ()

    def criteria(self) -> SearchCriteria:
        """Ask for the rows of the range.

        Returns:
            Criteria for all rows of the range, in order of time and key.
        """
        time, key = self.time_column, self.spec.key_column
        groups: list[Group] = [*self.condition, (Filter(time, "gteq", self.since),)]
        if self.after is not None:
            groups.append((Filter(time, "gt", self.since), Filter(key, "gt", self.after)))
        if self.until is not None:
            groups.append((Filter(time, "lteq", self.until),))
            if self.until_key is not None:
                groups.append((Filter(time, "lt", self.until), Filter(key, "lteq", self.until_key)))
        return SearchCriteria(groups=tuple(groups), sort=(time, key))

    def beyond(self, cursors: Sequence[Cursor]) -> TimeRange:
        """Go past rows that have been read.

        Args:
            cursors: The places of the first rows of the range, at least one.

        Returns:
            What remains of the range.

        Raises:
            InconsistentResponseError: If these cannot be the first rows of the range.
        """
        _check_keys(cursors, self.spec)
        # Without a key, a shorter tuple comes before all rows of that second.
        start = (self.since,) if self.after is None else (self.since, self.after)
        end = None if self.until is None else (self.until, LAST_KEY if self.until_key is None else self.until_key)
        _check_ascending([start, *cursors], end)
        last = cursors[-1]
        return replace(self, since=str(last.time), after=last.key)

    def up_to(self, cursor: Cursor) -> TimeRange:
        """Cut the range after a place.

        Args:
            cursor: A place in it.

        Returns:
            The rows up to that place, its row included.
        """
        return replace(self, until=cursor.time, until_key=cursor.key)

    def is_last(self, cursor: Cursor) -> bool:
        """Tell whether a place is the end of the range.

        Args:
            cursor: A place in it.

        Returns:
            Whether no row of the range can follow.
        """
        return cursor == (self.until, self.until_key)

    @property
    def start(self) -> int:
        """The position before the first one of the range; it may share the second of the first rows."""
        return _seconds(self.since)

    @property
    def end(self) -> int:
        """The last position of the range."""
        return (_LAST_SECOND - _EPOCH) // SECOND if self.until is None else _seconds(self.until)

    def position(self, cursor: Cursor) -> int:
        """Give the number by which the range can be bounded at a place.

        Args:
            cursor: A place.

        Returns:
            Its second.
        """
        return _seconds(str(cursor.time))

    def bounded(self, position: int) -> TimeRange:
        """Cut the range after a position.

        Args:
            position: A second.

        Returns:
            The rows of the range up to that second, all rows of it included.
        """
        return self if position >= self.end else replace(self, until=second_at(position), until_key=None)

    def one_second(self, second: str) -> KeyRange:
        """Cut one second out of the range, in the order of its keys.

        Args:
            second: A second in it, as Magento writes it.

        Returns:
            The range's rows of that second.
        """
        return KeyRange(
            self.spec,
            after=self.after if second == self.since else None,
            until=self.until_key if second == self.until else None,
            condition=(*self.condition, (Filter(self.time_column, "eq", second),)),
        )

    @property
    def time_column(self) -> str:
        """The column that the range is sorted by."""
        if self.spec.time_column is None or self.spec.has_text_key:
            raise ValueError("time order needs a time column and a numeric key")
        return self.spec.time_column


#: Rows that remain to be read, in one order or the other.
Range = KeyRange | TimeRange


def second_at(position: int) -> str:
    """Write a position in time order as Magento does.

    Args:
        position: As `TimeRange.position` gives it.

    Returns:
        The second.
    """
    return to_magento(_EPOCH + position * SECOND)


def _seconds(time: str) -> int:
    try:
        return (from_magento(time) - _EPOCH) // SECOND
    except ValueError:
        raise InconsistentResponseError(f"a row has the time {time!r}") from None


def _check_keys(cursors: Sequence[Cursor], spec: ListSpec) -> None:
    """Refuse rows without a key: what begins after them would be what has just been read, for ever."""
    type_ = str if spec.has_text_key else int
    if not all(isinstance(cursor.key, type_) for cursor in cursors):
        raise InconsistentResponseError("a row came without its key")


def _check_ascending(places: Sequence[Any], end: Any) -> None:
    """Refuse rows out of order, or beyond the end.

    A shop that ignores a sort, as some do (docs/MAGENTO.md), or a filter would lose or double rows silently.
    """
    try:
        misplaced = next((pair for pair in pairwise(places) if not pair[1] > pair[0]), None)
        is_beyond = end is not None and places[-1] > end
    except TypeError:
        raise InconsistentResponseError("a row came without its time") from None
    if misplaced is not None:
        raise InconsistentResponseError(f"the rows do not ascend: after {misplaced[0]} came {misplaced[1]}")
    if is_beyond:
        raise InconsistentResponseError(f"asked for the rows up to {end}, the shop sent {places[-1]}")


def _check_distinct(keys: Sequence[Key]) -> None:
    """Refuse rows that came before: reading on after them would never end."""
    if len(set(keys)) < len(keys):
        raise InconsistentResponseError("a row came twice")
