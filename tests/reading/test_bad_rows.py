from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.page_size import PageSize
from tap_magento.reading.pager import read_range
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import BadRow, Cursor, Item, Key, Source, UnreadableRowsError
from tests.support.memory import LISTING, TEXT_KEYS, MemoryList, MemoryPage, keys_of

FIRST = "2026-03-15 03:00:00"
ORDERS: list[Range] = [KeyRange(LISTING), TimeRange(LISTING, FIRST)]

times = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}") | st.sampled_from(
    ["2026-03-17 00:00:00", "2027-01-01 00:00:00", "9999-12-31 23:59:59"]
)
shops = st.dictionaries(st.integers(0, 60) | st.integers(0, 2**40), times, max_size=33).map(MemoryList.of)


def read(shop: MemoryList, range_: Range, page_size: int = 10) -> list[Item]:
    return list(read_range(range_, shop.source(page_size)))


def one_by_one(items: list[Item]) -> list[tuple[str, Key]]:
    """What was handed over, in its order: the key of each row, good or bad."""
    return [
        pair
        for item in items
        for pair in (
            [("bad", item.cursor.key)] if isinstance(item, BadRow) else [("good", key) for key in keys_of([item])]
        )
    ]


@given(shop=shops, data=st.data(), range_=st.sampled_from(ORDERS), size=st.integers(1, 50))
def test_exactly_the_bad_rows_are_reported_and_all_others_come_once_in_order(
    shop: MemoryList, data: st.DataObject, range_: Range, size: int
) -> None:
    shop.bad = data.draw(st.sets(st.sampled_from(sorted(shop.rows)))) if shop.rows else set()
    expected = [("bad" if key in shop.bad else "good", key) for key in shop.keys(range_.criteria())]
    assert one_by_one(read(shop, range_, size)) == expected


@given(shop=shops, data=st.data(), range_=st.sampled_from(ORDERS))
def test_a_bad_row_is_named_by_its_place(shop: MemoryList, data: st.DataObject, range_: Range) -> None:
    shop.bad = data.draw(st.sets(st.sampled_from(sorted(shop.rows)))) if shop.rows else set()
    for item in read(shop, range_):
        if isinstance(item, BadRow):
            time = None if isinstance(range_, KeyRange) else shop.rows[item.cursor.key]["updated_at"]
            assert item == BadRow(Cursor(time, item.cursor.key), "Internal Error")


@pytest.mark.parametrize("range_", ORDERS)
@pytest.mark.parametrize("bad", [400, 401, 500, 555, 600, 999, 1_000])
def test_a_bad_row_costs_few_requests(range_: Range, bad: int) -> None:
    shop = MemoryList.of({key: f"2026-03-15 {key // 100 + 3:02}:{key % 60:02}:00" for key in range(1, 1001)})
    read(shop, range_, 200)
    quiet = len(shop.fetched)
    assert not shop.probes
    shop.fetched.clear()
    shop.bad = {bad}
    read(shop, range_, 200)
    # The page, its eight halves, the row itself once more, and the shorter pages around it.
    assert len(shop.fetched) <= quiet + 11
    assert len(shop.located) == 1
    # In key order its place follows from its neighbours' places; at the end of a list there is none behind.
    known = isinstance(range_, KeyRange) and bad < 1_000
    assert len(shop.counted) <= (2 if known else 60 if bad == 1_000 else 40)


@pytest.mark.parametrize("range_", ORDERS)
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_a_shop_that_runs_out_of_memory_is_read_in_smaller_pages(range_: Range, limit: int) -> None:
    shop = MemoryList.of(dict.fromkeys(range(40), FIRST))

    def fetch(criteria: SearchCriteria) -> MemoryPage:
        if (criteria.page_size or 0) > limit:
            raise UnreadableRowsError("Allowed memory size exhausted")
        return shop.fetch(criteria)

    size = PageSize(10)
    items = list(read_range(range_, Source(fetch, shop.count, shop.locate, size)))
    assert one_by_one(items) == [("good", key) for key in range(40)]
    assert not shop.probes
    assert size.rows <= max(1, limit), "it is not tried again page by page"


@given(shop=shops, fails=st.sets(st.integers(0, 60)), range_=st.sampled_from(ORDERS), size=st.integers(2, 9))
def test_no_row_is_set_aside_for_a_failure_that_passes(
    shop: MemoryList, fails: set[int], range_: Range, size: int
) -> None:
    # Never twice in a row for one row alone: that would be a bad row as far as anyone can tell.
    asked = 0
    failed_alone = False

    def fetch(criteria: SearchCriteria) -> MemoryPage:
        nonlocal asked, failed_alone
        asked += 1
        if asked in fails and not failed_alone:
            failed_alone = criteria.page_size == 1
            raise UnreadableRowsError("for a moment")
        failed_alone = False
        return shop.fetch(criteria)

    items = list(read_range(range_, Source(fetch, shop.count, shop.locate, PageSize(size))))
    assert one_by_one(items) == [("good", key) for key in shop.keys(range_.criteria())]


@pytest.mark.parametrize("range_", ORDERS)
def test_a_shop_that_fails_on_everything_sets_no_row_aside(range_: Range) -> None:
    shop = MemoryList.of(dict.fromkeys(range(40), FIRST))
    shop.bad = set(shop.rows)
    with pytest.raises(UnreadableRowsError, match="Internal Error"):
        read(shop, range_)


@pytest.mark.parametrize("range_", ORDERS)
def test_many_bad_rows_side_by_side_are_found_as_long_as_a_row_behind_them_can_be_served(range_: Range) -> None:
    shop = MemoryList.of(dict.fromkeys(range(200), FIRST))
    shop.bad = set(range(60))
    assert one_by_one(read(shop, range_)) == [("bad" if key < 60 else "good", key) for key in range(200)]


@pytest.mark.parametrize("range_", ORDERS)
def test_a_shop_that_cannot_count_either_sets_no_row_aside(range_: Range) -> None:
    def fail(*_: object) -> MemoryPage:
        raise UnreadableRowsError("database gone")

    def fail_to_count(_: SearchCriteria) -> int:
        raise UnreadableRowsError("database gone")

    shop = MemoryList.of({1: FIRST})
    with pytest.raises(UnreadableRowsError, match="database gone"):
        list(read_range(range_, Source(fail, fail_to_count, shop.locate, PageSize(10))))
    with pytest.raises(UnreadableRowsError, match="database gone"):
        list(read_range(range_, Source(fail, lambda _: 0, shop.locate, PageSize(10))))


@pytest.mark.parametrize("range_", ORDERS)
@pytest.mark.parametrize("total", [0, 1, 10**6])
def test_reading_ends_where_a_bad_row_cannot_be_found_as_the_counts_lie(range_: Range, total: int) -> None:
    shop = MemoryList.of(dict.fromkeys(range(0, 400, 10), FIRST))
    shop.bad, shop.say = {200}, lambda *_: total
    with pytest.raises(UnreadableRowsError):
        read(shop, range_)


def test_no_row_with_a_text_key_is_set_aside_as_its_key_cannot_be_found() -> None:
    shop = MemoryList({name: {"source_code": name} for name in "abc"}, spec=TEXT_KEYS, bad={"b"})
    with pytest.raises(UnreadableRowsError):
        read(shop, KeyRange(TEXT_KEYS))


@pytest.mark.parametrize("range_", ORDERS)
def test_the_page_size_is_given_back_once_a_bad_row_is_found(range_: Range) -> None:
    shop = MemoryList.of(dict.fromkeys(range(300), FIRST))
    shop.bad = {20}
    source = shop.source(100)
    list(read_range(range_, source))
    assert source.page_size.rows == 100
    assert [criteria.page_size for criteria in shop.fetched][-2:] == [100, 100]


@pytest.mark.parametrize("range_", ORDERS)
@pytest.mark.parametrize("after", range(12))
def test_a_bad_row_that_goes_while_it_is_looked_for_ends_the_search(range_: Range, after: int) -> None:
    shop = MemoryList.of({40: "2026-03-15 04:00:00"})
    shop.bad = {40}

    def count(criteria: SearchCriteria) -> int | None:
        if len(shop.counted) == after:
            shop.rows.clear()
        assert len(shop.counted) < 500, "the search does not end"
        return shop.count(criteria)

    items = list(read_range(range_, Source(shop.fetch, count, shop.locate, PageSize(10))))
    assert not [item for item in items if not isinstance(item, BadRow)]
