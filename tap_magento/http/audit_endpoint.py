"""A list endpoint as an audit asks it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tap_magento.exceptions import ShopFailedError
from tap_magento.http.endpoint import ListEndpoint
from tap_magento.reading.audit_source import ContradictionError
from tap_magento.reading.ledger import LAST_KEY
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.search import Filter, Group, SearchCriteria
from tap_magento.reading.types import IntegerKey, ListSpec, UnreadableRowsError


class AuditEndpoint:
    """Counts and lists keys for `tap_magento.reading.audit`.

    Args:
        endpoint: The list, of which the key alone is requested.
        spec: How its rows are identified.
        condition: What is read of the list (`start_date`).
    """

    def __init__(self, endpoint: ListEndpoint, spec: ListSpec, condition: tuple[Group, ...]) -> None:
        self._endpoint = endpoint
        self._spec = spec
        self._condition = condition

    def count(self, low: IntegerKey, high: IntegerKey) -> int:
        """Count the rows of a range of keys, both ends included.

        Args:
            low: Its first key.
            high: Its last key.

        Returns:
            How many rows there are.
        """
        return self._count(self._range(low, high, self._condition).criteria())

    def count_among(self, keys: Sequence[IntegerKey]) -> int:
        """Count the rows with some keys.

        Args:
            keys: The keys.

        Returns:
            How many of them have a row.
        """
        # Past the end no row is loaded, and few are walked.
        total = self._endpoint.count(self._named(keys).where(*self._condition).counting_past_the_end())
        if total is None:
            raise ContradictionError("the shop does not say how many rows there are")
        return total

    def keys_among(self, keys: Sequence[IntegerKey]) -> Collection[IntegerKey] | None:
        """List which keys have a row, whatever `start_date`.

        Args:
            keys: The keys.

        Returns:
            Those that have one; None if one of the rows cannot be served.
        """
        found: set[IntegerKey] = set()
        rest = self._named(keys)
        try:
            while page := self._endpoint.fetch(rest.limited(len(keys))):
                got = {int(cursor.key) for cursor in page.cursors}
                if len(got) >= len(keys) - len(found) or not got - found:
                    return found | got
                found |= got
                rest = self._named([key for key in keys if key not in found])
        except UnreadableRowsError:
            return None
        return found

    def is_empty(self, low: IntegerKey, high: IntegerKey) -> bool:
        """Tell whether a range has no row at all, whatever `start_date`.

        Args:
            low: Its first key.
            high: Its last key.

        Returns:
            Whether no row comes; a row that cannot be served is a row.
        """
        try:
            return not len(self._endpoint.fetch(self._range(low, high, ()).criteria().limited(1)))
        except UnreadableRowsError:
            return False

    def _count(self, criteria: SearchCriteria) -> int:
        try:
            total = self._endpoint.count(criteria.counting())
        except ShopFailedError:
            # The first page loads a row, which may be one that the shop cannot serve.
            total = self._endpoint.count(criteria.counting_past_the_end())
        if total is None:
            raise ContradictionError("the shop does not say how many rows there are")
        return total

    def _range(self, low: IntegerKey, high: IntegerKey, condition: tuple[Group, ...]) -> KeyRange:
        until = None if high == LAST_KEY else high
        return KeyRange(self._spec, after=low - 1, until=until, condition=condition)

    def _named(self, keys: Sequence[IntegerKey]) -> SearchCriteria:
        column = self._spec.key_column
        return SearchCriteria(groups=((Filter(column, "in", ",".join(map(str, keys))),),), sort=(column,))
