"""A list in memory that answers search criteria as Magento does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from tap_magento.reading.search import Condition, Filter, SearchCriteria
from tap_magento.reading.types import Cursor, Key, ListSpec, Row, UnreadableRowsError

#: A list whose key has another name in the answer than in the database, as Magento's products do.
LISTING = ListSpec("entity_id", "id", "updated_at")

_COMPARE: dict[Condition, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
}


@dataclass(frozen=True)
class MemoryPage:
    """One answer; the places of its rows follow from the rows."""

    rows: Sequence[Row]
    total_count: int | None
    size_bytes: int = 0
    spec: ListSpec = LISTING

    @property
    def cursors(self) -> Sequence[Cursor]:
        time, key = self.spec.time_column, self.spec.key_field
        return [Cursor(None if time is None else row.get(time), row.get(key)) for row in self.rows]  # type: ignore[arg-type]


@dataclass
class MemoryList:
    """Rows by key; `before_answer` may change them between two questions. Safe under threads."""

    rows: dict[Key, Row] = field(default_factory=dict)
    spec: ListSpec = LISTING
    bad: set[Key] = field(default_factory=set)
    before_answer: Callable[[], None] = lambda: None
    fetched: list[SearchCriteria] = field(default_factory=list)
    counted: list[SearchCriteria] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)

    @classmethod
    def of(cls, times: dict[Key, str]) -> MemoryList:
        return cls({key: {"id": key, "updated_at": time} for key, time in times.items()})

    def fetch(self, criteria: SearchCriteria) -> MemoryPage:
        with self._lock:
            self.before_answer()
            self.fetched.append(criteria)
            found = self.matching(criteria)
            assert criteria.page_size
            page = [dict(row) for row in found[: criteria.page_size]]
            if any(row[self.spec.key_field] in self.bad for row in page):
                raise UnreadableRowsError("Internal Error")
            return MemoryPage(page, len(found), spec=self.spec)

    def count(self, criteria: SearchCriteria) -> int:
        with self._lock:
            self.before_answer()
            self.counted.append(criteria)
            return len(self.matching(criteria))

    def matching(self, criteria: SearchCriteria) -> list[Row]:
        """All rows that meet the criteria, sorted; without a sort, in no useful order."""
        found = [row for row in reversed(self.rows.values()) if self._meets(criteria, row)]
        return sorted(found, key=lambda row: tuple(row[self._field(column)] for column in criteria.sort))

    def keys(self, criteria: SearchCriteria) -> list[Key]:
        return [row[self.spec.key_field] for row in self.matching(criteria)]

    def _meets(self, criteria: SearchCriteria, row: Row) -> bool:
        return all(any(self._holds(filter_, row) for filter_ in group) for group in criteria.groups)

    def _holds(self, filter_: Filter, row: Row) -> bool:
        return _COMPARE[filter_.condition](row[self._field(filter_.field)], filter_.value)

    def _field(self, column: str) -> str:
        return self.spec.key_field if column == self.spec.key_column else column


def keys_of(items: Iterable[Any]) -> list[Key]:
    """The keys of the rows of pages."""
    return [cursor.key for item in items if hasattr(item, "cursors") for cursor in item.cursors]
