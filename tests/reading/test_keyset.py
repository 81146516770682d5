from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.keyset import KeySlice, Slice, TimeSlice, read_in_turn
from tap_magento.reading.page import Listing, Row, UnfaithfulAnswerError
from tap_magento.search import Filter, SearchCriteria
from tests.support.memory import MemoryList, MemoryPage

LISTING = Listing("entity_id", "id", "updated_at")

seconds = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}")
shops = st.dictionaries(st.integers(0, 60), seconds, max_size=40).map(
    lambda times: MemoryList().put({"id": key, "updated_at": time} for key, time in times.items())
)


def read(shop: MemoryList, slice_: Slice) -> list[Row]:
    return [row for step in read_in_turn(slice_, shop.fetch) for row in step.page.rows]


@given(
    shop=shops, page_size=st.integers(1, 9), after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60)
)
def test_key_order_reads_every_row_of_the_slice_once(
    shop: MemoryList, page_size: int, after: int | None, until: int | None
) -> None:
    shop.page_size = page_size
    expected = [key for key in sorted(shop.rows) if (after is None or key > after) and (until is None or key <= until)]
    assert [row["id"] for row in read(shop, KeySlice(LISTING, after, until))] == expected


@given(shop=shops, page_size=st.integers(1, 9), since=seconds, before=st.none() | seconds)
def test_time_order_reads_every_row_of_the_slice_once_also_within_one_second(
    shop: MemoryList, page_size: int, since: str, before: str | None
) -> None:
    shop.page_size = page_size
    expected = sorted(
        (row["updated_at"], key)
        for key, row in shop.rows.items()
        if row["updated_at"] >= since and (before is None or row["updated_at"] < before)
    )
    rows = read(shop, TimeSlice(LISTING, since, before=before))
    assert [(row["updated_at"], row["id"]) for row in rows] == expected


@given(shop=shops, page_size=st.integers(1, 9), data=st.data())
def test_a_slice_can_be_left_and_taken_up_after_any_page(shop: MemoryList, page_size: int, data: st.DataObject) -> None:
    shop.page_size = page_size
    slice_ = data.draw(st.sampled_from([KeySlice(LISTING), TimeSlice(LISTING, "2026-03-15 03:00:00")]))
    steps = list(read_in_turn(slice_, shop.fetch))
    whole = read(shop, slice_)
    for place, step in enumerate(steps):
        done = [row for earlier in steps[: place + 1] for row in earlier.page.rows]
        assert done + read(shop, step.rest) == whole


def test_an_empty_page_ends_a_slice_whatever_the_count_says() -> None:
    pages = iter([MemoryPage([{"id": 1, "updated_at": "x"}], 9), MemoryPage([], 9)])
    assert len(list(read_in_turn(KeySlice(LISTING), lambda _: next(pages)))) == 1


def test_without_a_count_reading_goes_on_to_the_empty_page() -> None:
    pages = iter([MemoryPage([{"id": 1}], None), MemoryPage([{"id": 2}], None), MemoryPage([], None)])
    assert len(list(read_in_turn(KeySlice(LISTING), lambda _: next(pages)))) == 2


def test_a_short_page_does_not_end_a_slice() -> None:
    pages = iter([MemoryPage([{"id": 1}], 2), MemoryPage([{"id": 2}], 1)])
    assert len(list(read_in_turn(KeySlice(LISTING), lambda _: next(pages)))) == 2


@pytest.mark.parametrize(
    ("slice_", "rows"),
    [
        (KeySlice(LISTING), [{"id": 2}, {"id": 1}]),
        (KeySlice(LISTING), [{"id": 1}, {"id": 1}]),
        (KeySlice(LISTING, after=5), [{"id": 5}]),
        (TimeSlice(LISTING, "2026"), [{"id": 9, "updated_at": "2025"}]),
        (TimeSlice(LISTING, "2026", after=9), [{"id": 9, "updated_at": "2026"}]),
        (TimeSlice(LISTING, "2026"), [{"id": 2, "updated_at": "2027"}, {"id": 1, "updated_at": "2027"}]),
        (KeySlice(LISTING), [{"name": "no key"}]),
        (KeySlice(LISTING), [{"id": None}]),
        (TimeSlice(LISTING, "2026"), [{"id": 1}]),
    ],
)
def test_an_answer_that_ignores_filter_or_sort_is_refused(slice_: Slice, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(UnfaithfulAnswerError):
        list(read_in_turn(slice_, lambda _: MemoryPage(rows, len(rows))))


def test_time_order_asks_with_one_exact_query() -> None:
    slice_ = TimeSlice(LISTING, "2026-03-15 03:00:00", after=5000)
    assert slice_.criteria() == SearchCriteria(
        groups=(
            (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),),
            (Filter("updated_at", "gt", "2026-03-15 03:00:00"), Filter("entity_id", "gt", 5000)),
        ),
        sort=("updated_at", "entity_id"),
    )


def test_time_order_needs_a_time_column() -> None:
    with pytest.raises(ValueError, match="time column"):
        TimeSlice(Listing("entity_id", "id"), "2026").criteria()
