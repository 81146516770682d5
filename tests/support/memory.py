"""A list in memory that answers search criteria as Magento does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tap_magento.reading.page import Row
from tap_magento.search import Condition, Filter, SearchCriteria

_COMPARE: dict[Condition, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gteq": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lteq": lambda a, b: a <= b,
}


@dataclass(frozen=True)
class MemoryPage:
    rows: list[Row]
    total_count: int | None


@dataclass
class MemoryList:
    """Rows by key; `before_answer` may change them between two questions."""

    rows: dict[int, Row] = field(default_factory=dict)
    page_size: int = 3
    before_answer: Callable[[], None] = lambda: None
    asked: list[SearchCriteria] = field(default_factory=list)

    def put(self, rows: Iterable[Row]) -> MemoryList:
        self.rows.update({row["id"]: dict(row) for row in rows})
        return self

    def fetch(self, criteria: SearchCriteria) -> MemoryPage:
        self.before_answer()
        self.asked.append(criteria)
        found = [row for row in self.rows.values() if _holds(criteria, row)]
        # Later sort columns first: sorting is stable. Without a sort, the order is of no use.
        for column in reversed(criteria.sort):
            found.sort(key=lambda row: row[_field(column)])
        size = criteria.page_size or self.page_size
        start = (criteria.page - 1) * size
        return MemoryPage([dict(row) for row in found[start : start + size]], len(found))


def _holds(criteria: SearchCriteria, row: Row) -> bool:
    return all(any(_filter_holds(filter_, row) for filter_ in group) for group in criteria.groups)


def _filter_holds(filter_: Filter, row: Row) -> bool:
    return _COMPARE[filter_.condition](row[_field(filter_.field)], filter_.value)


def _field(column: str) -> str:
    return "id" if column == "entity_id" else column
