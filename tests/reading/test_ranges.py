from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.bad_rows import read_range
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.reading.types import InconsistentResponseError, Key, ListSpec
from tests.support.memory import LISTING, MemoryList, MemoryPage, keys_of

seconds = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}")
shops = st.dictionaries(st.integers(0, 60), seconds, max_size=40).map(MemoryList.of)
slices = st.one_of(
    st.builds(KeyRange, st.just(LISTING), after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60)),
    st.builds(
        TimeRange,
        st.just(LISTING),
        since=seconds,
        after=st.none() | st.integers(0, 60),
        before=st.none() | seconds,
    ),
)


def read(shop: MemoryList, range_: Range, page_size: int = 3) -> list[Key]:
    return keys_of(read_range(range_, shop.fetch, shop.count, lambda: page_size))


@given(shop=shops, after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60), size=st.integers(1, 9))
def test_key_order_reads_every_row_of_the_slice_once(
    shop: MemoryList, after: Key | None, until: Key | None, size: int
) -> None:
    expected = [key for key in sorted(shop.rows) if (after is None or key > after) and (until is None or key <= until)]
    assert read(shop, KeyRange(LISTING, after, until), size) == expected


@given(
    shop=shops, since=seconds, after=st.none() | st.integers(0, 60), before=st.none() | seconds, size=st.integers(1, 9)
)
def test_time_order_reads_every_row_of_the_slice_once_also_within_one_second(
    shop: MemoryList, since: str, after: Key | None, before: str | None, size: int
) -> None:
    start = (since,) if after is None else (since, after)
    places = sorted((row["updated_at"], key) for key, row in shop.rows.items())
    expected = [key for time, key in places if (time, key) > start and (before is None or time < before)]
    assert read(shop, TimeRange(LISTING, since, after, before), size) == expected


@given(shop=shops, range_=slices, size=st.integers(1, 9))
def test_a_slice_can_be_left_and_taken_up_after_any_row(shop: MemoryList, range_: Range, size: int) -> None:
    rows = shop.matching(range_.criteria())
    cursors = MemoryPage(rows, None).cursors
    for done in range(1, len(cursors) + 1):
        rest = range_.beyond(cursors[:done])
        assert keys_of([MemoryPage(rows[:done], None)]) + read(shop, rest, size) == shop.keys(range_.criteria())


@pytest.mark.parametrize(
    ("range_", "rows"),
    [
        (KeyRange(LISTING), [{"id": 2}, {"id": 1}]),
        (KeyRange(LISTING), [{"id": 1}, {"id": 1}]),
        (KeyRange(LISTING, after=5), [{"id": 5}]),
        (TimeRange(LISTING, "2026"), [{"id": 9, "updated_at": "2025"}]),
        (TimeRange(LISTING, "2026", after=9), [{"id": 9, "updated_at": "2026"}]),
        (TimeRange(LISTING, "2026"), [{"id": 2, "updated_at": "2027"}, {"id": 1, "updated_at": "2027"}]),
        (KeyRange(LISTING), [{"name": "no key"}, {"id": 1}]),
        (KeyRange(LISTING, after=1), [{"id": None}]),
        (TimeRange(LISTING, "2026"), [{"id": 1}]),
    ],
)
def test_an_answer_that_ignores_filter_or_sort_is_refused(range_: Range, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(InconsistentResponseError):
        range_.beyond(MemoryPage(rows, None).cursors)


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, "2026")])
@pytest.mark.parametrize("key", [{}, {"id": None}, {"id": "7"}])
def test_a_row_without_its_key_is_refused_also_where_it_is_alone(range_: Range, key: dict[str, Any]) -> None:
    with pytest.raises(InconsistentResponseError, match="without its key"):
        range_.beyond(MemoryPage([{"updated_at": "2027", **key}], None).cursors)


def test_time_order_asks_with_one_exact_query() -> None:
    range_ = TimeRange(LISTING, "2026-03-15 03:00:00", after=5000)
    assert range_.criteria() == SearchCriteria(
        groups=(
            (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),),
            (Filter("updated_at", "gt", "2026-03-15 03:00:00"), Filter("entity_id", "gt", 5000)),
        ),
        sort=("updated_at", "entity_id"),
    )


def test_key_order_keeps_to_its_condition() -> None:
    newer = (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),)
    range_ = KeyRange(LISTING, after=7, until=9, condition=(newer,))
    assert range_.criteria() == SearchCriteria(
        groups=(newer, (Filter("entity_id", "gt", 7),), (Filter("entity_id", "lteq", 9),)), sort=("entity_id",)
    )


def test_time_order_needs_a_time_column() -> None:
    with pytest.raises(ValueError, match="time column"):
        TimeRange(ListSpec("entity_id", "id"), "2026").criteria()
