"""The values of which the reading of a list consists, and what it is given to read with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import SearchCriteria

#: A row as the shop sends it.
Row = dict[str, Any]

#: A row's unique key.
Key = int | str

#: A key that is an integer.
IntegerKey = int

#: What a key is: an integer or a text in the rows, or an integer that they do not have.
KeyType = Literal["integer", "text", "hidden"]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """How the rows of a list are identified and dated.

    Attributes:
        key_column: The unique column to filter and sort by.
        key_field: The same in the rows.
        time_column: The column of the last change, named alike in the rows; None if there is none.
        key_type: "text" as in `inventory/sources`: the database's collation decides on the order of texts, so it is
            not checked here, and such a list is not partitioned. "hidden" as in `inventory/source-items`: an integer
            that the rows do not have.
        rows_field: The field of a response that holds the rows.
    """

    key_column: str
    key_field: str
    time_column: str | None = None
    key_type: KeyType = "integer"
    rows_field: str = "items"

    @property
    def has_text_key(self) -> bool:
        """Whether the key is a text."""
        return self.key_type == "text"

    @property
    def has_hidden_key(self) -> bool:
        """Whether the rows do not have the key."""
        return self.key_type == "hidden"

    def parse_key(self, value: object) -> Key | None:
        """Take a key as a row has it.

        Args:
            value: The value of `key_field`.

        Returns:
            The key; a number also where the shop writes it as a text, as in `products/attribute-sets/groups/list`.
            None if it is none.
        """
        if self.has_text_key:
            return value if isinstance(value, str) and value else None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Cursor(NamedTuple):
    """A row's place in its list.

    Attributes:
        time: Its last change, as Magento writes it; None where the list is not dated.
        key: Its key.
    """

    time: str | None
    key: Key


class Page(Protocol):
    """One response to search criteria.

    A page that waits to be emitted is to be small: its cursors are there, its rows are decoded when asked for.
    """

    @property
    def cursors(self) -> Sequence[Cursor]:
        """The rows' places, in the order of the rows; none where the list's key is hidden."""

    @property
    def rows(self) -> Iterable[Row]:
        """The rows, in the order asked for."""

    @property
    def size_bytes(self) -> int:
        """How many bytes of memory the page takes while it waits."""

    @property
    def page_size(self) -> int:
        """How many rows were asked for: those of the criteria, or fewer where the shop could not serve as many."""

    @property
    def total_count(self) -> int | None:
        """How many rows meet the criteria, on this page and after it; None if the shop does not say."""

    def __len__(self) -> int:
        """Give the number of rows."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A page with rows, as it is emitted.

    Attributes:
        page: The page.
        reached: Up to here, this place included, the range has been read: it is resumed after it.
    """

    page: Page
    reached: Cursor


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that the shop cannot serve, found where it should have come.

    Attributes:
        cursor: Its place; the time is None in key order. The range has been read up to here.
        reason: What the shop said.
    """

    cursor: Cursor
    reason: str


@dataclass(frozen=True, slots=True)
class CountMismatch:
    """The shop's counts and its rows disagree; the rows are read on by key, whatever is counted.

    Attributes:
        reason: What was found.
        are_rows_missing: Whether rows were counted here that did not come.
    """

    reason: str
    are_rows_missing: bool = False


#: What reading a range yields, in the order of the range.
Item = Batch | BadRow | CountMismatch


@dataclass(frozen=True, slots=True)
class Source:
    """A list as it can be read.

    Attributes:
        fetch: Requests a page of at most `page_size` rows, retrying while the shop is out of order. Raises
            `UnreadableRowsError`, without waiting, where the shop can count these rows but not serve them.
        count: Requests the `total_count` of criteria, which are sent as they are; None if the shop does not say.
        locate: Requests the n-th row of criteria (`SearchCriteria.ranked`), its key and time alone, and gives its
            place; None if there are fewer rows. Raises `UnreadableRowsError` if there are not, but that row does not
            come.
        page_size: How many rows to request at once.
        workers: How many partitions to read at once.
    """

    fetch: Callable[[SearchCriteria], Page]
    count: Callable[[SearchCriteria], int | None]
    locate: Callable[[SearchCriteria, int], Cursor | None]
    page_size: PageSize
    workers: int = 1


class InconsistentResponseError(Exception):
    """The shop's response is not what was asked for, so reading on could lose rows."""


class UnreadableRowsError(Exception):
    """The shop, though it can answer, fails on some of the rows asked for, or on as many at once."""
