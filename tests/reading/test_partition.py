from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.page_size import PageSize
from tap_magento.reading.partition import partitions
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import Cursor, Key, Source, UnreadableRowsError
from tap_magento.timestamps import to_magento
from tests.support.memory import LISTING, MemoryList

SINCE = datetime(2026, 11, 1, tzinfo=timezone.utc)
NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)

moments = st.one_of(
    st.integers(0, 5).map(lambda second: SINCE + timedelta(seconds=second)),  # crowded seconds
    st.datetimes(SINCE.replace(tzinfo=None), NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=timezone.utc)),
    st.datetimes(NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=timezone.utc)),  # dated in the future
    st.sampled_from([END - timedelta(seconds=1), END]),
).map(to_magento)
keys = st.integers(0, 80) | st.integers(0, 10**12) | st.sampled_from([2**31, 2**63 - 1])
lists = st.dictionaries(keys, moments, max_size=60).map(MemoryList.of)
ranges: st.SearchStrategy[Range] = st.one_of(
    st.builds(KeyRange, st.just(LISTING), after=st.none() | st.integers(0, 40)),
    st.builds(KeyRange, st.just(LISTING), after=st.none() | st.integers(0, 40), until=st.integers(41, 10**6)),
    st.builds(TimeRange, st.just(LISTING), since=st.just(to_magento(SINCE)), after=st.none() | st.integers(0, 40)),
    st.builds(TimeRange, st.just(LISTING), since=moments),
    st.builds(TimeRange, st.just(LISTING), since=st.just(to_magento(SINCE)), until=moments, until_key=st.none() | keys),
)
spans = st.floats(0, 10**7)


def cut(shop: MemoryList, range_: Range, rows: int, total: int | None = None, span: float = 1.0) -> list[Range]:
    known = len(shop.matching(range_.criteria())) if total is None else total
    return list(partitions(range_, known, span, lambda _: rows, shop.source(10)))


def sizes(shop: MemoryList, cuts: list[Range]) -> list[int]:
    return [len(shop.keys(partition.criteria())) for partition in cuts]


@given(shop=lists, range_=ranges, rows=st.integers(1, 20), span=spans)
def test_each_partition_of_a_quiet_list_has_exactly_as_many_rows_as_asked_for(
    shop: MemoryList, range_: Range, rows: int, span: float
) -> None:
    cuts = cut(shop, range_, rows, span=span)
    assert [key for part in cuts for key in shop.keys(part.criteria())] == shop.keys(range_.criteria())
    *full, last = sizes(shop, cuts)
    assert full == [rows] * len(full)
    assert last <= rows
    assert not shop.counted
    assert not shop.fetched


@given(
    shop=lists,
    range_=ranges,
    rows=st.integers(1, 20),
    later=st.dictionaries(keys, moments, max_size=30),
    changes=st.lists(st.tuples(st.integers(0, 10), keys, st.none() | moments), max_size=20),
)
def test_the_partitions_leave_no_gap_whatever_changes_while_they_are_cut(
    shop: MemoryList,
    range_: Range,
    rows: int,
    later: dict[Key, str],
    changes: list[tuple[int, Key, str | None]],
) -> None:
    requests = 0

    def change() -> None:
        nonlocal requests
        requests += 1
        for when, key, time in changes:
            if when == requests:
                shop.rows.pop(key, None)
                if time is not None:
                    shop.rows[key] = {"id": key, "updated_at": time}

    before = set(shop.keys(range_.criteria()))
    shop.before_answer = change
    cuts = cut(shop, range_, rows)
    untouched = before - {key for _, key, _ in changes}
    found = [key for part in cuts for key in shop.keys(part.criteria())]
    assert untouched <= set(found)
    for key, time in later.items():
        shop.rows.setdefault(key, {"id": key, "updated_at": time})
    again = [key for part in cuts for key in shop.keys(part.criteria())]
    assert again == shop.keys(range_.criteria()), "also of the rows that have come since none is missing or twice"


@given(shop=lists, range_=ranges, rows=st.integers(1, 20), bad=st.sets(keys), hidden=st.sets(keys))
def test_rows_that_do_not_come_are_no_boundary(
    shop: MemoryList, range_: Range, rows: int, bad: set[Key], hidden: set[Key]
) -> None:
    shop.bad, shop.hidden = bad, hidden
    cuts = cut(shop, range_, rows)
    assert [key for part in cuts for key in shop.keys(part.criteria())] == shop.keys(range_.criteria())
    assert all(size <= 4 * rows for size in sizes(shop, cuts)[:-1])


def test_beside_an_unreadable_row_its_neighbour_is_the_boundary() -> None:
    shop = even(100)
    shop.bad = {10}
    assert sizes(shop, cut(shop, KeyRange(LISTING), 10)) == [9, *[10] * 8, 11]


def even(count: int) -> MemoryList:
    return MemoryList.of({key: to_magento(SINCE + timedelta(minutes=key)) for key in range(1, count + 1)})


def bursty(count: int) -> MemoryList:
    return MemoryList.of(
        {
            key + 100_000 * (key // 300): to_magento(SINCE + timedelta(seconds=key + 86_400 * (key // 300)))
            for key in range(count)
        }
    )


ONE_SECOND = MemoryList.of(dict.fromkeys(range(5_000, 7_000), to_magento(SINCE + timedelta(days=3))))


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
@pytest.mark.parametrize("shop", [even(2_000), bursty(2_000), ONE_SECOND], ids=["even", "bursty", "one second"])
def test_about_one_request_a_partition_whatever_the_distribution(shop: MemoryList, range_: Range) -> None:
    shop.located.clear()
    cuts = cut(shop, range_, rows=100, span=60 if isinstance(range_, TimeRange) else 1)
    assert sizes(shop, cuts) == [100] * 20
    assert len(shop.located) <= 2 * len(cuts)
    assert all(any(group[0].condition == "lteq" for group in criteria.groups) for criteria in shop.located)


def test_each_request_has_an_upper_bound_near_the_row() -> None:
    shop = even(2_000)
    cut(shop, KeyRange(LISTING), rows=100)
    assert all(len(shop.matching(criteria)) <= 410 for criteria in shop.located)


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
def test_a_wide_gap_is_passed_with_few_requests(range_: Range) -> None:
    far = 2**40
    shop = MemoryList.of(
        {far + key: to_magento(END - timedelta(days=1) + timedelta(seconds=key)) for key in range(500)}
    )
    assert sizes(shop, cut(shop, range_, rows=100)) == [100] * 5
    assert len(shop.located) <= 20


def test_the_first_partition_comes_after_one_request() -> None:
    shop = even(2_000)
    next(partitions(KeyRange(LISTING), 2_000, 1.0, lambda _: 10, shop.source(10)))
    assert len(shop.located) == 1


def test_a_range_with_fewer_rows_than_it_was_said_to_have_costs_one_request() -> None:
    shop = even(50)
    assert cut(shop, KeyRange(LISTING, until=50), rows=100, total=1_000) == [KeyRange(LISTING, until=50)]
    assert len(shop.located) == 1


def test_a_short_list_is_not_cut() -> None:
    shop = even(100)
    assert cut(shop, KeyRange(LISTING), rows=100) == [KeyRange(LISTING)]
    assert not shop.located


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
@pytest.mark.parametrize("total", [0, 10, 10**6])
def test_a_total_that_is_wrong_costs_evenness_but_no_row(range_: Range, total: int) -> None:
    shop = even(1_000)
    cuts = cut(shop, range_, rows=100, total=total)
    assert [key for part in cuts for key in shop.keys(part.criteria())] == list(range(1, 1_001))
    assert len(shop.located) < 40


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
def test_where_no_row_can_be_located_the_range_stays_whole(range_: Range) -> None:
    def fail(*_: object) -> Cursor | None:
        raise UnreadableRowsError("no")

    def none(*_: object) -> Cursor | None:
        return None

    shop = even(10)
    answers: list[Callable[[SearchCriteria, int], Cursor | None]] = [fail, none]
    for locate in answers:
        source = Source(shop.fetch, shop.count, locate, PageSize(10))
        assert list(partitions(range_, 1_000, 1.0, lambda _: 100, source)) == [range_]
