"""A list in memory that is counted as a shop counts it, honestly or not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice

from pyroaring import BitMap64

from tap_magento.reading.audit import AuditResult, AuditStatus, audit
from tap_magento.reading.audit_search import Costs
from tap_magento.reading.ledger import Ledger


class CountedList:
    """Rows by key.

    `lie` falsifies counts; `before_request` may change the rows between two requests. Rows in `outside` are older than
    what is read of the list, those in `unreadable` cannot be served.
    """

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self.rows = BitMap64(keys)
        self.outside: set[int] = set()
        self.unreadable: set[int] = set()
        self.lie: Callable[[int], int] = lambda count: count
        self.before_request: Callable[[], None] = lambda: None
        self.counted_rows = 0
        self.listed: set[int] = set()
        self.asked_by_name: set[int] = set()
        self.found_empty: list[range] = []

    def count(self, low: int, high: int) -> int:
        self.before_request()
        rows = self.rows.range_cardinality(low, high + 1)
        self.counted_rows += rows
        return self.lie(rows)

    def count_among(self, keys: Sequence[int]) -> int:
        self.before_request()
        return self.lie(len(self.rows & BitMap64(keys)))

    def keys_among(self, keys: Sequence[int]) -> Collection[int] | None:
        self.before_request()
        self.asked_by_name.update(keys)
        found = {key for key in keys if key in self.rows or key in self.outside}
        if found & self.unreadable:
            return None
        self.listed |= found
        return found

    def is_empty(self, low: int, high: int) -> bool:
        self.before_request()
        if self.rows.range_cardinality(low, high + 1) or any(low <= key <= high for key in self.outside):
            return False
        self.found_empty.append(range(low, high + 1))
        return True

    def keys(self, low: int, high: int) -> list[int]:
        """What reading a range brings."""
        return list(islice(self.rows.iter_equal_or_larger(low), self.rows.range_cardinality(low, high + 1)))


def audit_and_apply(
    ledger: Ledger, shop: CountedList, rotation: int = 0, costs: Costs | None = None
) -> tuple[AuditResult, int]:
    """Audit as a run does: drop what is deleted, read what is unread; the result, and how many rows were read."""
    result = audit(ledger, shop, rotation=rotation, costs=costs)
    ledger.discard(result.deleted)
    known, read = len(ledger), 0
    for unread in result.unread:
        keys = shop.keys(unread.low, unread.high)
        ledger.add(keys)
        read += len(keys)
    return result.after_reading(len(ledger) - known), read


def audits_until_in_step(ledger: Ledger, shop: CountedList, costs: Costs, most: int) -> int:
    """Audit again and again; how many audits it took until nothing differs."""
    rotation = 0
    for n in range(most):
        if set(ledger.keys()) == set(shop.rows):
            return n
        result, _ = audit_and_apply(ledger, shop, rotation, costs)
        assert result.status is not AuditStatus.CANNOT_BE_SETTLED
        rotation = result.rotation
    raise AssertionError(f"still differs after {most} audits")
