"""What a shop answers, as far as reading a list needs to know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple, Protocol

from tap_magento.reading.search import SearchCriteria

#: A row as the shop answers it.
Row = dict[str, Any]

#: A row's unique key.
Key = int

#: Where a search for a place ends: no row lies beyond.
LAST_KEY: Key = 2**63 - 1
LAST_SECOND = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """How the rows of a list are told apart and dated.

    Attributes:
        key_column: The unique column to filter and sort by.
        key_field: The same in the answer's rows.
        time_column: The column of the last change, named alike in the rows; None if there is none.
    """

    key_column: str
    key_field: str
    time_column: str | None = None


class Cursor(NamedTuple):
    """A row's place in its list.

    Attributes:
        time: Its last change, as Magento writes it; None where the list is not dated.
        key: Its key.
    """

    time: str | None
    key: Key


class Page(Protocol):
    """One answer to search criteria.

    A page that waits for its turn is to be small: its marks are there, its rows are decoded when asked for.
    """

    @property
    def cursors(self) -> Sequence[Cursor]:
        """The rows' places, in the order of the rows."""

    @property
    def rows(self) -> Iterable[Row]:
        """The rows, in the order asked for."""

    @property
    def size_bytes(self) -> int:
        """How many bytes of memory the page takes while it waits."""

    @property
    def total_count(self) -> int | None:
        """How many rows meet the criteria, on this page and after it; None if the shop does not say."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that the shop cannot serve, found where it should have come.

    Attributes:
        mark: Its place; the time is None in key order.
        reason: What the shop said.
    """

    cursor: Cursor
    reason: str


#: Asks the shop for a page of at most `page_size` rows, and again where that may help.
Fetch = Callable[[SearchCriteria], Page]

#: Counts the rows that meet criteria, without loading one.
Count = Callable[[SearchCriteria], int]


class InconsistentResponseError(Exception):
    """The shop's answer is not what was asked for, so reading on could lose rows."""


class UnreadableRowsError(Exception):
    """The shop, though it can answer, fails on some of the rows asked for, or on as many at once."""
