"""Find where a ledger and a shop differ, by counting ever smaller ranges of keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tap_magento.reading.audit_source import ContradictionError, MeteredSource
from tap_magento.reading.ledger import Ledger
from tap_magento.reading.types import IntegerKey


@dataclass(frozen=True, slots=True)
class Costs:
    """What a shop's work takes, to choose the cheaper way.

    Attributes:
        request: Seconds of a request that loads no row.
        row: Seconds of a row, which its key alone takes too.
        names: How many keys one request names at most: 500 of ten digits take 5.5 kB of the 8 kB that a web server
            takes as a URL.
    """

    request: float = 0.045
    row: float = 0.01
    names: int = 500


class UnreadRange(NamedTuple):
    """A range of keys with rows that are not known.

    Attributes:
        low: Its first key.
        high: Its last one.
        unknown: How many such rows were counted.
    """

    low: IntegerKey
    high: IntegerKey
    unknown: int


@dataclass(frozen=True, slots=True)
class _Counted:
    """A range of keys and how many rows the shop has there, counted or derived from other counts.

    Attributes:
        low: Its first key.
        high: Its last one.
        rows: How many rows.
        is_verified: Whether its known keys were counted by name, and those that have gone sorted out.
    """

    low: IntegerKey
    high: IntegerKey
    rows: int
    is_verified: bool = False


class AuditSearch:
    """A search for what differs.

    Args:
        ledger: The known keys.
        shop: The list.
        costs: What the shop's work takes.

    Attributes:
        live: The known keys, without those that were found missing one by one.
        unread: Ranges with rows that are not known.
        costs: What the shop's work takes.
    """

    def __init__(self, ledger: Ledger, shop: MeteredSource, costs: Costs) -> None:
        self.live = ledger.copy()
        self.unread: list[UnreadRange] = []
        self.costs = costs
        self._ledger = ledger
        self._shop = shop
        self._missing: list[IntegerKey] = []
        self._missing_ranges: list[tuple[IntegerKey, IntegerKey]] = []

    def compare(self, low: IntegerKey, high: IntegerKey, rows: int) -> None:
        """Find the missing and the unread of a range.

        Args:
            low: Its first key.
            high: Its last one.
            rows: How many rows the shop has there.
        """
        self._compare(_Counted(low, high, rows))

    def compare_names(self, part: int, high: IntegerKey) -> None:
        """Count known keys by name: neither deleted nor unknown rows nearby can hide each other then.

        Args:
            part: Which of the parts that one request can name; beyond the last one comes the first again.
            high: The end of the list, which has as many rows as are known.
        """
        known, size = len(self.live), self.costs.names
        start = part * size % (-(-known // size) * size)
        stop = min(start + size, known)
        first = self.live.nth(start + 1) if start else 0
        last = self.live.nth(stop) if stop < known else high
        keys = self.live.keys(first, last)
        if self._shop.count_among(keys) == len(keys):
            return
        before = self._shop.count(0, first - 1) if start else 0
        here = self._shop.count(first, last) if stop < known else known - before
        if start:
            self.compare(0, first - 1, before)
        self._compare(self._verified(_Counted(first, last, here)))
        if stop < known:
            self.compare(last + 1, high, known - before - here)

    def confirm_missing(self) -> list[IntegerKey]:
        """Ask for the rows that counts say are missing.

        Returns:
            The keys that have no row indeed, ascending.

        Raises:
            ContradictionError: If the shop lists rows that it does not count.
        """
        deleted: list[IntegerKey] = []
        suspects = list(self._missing)
        for low, high in self._missing_ranges:
            keys = self._ledger.keys(low, high)
            is_gone = len(keys) > self.costs.names and self._shop.is_empty(low, high)
            (deleted if is_gone else suspects).extend(keys)
        suspects.sort()
        for start in range(0, len(suspects), self.costs.names):
            deleted += self._without_rows(suspects[start : start + self.costs.names])
        return sorted(deleted)

    def _compare(self, whole: _Counted) -> None:
        uncompared = [whole]
        while uncompared:
            part = uncompared.pop()
            known = self.live.count(part.low, part.high)
            if part.rows == known:
                continue
            if part.is_verified and part.rows < known:
                continue  # deleted since: the next audit finds it
            if not known or (part.is_verified and self._is_worth_reading(known)):
                self.unread.append(UnreadRange(part.low, part.high, part.rows - known))
            elif not part.rows:
                self._missing_ranges.append((part.low, part.high))
            elif known <= self.costs.names and not part.is_verified:
                uncompared.append(self._verified(part))
            else:
                uncompared.extend(self._halves(part, known))

    def _is_worth_reading(self, known: int) -> bool:
        """Tell whether loading the known rows of a range costs less than halving it: one request to save half."""
        return known * self.costs.row <= 2 * self.costs.request

    def _halves(self, part: _Counted, known: int) -> list[_Counted]:
        """Cut a range in the middle of its known keys; the right half comes first."""
        cut = min(self.live.nth((known + 1) // 2, part.low), part.high - 1)
        left = self._shop.count(part.low, cut)
        right = part.rows - left
        if not 0 <= right <= part.high - cut:  # the shop has changed
            right = self._shop.count(cut + 1, part.high)
        return [replace(part, low=cut + 1, rows=right), replace(part, high=cut, rows=left)]

    def _verified(self, part: _Counted) -> _Counted:
        """Sort out the known keys of a small range that are missing: what differs then are unknown rows."""
        keys = self.live.keys(part.low, part.high)
        present = self._shop.count_among(keys)
        missing = self._missing_among(keys, present)
        self._missing += missing
        self.live.discard(missing)
        rows = part.rows if part.rows == present else self._shop.count(part.low, part.high)
        return replace(part, rows=rows, is_verified=True)

    def _missing_among(self, keys: Sequence[IntegerKey], present: int) -> list[IntegerKey]:
        """Find which keys have no row.

        Rows are mostly deleted one by one or side by side, which halving finds in few requests. Where it has cost as
        much as listing the rows that are there, what remains is listed.
        """
        missing: list[IntegerKey] = []
        halvings = 1 + present * self.costs.row / self.costs.request
        uncounted = [(keys, present)]
        while uncounted:
            some, present = uncounted.pop()
            if present == len(some):
                continue
            if not present:
                missing += some
                continue
            if halvings <= 0:
                rest = [key for keys, _ in [*uncounted, (some, present)] for key in keys]
                found = self._shop.keys_among(rest)
                if found is not None:
                    return missing + [key for key in rest if key not in found]
                halvings = math.inf
            uncounted += self._halved(some, present)
            halvings -= 1
        return missing

    def _halved(self, keys: Sequence[IntegerKey], present: int) -> list[tuple[Sequence[IntegerKey], int]]:
        """Count the first half of some keys; the second half comes first."""
        left, right = keys[: len(keys) // 2], keys[len(keys) // 2 :]
        on_the_left = self._shop.count_among(left)
        on_the_right = present - on_the_left
        if not 0 <= on_the_right <= len(right):  # the shop has changed
            on_the_right = self._shop.count_among(right)
        return [(right, on_the_right), (left, on_the_left)]

    def _without_rows(self, keys: Sequence[IntegerKey]) -> list[IntegerKey]:
        """Ask for rows that are missing.

        Raises:
            ContradictionError: If there are some that the shop still does not count.
        """
        found = self._shop.keys_among(keys)
        if found is None:  # one that cannot be served is there: if others have gone, a later audit finds them
            return []
        if found and self._shop.count_among(sorted(found)) < len(found):
            raise ContradictionError("the shop has rows that it does not count")
        return [key for key in keys if key not in found]
