"""What an audit asks of a list, metered and checked for the impossible."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from tap_magento.reading.types import IntegerKey


class ContradictionError(Exception):
    """The shop's counts cannot all be right."""


class RequestLimitError(Exception):
    """An audit may ask no more."""


class AuditSource(Protocol):
    """A list as an audit asks it. All ranges include both of their ends."""

    def count(self, low: IntegerKey, high: IntegerKey) -> int:
        """Count the rows of a range of keys, within what is read of the list (``start_date``).

        By ``total_count`` of a first page of one row, or past the end if that row cannot be served or few are
        expected.
        """

    def count_among(self, keys: Sequence[IntegerKey]) -> int:
        """Count the rows with these keys (``in``), within what is read of the list."""

    def keys_among(self, keys: Sequence[IntegerKey]) -> Collection[IntegerKey] | None:
        """List which of these keys have a row (``in``), by the rows themselves and whatever ``start_date``.

        None if one of the rows cannot be served.
        """

    def is_empty(self, low: IntegerKey, high: IntegerKey) -> bool:
        """Tell whether a range has no row at all, by asking for one whatever ``start_date``.

        A row that cannot be served is a row.
        """


class MeteredSource:
    """A list that is asked within a limit, and whose answers are possible.

    Args:
        shop: The list.
        limit: How many requests may be made.

    Attributes:
        limit: The same; None to lift it.
        requests: How many requests were made.
        rows_loaded: How many rows were listed.
    """

    def __init__(self, shop: AuditSource, limit: int | None) -> None:
        self._shop = shop
        self.limit = limit
        self.requests = 0
        self.rows_loaded = 0

    def count(self, low: IntegerKey, high: IntegerKey) -> int:
        """Count the rows of a range of keys."""
        self._meter()
        return _possible(self._shop.count(low, high), high - low + 1)

    def count_among(self, keys: Sequence[IntegerKey]) -> int:
        """Count the rows with these keys."""
        self._meter()
        return _possible(self._shop.count_among(keys), len(keys))

    def keys_among(self, keys: Sequence[IntegerKey]) -> Collection[IntegerKey] | None:
        """List which of these keys have a row."""
        self._meter()
        found = self._shop.keys_among(keys)
        self.rows_loaded += len(found or ())
        return found

    def is_empty(self, low: IntegerKey, high: IntegerKey) -> bool:
        """Tell whether a range has no row at all."""
        self._meter()
        return self._shop.is_empty(low, high)

    def _meter(self) -> None:
        if self.requests == self.limit:
            raise RequestLimitError
        self.requests += 1


def _possible(count: int, most: int) -> int:
    """Check a count.

    Raises:
        ContradictionError: If there cannot be so many rows.
    """
    if 0 <= count <= most:
        return count
    raise ContradictionError(f"the shop counts {count} rows where there are at most {most} keys")
