"""What a shop answers, as far as reading a list needs to know it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tap_magento.search import SearchCriteria

Row = dict[str, Any]


class Page(Protocol):
    """One answer to search criteria."""

    @property
    def rows(self) -> Sequence[Row]:
        """The rows, in the order asked for."""

    @property
    def total_count(self) -> int | None:
        """How many rows meet the criteria, on this page and after it."""


#: Asks the shop.
Fetch = Callable[[SearchCriteria], Page]


@dataclass(frozen=True, slots=True)
class Listing:
    """How the rows of a list are told apart and dated.

    Attributes:
        key_column: The unique column to filter and sort by.
        key_field: The same in the answer's rows.
        time_column: The column of the last change, named alike in the rows; None if there is none.
    """

    key_column: str
    key_field: str
    time_column: str | None = None


class UnfaithfulAnswerError(Exception):
    """The shop's answer is not what was asked for, so reading on could lose rows."""


class UnreadableRowsError(Exception):
    """The shop, though it can answer, fails on some of the rows asked for, or on as many at once."""
