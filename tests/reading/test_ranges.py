from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.pager import read_range
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.reading.types import Cursor, InconsistentResponseError, Key, ListSpec
from tests.support.memory import LISTING, TEXT_KEYS, MemoryList, MemoryPage, keys_of

seconds = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}")
bounds = st.none() | st.integers(0, 60)
shops = st.dictionaries(st.integers(0, 60), seconds, max_size=40).map(MemoryList.of)
ranges = st.one_of(
    st.builds(KeyRange, st.just(LISTING), after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60)),
    st.builds(
        TimeRange,
        st.just(LISTING),
        since=seconds,
        after=st.none() | st.integers(0, 60),
        until=st.none() | seconds,
        until_key=st.none() | st.integers(0, 60),
    ),
)


def read(shop: MemoryList, range_: Range, page_size: int = 3) -> list[Key]:
    return keys_of(read_range(range_, shop.source(page_size)))


@given(shop=shops, after=st.none() | st.integers(0, 60), until=st.none() | st.integers(0, 60), size=st.integers(1, 9))
def test_key_order_reads_every_row_of_the_range_once(
    shop: MemoryList, after: int | None, until: int | None, size: int
) -> None:
    expected = [
        key
        for key in sorted(int(key) for key in shop.rows)
        if (after is None or key > after) and (until is None or key <= until)
    ]
    assert read(shop, KeyRange(LISTING, after, until), size) == expected


@given(shop=shops, since=seconds, after=bounds, until=st.none() | st.tuples(seconds, bounds), size=st.integers(1, 9))
def test_time_order_reads_every_row_of_the_range_once_also_within_one_second(
    shop: MemoryList, since: str, after: Key | None, until: tuple[str, Key | None] | None, size: int
) -> None:
    start = (since,) if after is None else (since, after)
    end, end_key = until or (None, None)
    last = (end or "9999", 61 if end_key is None else end_key)
    places = sorted((row["updated_at"], key) for key, row in shop.rows.items())
    expected = [key for time, key in places if start < (time, key) <= last]
    assert read(shop, TimeRange(LISTING, since, after, end, end_key), size) == expected


@given(shop=shops, range_=ranges)
def test_a_range_can_be_cut_after_any_row(shop: MemoryList, range_: Range) -> None:
    rows = shop.matching(range_.criteria())
    cursors = MemoryPage(rows, None).cursors
    for done, cursor in enumerate(cursors, start=1):
        part = range_.up_to(cursor)
        assert shop.matching(part.criteria()) == rows[:done]
        assert [part.is_last(other) for other in cursors[:done]] == [False] * (done - 1) + [True]


@given(shop=shops, range_=ranges, reach=st.integers(0, 70))
def test_a_range_can_be_bounded_at_any_position(shop: MemoryList, range_: Range, reach: int) -> None:
    position = range_.start + reach
    rows = shop.matching(range_.criteria())
    found = shop.matching(range_.bounded(position).criteria())
    assert found == [
        row
        for row, cursor in zip(rows, MemoryPage(rows, None).cursors, strict=True)
        if range_.position(cursor) <= position
    ]


@given(shop=shops, range_=ranges)
def test_a_condition_holds_in_both_orders(shop: MemoryList, range_: Range) -> None:
    but_for = replace(range_, condition=((Filter("entity_id", "nin", "7,8,9"),),))
    assert shop.keys(but_for.criteria()) == [key for key in shop.keys(range_.criteria()) if key not in {7, 8, 9}]


@given(shop=shops, range_=ranges, size=st.integers(1, 9))
def test_a_range_can_be_left_and_taken_up_after_any_row(shop: MemoryList, range_: Range, size: int) -> None:
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
        (KeyRange(LISTING, until=5), [{"id": 6}]),
        (TimeRange(LISTING, "2026", until="2027"), [{"id": 9, "updated_at": "2028"}]),
        (TimeRange(LISTING, "2026", until="2027", until_key=8), [{"id": 9, "updated_at": "2027"}]),
        (KeyRange(TEXT_KEYS), [{"source_code": "a"}, {"source_code": "a"}]),
        (KeyRange(TEXT_KEYS, after="a"), [{"source_code": "b"}, {"source_code": "a"}]),
        (KeyRange(TEXT_KEYS), [{"source_code": 7}]),
    ],
)
def test_an_answer_that_ignores_filter_or_sort_is_refused(range_: Range, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(InconsistentResponseError):
        range_.beyond(MemoryPage(rows, None, spec=range_.spec).cursors)


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, "2026")])
@pytest.mark.parametrize("key", [{}, {"id": None}, {"id": "seven"}, {"id": True}, {"id": 7.5}])
def test_a_row_without_its_key_is_refused_also_where_it_is_alone(range_: Range, key: dict[str, Any]) -> None:
    with pytest.raises(InconsistentResponseError, match="without its key"):
        range_.beyond(MemoryPage([{"updated_at": "2027", **key}], None).cursors)


def test_time_order_asks_with_one_exact_query() -> None:
    range_ = TimeRange(LISTING, "2026-03-15 03:00:00", 5000, "2026-03-16 03:00:00", 6000)
    assert range_.criteria() == SearchCriteria(
        groups=(
            (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),),
            (Filter("updated_at", "gt", "2026-03-15 03:00:00"), Filter("entity_id", "gt", 5000)),
            (Filter("updated_at", "lteq", "2026-03-16 03:00:00"),),
            (Filter("updated_at", "lt", "2026-03-16 03:00:00"), Filter("entity_id", "lteq", 6000)),
        ),
        sort=("updated_at", "entity_id"),
    )


def test_key_order_keeps_to_its_condition() -> None:
    newer = (Filter("updated_at", "gteq", "2026-03-15 03:00:00"),)
    range_ = KeyRange(LISTING, after=7, until=9, condition=(newer,))
    assert range_.criteria() == SearchCriteria(
        groups=(newer, (Filter("entity_id", "gt", 7),), (Filter("entity_id", "lteq", 9),)), sort=("entity_id",)
    )


@pytest.mark.parametrize("spec", [ListSpec("entity_id", "id"), ListSpec("code", "code", "updated_at", key_type="text")])
def test_time_order_needs_a_time_column_and_a_numeric_key(spec: ListSpec) -> None:
    with pytest.raises(ValueError, match="time column and a numeric key"):
        TimeRange(spec, "2026").criteria()


def test_a_time_that_is_none_is_told_in_one_line() -> None:
    with pytest.raises(InconsistentResponseError, match="'soon'"):
        TimeRange(LISTING, "2026-03-15 03:00:00").position(Cursor("soon", 1))


@pytest.mark.parametrize(
    ("value", "key"),
    [(7, 7), ("10", 10), ("", None), ("x", None), (None, None), (1.0, None), (True, None), ("²", None)],
)
def test_keys_are_numbers_also_where_they_are_written_as_texts(value: object, key: Key | None) -> None:
    assert LISTING.parse_key(value) == key


@pytest.mark.parametrize(("value", "key"), [("default", "default"), ("10", "10"), (7, None), ("", None), (None, None)])
def test_text_keys_are_texts(value: object, key: Key | None) -> None:
    assert TEXT_KEYS.parse_key(value) == key
