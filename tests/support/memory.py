"""A list in memory that answers search criteria as Magento does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import Condition, Filter, SearchCriteria
from tap_magento.reading.types import Batch, Cursor, Key, ListSpec, Row, Source, UnreadableRowsError

#: A list whose key has another name in the rows than in the database, as Magento's products do.
LISTING = ListSpec("entity_id", "id", "updated_at")
#: A list whose key is a text, as inventory sources have, and one whose key is not in the rows, as source items.
TEXT_KEYS = ListSpec("source_code", "source_code", key_type="text")
HIDDEN_KEYS = ListSpec("source_item_id", "", key_type="hidden")

_COMPARE: dict[Condition, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda value, listed: str(value) in str(listed).split(","),
    "nin": lambda value, listed: str(value) not in str(listed).split(","),
}


@dataclass(frozen=True)
class MemoryPage:
    """One response; the places of its rows follow from the rows."""

    rows: Sequence[Row]
    total_count: int | None
    size_bytes: int = 0
    spec: ListSpec = LISTING
    page_size: int = 1_000

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def cursors(self) -> Sequence[Cursor]:
        time, key = self.spec.time_column, self.spec.key_field
        if self.spec.has_hidden_key:
            return []
        return [
            Cursor(None if time is None else row.get(time), self.spec.parse_key(row.get(key)))  # type: ignore[arg-type]
            for row in self.rows
        ]


def honest(counted: int, sent: int) -> int | None:  # noqa: ARG001  a liar may look at it
    """The number of rows that were counted."""
    return counted


@dataclass
class MemoryList:
    """Rows by key; safe under threads.

    Attributes:
        rows: The rows.
        spec: How they are identified.
        order: Gives what the database sorts keys by.
        bad: Keys of rows that cannot be served.
        hidden: Keys of rows that are counted, but taken out of every response.
        say: Makes the `total_count` of the number counted and the number sent.
        before_answer: May change the rows between two requests.
        fetched: The requests for pages, `counted` those for counts, `located` those for one row by its rank.
    """

    rows: dict[Key, Row] = field(default_factory=dict)
    spec: ListSpec = LISTING
    order: Callable[[Any], Any] = lambda key: key
    bad: set[Key] = field(default_factory=set)
    hidden: set[Key] = field(default_factory=set)
    say: Callable[[int, int], int | None] = honest
    before_answer: Callable[[], None] = lambda: None
    fetched: list[SearchCriteria] = field(default_factory=list)
    counted: list[SearchCriteria] = field(default_factory=list)
    located: list[SearchCriteria] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)

    @classmethod
    def of(cls, times: Mapping[int, str]) -> MemoryList:
        return cls({key: {"id": key, "updated_at": time} for key, time in times.items()})

    def source(self, page_size: int, workers: int = 1) -> Source:
        return Source(self.fetch, self.count, self.locate, PageSize(page_size), workers)

    def fetch(self, criteria: SearchCriteria) -> MemoryPage:
        with self._lock:
            self.fetched.append(criteria)
            return self._answer(criteria)

    def count(self, criteria: SearchCriteria) -> int | None:
        with self._lock:
            self.counted.append(criteria)
            return self._answer(criteria).total_count

    def locate(self, criteria: SearchCriteria, rank: int) -> Cursor | None:
        with self._lock:
            self.located.append(criteria.ranked(rank))
            page = self._answer(self.located[-1])
        if page.cursors:
            return page.cursors[0]
        if page.total_count is not None and page.total_count >= rank:
            raise UnreadableRowsError("the row does not come")
        return None

    @property
    def probes(self) -> int:
        """The requests that were not for pages."""
        return len(self.counted) + len(self.located)

    def matching(self, criteria: SearchCriteria) -> list[Row]:
        """All rows that meet the criteria, sorted; without a sort, in no useful order."""
        return [row for _, row in self._found(criteria)]

    def keys(self, criteria: SearchCriteria) -> list[Key]:
        return [key for key, _ in self._found(criteria)]

    def _answer(self, criteria: SearchCriteria) -> MemoryPage:
        self.before_answer()
        found = self._found(criteria)
        size = criteria.page_size
        assert size
        begin = (criteria.page - 1) * size
        loaded = found[begin : begin + size]
        if any(key in self.bad for key, _ in loaded):
            raise UnreadableRowsError("Internal Error")
        sent = [dict(row) for key, row in loaded if key not in self.hidden]
        return MemoryPage(sent, self.say(len(found), len(sent)), 100 * len(sent), self.spec, size)

    def _found(self, criteria: SearchCriteria) -> list[tuple[Key, Row]]:
        found = [pair for pair in reversed(self.rows.items()) if self._meets(criteria, *pair)]
        return sorted(found, key=lambda pair: tuple(self._value(column, *pair) for column in criteria.sort))

    def _meets(self, criteria: SearchCriteria, key: Key, row: Row) -> bool:
        return all(any(self._holds(filter_, key, row) for filter_ in group) for group in criteria.groups)

    def _holds(self, filter_: Filter, key: Key, row: Row) -> bool:
        is_key = filter_.field == self.spec.key_column and filter_.condition not in ("in", "nin")
        value = self.order(filter_.value) if is_key else filter_.value
        return _COMPARE[filter_.condition](self._value(filter_.field, key, row), value)

    def _value(self, column: str, key: Key, row: Row) -> Any:
        return self.order(key) if column == self.spec.key_column else row[column]


def keys_of(items: Iterable[Any]) -> list[Key]:
    """The keys of the rows of pages and batches."""
    pages = [item.page if isinstance(item, Batch) else item for item in items]
    return [cursor.key for page in pages if hasattr(page, "cursors") for cursor in page.cursors]
