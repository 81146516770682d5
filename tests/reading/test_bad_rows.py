from __future__ import annotations

import math
from collections.abc import Callable
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.bad_rows import first_cursor, is_last, read_range
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import BadRow, Cursor, Key, Page, UnreadableRowsError
from tests.support.memory import LISTING, MemoryList, MemoryPage, keys_of

FIRST = "2026-03-15 03:00:00"
ORDERS: list[Range] = [KeyRange(LISTING), TimeRange(LISTING, FIRST)]

times = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}") | st.sampled_from(
    ["2026-03-17 00:00:00", "2027-01-01 00:00:00", "9999-12-31 23:59:59"]
)
shops = st.dictionaries(st.integers(0, 60) | st.integers(0, 2**40), times, max_size=40).map(MemoryList.of)


def read(shop: MemoryList, range_: Range, page_size: int = 10) -> list[Page | BadRow]:
    return list(read_range(range_, shop.fetch, shop.count, lambda: page_size))


def one_by_one(items: list[Page | BadRow]) -> list[tuple[str, Key]]:
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
def test_a_bad_row_costs_few_questions(range_: Range) -> None:
    shop = MemoryList.of({key: f"2026-03-15 {key // 100 + 3:02}:{key % 60:02}:00" for key in range(1, 1001)})
    read(shop, range_, 100)
    quiet = len(shop.fetched)
    assert not shop.counted
    shop.fetched.clear()
    shop.bad = {500}
    read(shop, range_, 100)
    assert len(shop.fetched) <= quiet + 3 * math.log2(100)
    assert len(shop.counted) <= 2 * math.log2(86_400) + 2 * math.log2(1_000)


@pytest.mark.parametrize("range_", ORDERS)
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_a_shop_that_runs_out_of_memory_is_read_in_smaller_pages(range_: Range, limit: int) -> None:
    shop = MemoryList.of(dict.fromkeys(range(40), FIRST))

    def fetch(criteria: SearchCriteria) -> MemoryPage:
        if (criteria.page_size or 0) > limit:
            raise UnreadableRowsError("Allowed memory size exhausted")
        return shop.fetch(criteria)

    items = list(read_range(range_, fetch, shop.count, lambda: 10))
    assert one_by_one(items) == [("good", key) for key in range(40)]
    assert not shop.counted


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

    items = list(read_range(range_, fetch, shop.count, lambda: size))
    assert one_by_one(items) == [("good", key) for key in shop.keys(range_.criteria())]


@pytest.mark.parametrize("range_", ORDERS)
def test_a_shop_that_fails_on_everything_sets_no_row_aside(range_: Range) -> None:
    def fail(_: SearchCriteria) -> MemoryPage:
        raise UnreadableRowsError("database gone")

    def fail_to_count(_: SearchCriteria) -> int:
        raise UnreadableRowsError("database gone")

    with pytest.raises(UnreadableRowsError, match="database gone"):
        list(read_range(range_, fail, fail_to_count, lambda: 10))
    with pytest.raises(UnreadableRowsError, match="database gone"):
        list(read_range(range_, fail, lambda _: 0, lambda: 10))


@pytest.mark.parametrize("range_", ORDERS)
@pytest.mark.parametrize("after", range(12))
def test_a_bad_row_that_goes_while_it_is_looked_for_ends_the_search(range_: Range, after: int) -> None:
    shop = MemoryList.of({40: "2026-03-15 04:00:00"})
    shop.bad = {40}

    def count(criteria: SearchCriteria) -> int:
        if len(shop.counted) == after:
            shop.rows.clear()
        assert len(shop.counted) < 500, "the search does not end"
        return shop.count(criteria)

    items = list(read_range(range_, shop.fetch, count, lambda: 10))
    assert not [item for item in items if not isinstance(item, BadRow)]


@given(shop=shops, range_=st.sampled_from(ORDERS), bound=st.integers(0, 60))
def test_the_first_place_is_found_by_counting(shop: MemoryList, range_: Range, bound: int) -> None:
    if isinstance(range_, KeyRange):
        range_ = KeyRange(LISTING, after=bound - 10 if bound > 10 else None, until=bound + 10)
    else:
        range_ = TimeRange(LISTING, FIRST, after=bound, before="2027-01-01 00:00:00")
    rows = shop.matching(range_.criteria())
    cursor = first_cursor(range_, shop.count)
    assert (cursor is None) == (not rows)
    if cursor is not None:
        assert cursor.key == rows[0]["id"]
        assert cursor.time == (None if isinstance(range_, KeyRange) else rows[0]["updated_at"])


def answers(*pages: MemoryPage) -> Callable[[SearchCriteria], MemoryPage]:
    following = chain(pages, repeat(None))

    def fetch(_: SearchCriteria) -> MemoryPage:
        page = next(following)
        assert page is not None, "asked on after the end"
        return page

    return fetch


def nothing_to_count(_: SearchCriteria) -> int:
    pytest.fail("nothing is to be counted")


def page(*keys: Key, total: int | None) -> MemoryPage:
    return MemoryPage([{"id": key, "updated_at": FIRST} for key in keys], total)


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([page(1, 2, total=2)], id="nothing remains"),
        pytest.param([page(total=0)], id="an empty list"),
        pytest.param([page(1, total=9), page(total=9)], id="an empty page, whatever the count says"),
        pytest.param([page(1, total=None), page(2, total=None), page(total=None)], id="no count: to the empty page"),
        pytest.param([page(1, total=2), page(2, total=1)], id="a short page is no end"),
        pytest.param([page(1, 2, total=0)], id="fewer than came"),
    ],
)
@pytest.mark.parametrize("range_", ORDERS)
def test_where_a_slice_ends(range_: Range, pages: list[MemoryPage]) -> None:
    items = list(read_range(range_, answers(*pages), nothing_to_count, lambda: 3))
    assert items == [page for page in pages if page.rows]


def test_the_page_size_of_the_moment_is_asked_for() -> None:
    shop = MemoryList.of(dict.fromkeys(range(9), FIRST))
    sizes = iter([2, 3, 4])
    list(read_range(KeyRange(LISTING), shop.fetch, shop.count, lambda: next(sizes)))
    assert [criteria.page_size for criteria in shop.fetched] == [2, 3, 4]


@pytest.mark.parametrize(("total", "last"), [(None, False), (3, False), (2, True), (1, True)])
def test_the_last_page_is_known_by_what_remains(total: int | None, last: bool) -> None:  # noqa: FBT001  parametrized
    assert is_last(page(1, 2, total=total)) is last
