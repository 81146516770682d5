from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.keyset import KeySlice, Slice, TimeSlice
from tap_magento.reading.page import Key, Listing, UnfaithfulAnswerError
from tap_magento.reading.quarantine import read_slice
from tap_magento.search import Filter, SearchCriteria
from tests.support.memory import LISTING, MemoryList, MemoryPage, keys_of

seconds = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}")
shops = st.dictionaries(st.integers(0, 60), seconds, max_size=40).map(MemoryList.of)
slices = st.one_of(
    st.builds(KeySlice, st.just(LISTING), after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60)),
    st.builds(
        TimeSlice,
        st.just(LISTING),
        since=seconds,
        after=st.none() | st.integers(0, 60),
        before=st.none() | seconds,
    ),
)


def read(shop: MemoryList, slice_: Slice, page_size: int = 3) -> list[Key]:
    return keys_of(read_slice(slice_, shop.fetch, shop.count, lambda: page_size))


@given(shop=shops, after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60), size=st.integers(1, 9))
def test_key_order_reads_every_row_of_the_slice_once(
    shop: MemoryList, after: Key | None, until: Key | None, size: int
) -> None:
    expected = [key for key in sorted(shop.rows) if (after is None or key > after) and (until is None or key <= until)]
    assert read(shop, KeySlice(LISTING, after, until), size) == expected


@given(
    shop=shops, since=seconds, after=st.none() | st.integers(0, 60), before=st.none() | seconds, size=st.integers(1, 9)
)
def test_time_order_reads_every_row_of_the_slice_once_also_within_one_second(
    shop: MemoryList, since: str, after: Key | None, before: str | None, size: int
) -> None:
    start = (since,) if after is None else (since, after)
    places = sorted((row["updated_at"], key) for key, row in shop.rows.items())
    expected = [key for time, key in places if (time, key) > start and (before is None or time < before)]
    assert read(shop, TimeSlice(LISTING, since, after, before), size) == expected


@given(shop=shops, slice_=slices, size=st.integers(1, 9))
def test_a_slice_can_be_left_and_taken_up_after_any_row(shop: MemoryList, slice_: Slice, size: int) -> None:
    rows = shop.matching(slice_.criteria())
    marks = MemoryPage(rows, None).marks
    for done in range(1, len(marks) + 1):
        rest = slice_.beyond(marks[:done])
        assert keys_of([MemoryPage(rows[:done], None)]) + read(shop, rest, size) == shop.keys(slice_.criteria())


@pytest.mark.parametrize(
    ("slice_", "rows"),
    [
        (KeySlice(LISTING), [{"id": 2}, {"id": 1}]),
        (KeySlice(LISTING), [{"id": 1}, {"id": 1}]),
        (KeySlice(LISTING, after=5), [{"id": 5}]),
        (TimeSlice(LISTING, "2026"), [{"id": 9, "updated_at": "2025"}]),
        (TimeSlice(LISTING, "2026", after=9), [{"id": 9, "updated_at": "2026"}]),
        (TimeSlice(LISTING, "2026"), [{"id": 2, "updated_at": "2027"}, {"id": 1, "updated_at": "2027"}]),
        (KeySlice(LISTING), [{"name": "no key"}, {"id": 1}]),
        (KeySlice(LISTING, after=1), [{"id": None}]),
        (TimeSlice(LISTING, "2026"), [{"id": 1}]),
    ],
)
def test_an_answer_that_ignores_filter_or_sort_is_refused(slice_: Slice, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(UnfaithfulAnswerError):
        slice_.beyond(MemoryPage(rows, None).marks)


@pytest.mark.parametrize("slice_", [KeySlice(LISTING), TimeSlice(LISTING, "2026")])
@pytest.mark.parametrize("key", [{}, {"id": None}, {"id": "7"}])
def test_a_row_without_its_key_is_refused_also_where_it_is_alone(slice_: Slice, key: dict[str, Any]) -> None:
    with pytest.raises(UnfaithfulAnswerError, match="without its key"):
        slice_.beyond(MemoryPage([{"updated_at": "2027", **key}], None).marks)


def test_time_order_asks_with_one_exact_query() -> None:
    slice_ = TimeSlice(LISTING, "2026-03-15 03:00:00", after=5000)
    assert slice_.criteria() == SearchCriteria(
        groups=(
            (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),),
            (Filter("updated_at", "gt", "2026-03-15 03:00:00"), Filter("entity_id", "gt", 5000)),
        ),
        sort=("updated_at", "entity_id"),
    )


def test_key_order_keeps_to_its_condition() -> None:
    newer = (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),)
    slice_ = KeySlice(LISTING, after=7, until=9, condition=(newer,))
    assert slice_.criteria() == SearchCriteria(
        groups=(newer, (Filter("entity_id", "gt", 7),), (Filter("entity_id", "lteq", 9),)), sort=("entity_id",)
    )


def test_time_order_needs_a_time_column() -> None:
    with pytest.raises(ValueError, match="time column"):
        TimeSlice(Listing("entity_id", "id"), "2026").criteria()
