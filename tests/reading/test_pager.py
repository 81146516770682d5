from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.page_size import PageSize
from tap_magento.reading.pager import read_range
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import Batch, CountMismatch, Cursor, InconsistentResponseError, Item, Key, Source
from tests.support.memory import LISTING, TEXT_KEYS, MemoryList, MemoryPage, keys_of

FIRST = "2026-03-15 03:00:00"
ORDERS: list[Range] = [KeyRange(LISTING), TimeRange(LISTING, FIRST)]

times = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}") | st.sampled_from(
    ["2026-03-17 00:00:00", "2027-01-01 00:00:00", "9999-12-31 23:59:59"]
)
shops = st.dictionaries(st.integers(0, 60) | st.integers(0, 2**40), times, max_size=40).map(MemoryList.of)

Say = Callable[[int, int], int | None]
LIES: dict[str, Say] = {
    "honest": lambda counted, _: counted,
    "missing": lambda *_: None,
    "never more than ten": lambda counted, _: min(counted, 10),
    "always ten": lambda *_: 10,
    "always none": lambda *_: 0,
    "always many": lambda *_: 10**6,
    "of the page": lambda _, sent: sent,
    "five too many": lambda counted, _: counted + 5,
    "twice as many": lambda counted, _: 2 * counted,
}


def read(shop: MemoryList, range_: Range, page_size: int = 10) -> list[Item]:
    items = []
    for item in read_range(range_, shop.source(page_size)):
        items.append(item)
        assert len(shop.fetched) + len(shop.counted) < 3_000, "reading does not end"
    return items


def mismatches(items: list[Item]) -> list[CountMismatch]:
    return [item for item in items if isinstance(item, CountMismatch)]


@given(shop=shops, range_=st.sampled_from(ORDERS), size=st.integers(1, 50))
def test_every_row_comes_once_and_in_order(shop: MemoryList, range_: Range, size: int) -> None:
    items = read(shop, range_, size)
    assert keys_of(items) == shop.keys(range_.criteria())
    assert not mismatches(items)


@given(shop=shops, range_=st.sampled_from(ORDERS), size=st.integers(1, 50), lie=st.sampled_from(sorted(LIES)))
def test_every_row_comes_once_and_in_order_whatever_is_counted(
    shop: MemoryList, range_: Range, size: int, lie: str
) -> None:
    shop.say = LIES[lie]
    assert keys_of(read(shop, range_, size)) == shop.keys(range_.criteria())


@given(shop=shops, range_=st.sampled_from(ORDERS), size=st.integers(1, 9), data=st.data())
def test_rows_that_are_counted_but_hidden_hide_no_other(
    shop: MemoryList, range_: Range, size: int, data: st.DataObject
) -> None:
    shop.hidden = data.draw(st.sets(st.sampled_from(sorted(shop.rows)))) if shop.rows else set()
    assert keys_of(read(shop, range_, size)) == [key for key in shop.keys(range_.criteria()) if key not in shop.hidden]


@given(shop=shops, range_=st.sampled_from(ORDERS), size=st.integers(1, 9), bad=st.sets(st.integers(0, 60)))
def test_reading_goes_on_after_any_item(shop: MemoryList, range_: Range, size: int, bad: set[Key]) -> None:
    shop.bad = bad
    expected = [key for key in shop.keys(range_.criteria()) if key not in bad]
    got: list[Key] = []
    for item in read(shop, range_, size):
        if isinstance(item, CountMismatch):
            continue
        got += keys_of([item])
        rest = range_.beyond([item.reached if isinstance(item, Batch) else item.cursor])
        assert got + keys_of(read(shop, rest, size)) == expected


@pytest.mark.parametrize("range_", ORDERS)
def test_a_row_that_moves_while_others_are_read_comes_where_it_is(range_: Range) -> None:
    shop = MemoryList.of({key: f"2026-03-15 03:00:{key:02}" for key in range(1, 50)})

    def touch() -> None:
        moved = len(shop.fetched)
        shop.rows[moved] = {"id": moved, "updated_at": f"2026-03-16 00:00:{moved:02}"}

    shop.before_answer = touch
    found = keys_of(read(shop, range_, 5))
    assert set(range(1, 50)) <= set(found)
    if isinstance(range_, KeyRange):
        assert found == list(range(1, 50))


@given(names=st.sets(st.text(st.sampled_from("abAB_"), min_size=1, max_size=3), max_size=20), size=st.integers(1, 9))
def test_text_keys_are_read_in_the_order_of_the_database(names: set[str], size: int) -> None:
    distinct = {name.casefold(): name for name in names}  # to the database they are the same
    shop = MemoryList(
        {name: {"source_code": name} for name in distinct.values()}, spec=TEXT_KEYS, order=lambda name: name.casefold()
    )
    assert keys_of(read(shop, KeyRange(TEXT_KEYS), size)) == [distinct[name] for name in sorted(distinct)]


def test_a_list_with_text_keys_that_ignores_the_filter_is_refused() -> None:
    shop = MemoryList({name: {"source_code": name} for name in "abcdef"}, spec=TEXT_KEYS)

    def ignore(criteria: SearchCriteria) -> MemoryPage:
        return shop.fetch(SearchCriteria(sort=criteria.sort, page_size=criteria.page_size))

    source = Source(ignore, shop.count, shop.locate, PageSize(3))
    with pytest.raises(InconsistentResponseError, match="a row came twice"):
        list(read_range(KeyRange(TEXT_KEYS), source))


def test_numbers_that_are_written_as_texts_are_compared_as_numbers() -> None:
    shop = MemoryList({key: {"id": str(key), "updated_at": FIRST} for key in range(8, 13)})
    assert keys_of(read(shop, KeyRange(LISTING), 2)) == [8, 9, 10, 11, 12]


def test_a_key_of_zero_is_read() -> None:
    shop = MemoryList.of(dict.fromkeys(range(5), FIRST))
    for range_ in ORDERS:
        assert keys_of(read(shop, range_, 2)) == [0, 1, 2, 3, 4]


def page(*keys: Key, total: int | None, size: int = 3) -> MemoryPage:
    return MemoryPage([{"id": key, "updated_at": FIRST} for key in keys], total, page_size=size)


def answers(pages: Iterable[MemoryPage]) -> Source:
    following = iter(pages)

    def fetch(_: SearchCriteria) -> MemoryPage:
        return next(following)  # StopIteration where it asks on after the end

    def none(*_: Any) -> NoReturn:
        pytest.fail("nothing is to be counted or located")

    return Source(fetch, none, none, PageSize(3))


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        pytest.param([page(1, 2, total=2)], [], id="short, and all that was counted"),
        pytest.param([page(total=0)], [], id="an empty list"),
        pytest.param([page(1, 2, 3, total=3), page(total=0)], [], id="full, so the count is not believed"),
        pytest.param([page(1, 2, 3, total=3), page(4, total=1), page(total=0)], [], id="one has come just now"),
        pytest.param([page(1, total=2), page(2, total=1)], [], id="short, but more remain"),
        pytest.param([page(1, 2, total=1), page(total=0)], ["counts 1 rows, but sends 2"], id="fewer counted"),
        pytest.param(
            [page(1, 2, total=9), page(3, total=1), page(total=0)],
            ["counts 9 rows, but sends 2 where 3 were requested"],
            id="short, though more were counted than a page holds",
        ),
        pytest.param(
            [page(1, 2, 3, total=3), page(4, 5, 6, total=3), page(7, total=1), page(total=0)],
            ["rows came after all"],
            id="the count is that of the page",
        ),
        pytest.param([page(total=1), page(1, total=1)], [], id="the row came a moment later"),
    ],
)
@pytest.mark.parametrize("range_", ORDERS)
def test_where_a_range_ends(range_: Range, pages: list[MemoryPage], expected: list[str]) -> None:
    responses = iter(pages)
    items = list(read_range(range_, answers(responses)))
    assert next(responses, None) is None, "it ended too early"
    assert [item.page for item in items if isinstance(item, Batch)] == [page for page in pages if len(page)]
    found = mismatches(items)
    assert len(found) == len(expected)
    assert all(part in mismatch.reason for part, mismatch in zip(expected, found, strict=True))


@pytest.mark.parametrize("range_", [KeyRange(LISTING, until=3), TimeRange(LISTING, FIRST, until=FIRST, until_key=3)])
def test_a_range_ends_with_its_last_place_without_a_further_request(range_: Range) -> None:
    assert len(list(read_range(range_, answers([page(1, 2, 3, total=3)])))) == 1


@pytest.mark.parametrize("range_", ORDERS)
def test_an_empty_page_without_a_count_is_counted(range_: Range) -> None:
    shop = MemoryList.of({1: FIRST})
    shop.say = lambda counted, _: None if counted else 0
    assert keys_of(read(shop, range_)) == [1]
    shop.say = LIES["missing"]
    shop.counted.clear()
    assert keys_of(read(shop, range_)) == [1]
    assert len(shop.counted) == 1


@pytest.mark.parametrize("range_", ORDERS)
def test_hidden_rows_are_told_and_cost_few_requests_a_page(range_: Range) -> None:
    shop = MemoryList.of({key: f"2026-03-15 03:{key // 60:02}:{key % 60:02}" for key in range(1, 400)})
    shop.hidden = set(range(100, 300))
    items = read(shop, range_, 50)
    assert keys_of(items) == [*range(1, 100), *range(300, 400)]
    assert mismatches(items)
    assert len(shop.fetched) < 30
    assert len(shop.counted) < 120


@pytest.mark.parametrize("range_", ORDERS)
def test_a_row_that_moves_up_to_hidden_ones_while_they_are_counted_is_not_passed(range_: Range) -> None:
    shop = MemoryList.of(dict.fromkeys(range(1, 31), FIRST))
    shop.hidden = set(range(1, 11))

    def remove_one() -> None:
        if shop.counted:
            shop.rows.pop(3, None)

    shop.before_answer = remove_one
    assert keys_of(read(shop, range_, 10)) == list(range(11, 31))


def test_the_page_size_of_the_moment_is_requested() -> None:
    shop = MemoryList.of(dict.fromkeys(range(8), FIRST))
    sizes: Iterator[int] = iter([2, 3, 4])
    list(read_range(KeyRange(LISTING), shop.source(10), lambda: next(sizes)))
    assert [criteria.page_size for criteria in shop.fetched] == [2, 3, 4]


@pytest.mark.parametrize("range_", ORDERS)
def test_rows_out_of_order_are_refused_before_they_are_emitted(range_: Range) -> None:
    items = read_range(range_, answers([page(2, 1, total=2)]))
    with pytest.raises(InconsistentResponseError):
        next(items)


def test_the_place_reached_is_that_of_the_last_row() -> None:
    (item,) = read(MemoryList.of({3: FIRST, 7: FIRST}), KeyRange(LISTING))
    assert isinstance(item, Batch)
    assert item.reached == Cursor(FIRST, 7)
