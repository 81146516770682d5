"""A shop of which only the time that it takes is real: lists of a million rows are read from it in seconds."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from threading import Lock, Semaphore
from typing import Any

from benchmarks.costs import SHOP
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import Group, SearchCriteria
from tap_magento.reading.types import Cursor, ListSpec, Row, Source

SPEC = ListSpec("entity_id", "entity_id", "updated_at")
_BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
_FIND: dict[str, Callable[[Sequence[Any], Any], int]] = {
    "gt": bisect_right,
    "gteq": bisect_left,
    "lt": bisect_left,
    "lteq": bisect_right,
}


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A page of rows that are nothing but their places."""

    cursors: Sequence[Cursor]
    total_count: int
    page_size: int

    def __len__(self) -> int:
        return len(self.cursors)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows."""
        return [{"entity_id": cursor.key, "updated_at": cursor.time} for cursor in self.cursors]

    @property
    def size_bytes(self) -> int:
        """As if each row had 10 kB."""
        return 10_000 * len(self.cursors)


@dataclass
class ModelShop:
    """A list whose keys and times ascend together.

    Attributes:
        keys: The keys.
        seconds: When each row was last changed, in seconds after some moment.
        faster: How many times faster than a real shop it is; it takes no time if None.
        asked_rows: Rows on all pages that were requested.
        sent_rows: Rows on all pages that have been sent.
        probes_cost: Seconds that requests for one row cost by the model.
        cost: Seconds that all requests did.
    """

    keys: Sequence[int]
    seconds: Sequence[int]
    faster: float | None = None
    asked_rows: int = 0
    sent_rows: int = 0
    probes_cost: float = 0.0
    cost: float = 0.0
    _lock: Lock = field(default_factory=Lock)
    _workers: Semaphore = field(default_factory=lambda: Semaphore(SHOP.workers or 1))

    def __post_init__(self) -> None:
        self._columns: dict[str, Sequence[Any]] = {"entity_id": self.keys, "updated_at": self.times}

    @property
    def times(self) -> Sequence[str]:
        """When each row was last changed, as Magento writes it."""
        texts: dict[int, str] = {}
        return [
            texts.setdefault(second, f"{_BEGIN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}")
            for second in self.seconds
        ]

    def ranges(self) -> dict[str, Range]:
        """Give all of the list in both orders."""
        return {"key": KeyRange(SPEC), "time": TimeRange(SPEC, f"{_BEGIN:%Y-%m-%d %H:%M:%S}")}

    def source(self, page_size: int, workers: int) -> Source:
        """Give the list to the engine.

        Args:
            page_size: Rows of a page.
            workers: How many workers read it.

        Returns:
            The source.
        """
        size = PageSize(page_size)

        def fetch(criteria: SearchCriteria) -> ModelPage:
            page, seconds = self._answer(criteria)
            size.on_page(len(page), seconds)
            return page

        return Source(fetch, lambda criteria: self._answer(criteria)[0].total_count, self._locate, size, workers)

    def _locate(self, criteria: SearchCriteria, rank: int) -> Cursor | None:
        page, _ = self._answer(criteria.ranked(rank))
        return page.cursors[0] if len(page) else None

    def _answer(self, criteria: SearchCriteria) -> tuple[ModelPage, float]:
        size = criteria.page_size or 1
        begin, end = self._interval(criteria)
        offset = size * (criteria.page - 1)
        found = range(begin, end)[offset : offset + size]
        cost = (
            SHOP.per_request
            + SHOP.per_row * len(found)
            + SHOP.per_offset_row * min(offset, end - begin)
            + SHOP.per_counted_row * (end - begin)
        )
        with self._lock:
            self.cost += cost
            self.probes_cost += cost if size == 1 else 0.0
            self.asked_rows += len(found) if size > 1 else 0
        if self.faster:
            with self._workers:
                time.sleep(cost / self.faster)
        with self._lock:
            self.sent_rows += len(found) if size > 1 else 0
        times = self._columns["updated_at"]
        return ModelPage([Cursor(times[row], self.keys[row]) for row in found], end - begin, size), cost

    def _interval(self, criteria: SearchCriteria) -> tuple[int, int]:
        begin, end = 0, len(self.keys)
        for group in criteria.groups:
            bounds = [_FIND[filter_.condition](self._columns[filter_.field], filter_.value) for filter_ in group]
            if _is_lower(group):
                begin = max(begin, min(bounds))
            else:
                end = min(end, max(bounds))
        return begin, max(begin, end)


def _is_lower(group: Group) -> bool:
    return group[0].condition.startswith("gt")
