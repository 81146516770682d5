from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading import complete
from tap_magento.reading.complete import read_completely
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import BadRow, Batch, CountMismatch, Cursor, Key
from tap_magento.timestamps import to_magento
from tests.support.memory import LISTING, TEXT_KEYS, MemoryList, MemoryPage, keys_of

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
FIRST = "2026-03-15 03:00:00"
ORDERS: list[Range] = [KeyRange(LISTING), TimeRange(LISTING, FIRST)]
LONG: list[Range] = [KeyRange(LISTING), TimeRange(LISTING, to_magento(START))]

times = st.integers(0, 8).map(lambda second: f"2026-03-15 03:00:{second:02}") | st.just("2030-01-01 00:00:00")
shops = st.dictionaries(st.integers(0, 200), times, max_size=150).map(MemoryList.of)
workers = st.sampled_from([1, 2, 4])


@contextmanager
def partitioned() -> Iterator[None]:
    """Partition lists also for one worker, though they are short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(complete, "_COUNTABLE", 30)
        patch.setattr(complete, "_ROWS", 40)
        yield


def read(shop: MemoryList, range_: Range, page_size: int, workers: int) -> list[tuple[str, Key]]:
    found = []
    for item in read_completely(range_, shop.source(page_size, workers)):
        if isinstance(item, BadRow):
            found.append(("bad", item.cursor.key))
        found.extend(("good", key) for key in keys_of([item]))
    return found


@given(
    shop=shops,
    bad=st.sets(st.integers(0, 200), max_size=5),
    range_=st.sampled_from(ORDERS),
    page_size=st.integers(1, 20),
    workers=workers,
)
def test_every_row_comes_once_and_in_order_however_many_read(
    shop: MemoryList, bad: set[Key], range_: Range, page_size: int, workers: int
) -> None:
    shop.bad = bad
    expected = [("bad" if key in bad else "good", key) for key in shop.keys(range_.criteria())]
    with partitioned():
        assert read(shop, range_, page_size, workers) == expected


@given(
    shop=shops,
    hidden=st.sets(st.integers(0, 200), max_size=50),
    range_=st.sampled_from(ORDERS),
    page_size=st.integers(1, 20),
    workers=workers,
)
def test_hidden_rows_hide_no_other_however_many_read(
    shop: MemoryList, hidden: set[Key], range_: Range, page_size: int, workers: int
) -> None:
    shop.hidden = hidden
    expected = [("good", key) for key in shop.keys(range_.criteria()) if key not in hidden]
    with partitioned():
        assert read(shop, range_, page_size, workers) == expected


@given(
    shop=shops, total=st.integers(0, 300), range_=st.sampled_from(ORDERS), page_size=st.integers(1, 20), workers=workers
)
def test_every_row_comes_whatever_is_counted(
    shop: MemoryList, total: int, range_: Range, page_size: int, workers: int
) -> None:
    shop.say = lambda *_: total
    expected = [("good", key) for key in shop.keys(range_.criteria())]
    with partitioned():
        assert read(shop, range_, page_size, workers) == expected


@given(
    shop=shops,
    range_=st.sampled_from(ORDERS),
    page_size=st.integers(1, 20),
    workers=workers,
    moves=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 200)), max_size=20),
)
def test_rows_that_move_while_the_list_is_read_are_not_lost(
    shop: MemoryList, range_: Range, page_size: int, workers: int, moves: list[tuple[int, int]]
) -> None:
    requests = 0
    initially = set(shop.rows)

    def move() -> None:
        nonlocal requests
        requests += 1
        for when, key in moves:
            if when == requests and key in shop.rows:
                shop.rows[key] = {"id": key, "updated_at": f"2030-01-02 00:00:{requests % 60:02}"}

    shop.before_answer = move
    with partitioned():
        found = [key for _, key in read(shop, range_, page_size, workers)]
    assert initially <= set(found)


@given(
    shop=shops,
    range_=st.sampled_from(ORDERS),
    page_size=st.integers(1, 20),
    workers=workers,
    kills=st.lists(st.integers(0, 5)),
)
def test_a_read_that_is_killed_anywhere_goes_on_without_a_gap(
    shop: MemoryList, range_: Range, page_size: int, workers: int, kills: list[int]
) -> None:
    shop.bad = {7, 8, 50}
    expected = [key for key in shop.keys(range_.criteria()) if key not in shop.bad]
    got: list[Key] = []
    rest = range_
    with partitioned():
        for items_until_kill in [*kills, 10**6]:
            items = read_completely(rest, shop.source(page_size, workers))
            assert isinstance(items, Iterator)
            with closing(items):  # type: ignore[type-var]
                for number, item in enumerate(items):
                    if number == items_until_kill:
                        break
                    got += keys_of([item])
                    if not isinstance(item, CountMismatch):
                        rest = rest.beyond([item.reached if isinstance(item, Batch) else item.cursor])
    assert got == expected


def long_list(rows: int) -> MemoryList:
    return MemoryList.of({key: to_magento(START + timedelta(minutes=5 * key)) for key in range(rows)})


@pytest.mark.parametrize("range_", LONG)
def test_a_short_list_is_read_in_turn_and_one_reader_does_not_locate(range_: Range) -> None:
    short, long = long_list(30), long_list(300)
    assert len(read(short, range_, 10, 4)) == 30
    assert not short.probes
    assert len(read(long, range_, 10, 1)) == 300
    assert not long.probes
    assert len(long.fetched) == 31, "the last page is full: one more is requested"


@pytest.mark.parametrize("range_", LONG)
def test_a_long_list_costs_few_requests_more(range_: Range) -> None:
    shop = long_list(2_000)
    assert len(read(shop, range_, 50, 4)) == 2_000
    assert not shop.counted
    assert len(shop.located) <= 20
    assert len(shop.fetched) <= 2_000 / 50 + 3


@pytest.mark.parametrize("range_", LONG)
def test_one_reader_of_a_long_list_does_not_have_all_that_remains_counted_for_each_page(
    range_: Range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complete, "_COUNTABLE", 500)
    monkeypatch.setattr(complete, "_ROWS", 400)
    shop = long_list(5_000)
    counted = [
        item.page.total_count or 0 for item in read_completely(range_, shop.source(50)) if isinstance(item, Batch)
    ]
    assert max(counted[1:]) <= 400
    assert len(shop.located) <= 15
    assert len(shop.fetched) <= 5_000 / 50 + 2


@pytest.mark.parametrize("range_", LONG)
def test_a_page_size_that_is_small_for_a_moment_does_not_make_small_partitions(range_: Range) -> None:
    shop = long_list(2_000)
    source = shop.source(50, workers=4)
    source.page_size.on_failure(2)
    shop.before_answer = lambda: source.page_size.on_page(source.page_size.rows, 0.1)
    assert source.page_size.rows == 1
    assert len(keys_of(read_completely(range_, source))) == 2_000
    assert len(shop.located) <= 40


@pytest.mark.parametrize(("seconds", "rows"), [(1.0, 50), (0.01, 300), (0.002, 1_500)])
def test_a_partition_takes_the_shop_some_seconds(seconds: float, rows: int) -> None:
    shop = long_list(4_000)
    source = shop.source(50, workers=4)
    source.page_size.on_page(1, seconds)
    list(read_completely(KeyRange(LISTING), source))
    assert max(criteria.page for criteria in shop.located) == rows


def test_the_first_rows_leave_after_one_short_page() -> None:
    shop = long_list(2_000)
    items = read_completely(KeyRange(LISTING), shop.source(100, workers=4))
    with closing(items):  # type: ignore[type-var]
        assert len(keys_of([next(iter(items))])) == 25
        assert len(shop.fetched) == 1


def test_a_list_with_text_keys_is_read_in_turn() -> None:
    shop = MemoryList({f"{key:03}": {"source_code": f"{key:03}"} for key in range(200)}, spec=TEXT_KEYS)
    assert len(read(shop, KeyRange(TEXT_KEYS), 5, 4)) == 200
    assert not shop.located


def test_that_counts_and_rows_disagree_is_told_once() -> None:
    shop = long_list(500)
    shop.hidden = set(range(0, 500, 7))
    items = list(read_completely(KeyRange(LISTING), shop.source(10, workers=4)))
    assert len([item for item in items if isinstance(item, CountMismatch)]) == 1


def test_an_error_comes_after_everything_before_it() -> None:
    shop = long_list(300)

    def fail_late() -> None:
        if len(shop.fetched) > 15:
            raise ConnectionError("gone")

    shop.before_answer = fail_late
    got: list[Key] = []
    items = read_completely(KeyRange(LISTING), shop.source(5, workers=4))
    with pytest.raises(ConnectionError):
        got.extend(key for item in items for key in keys_of([item]))
    assert got == list(range(len(got)))
    assert got


def test_at_most_as_many_requests_as_workers_are_in_flight() -> None:
    shop, lock = long_list(500), Lock()
    in_flight = most = 0

    def fetch(criteria: SearchCriteria) -> MemoryPage:
        nonlocal in_flight, most
        with lock:
            in_flight += 1
            most = max(most, in_flight)
        page = shop.fetch(criteria)
        with lock:
            in_flight -= 1
        return page

    source = replace(shop.source(10, workers=3), fetch=fetch)
    assert len(keys_of(read_completely(KeyRange(LISTING), source))) == 500
    assert most <= 3


def test_a_list_is_read_on_from_a_place_inside_a_second() -> None:
    shop = MemoryList.of(dict.fromkeys(range(200), FIRST))
    rest = TimeRange(LISTING, FIRST).beyond([Cursor(FIRST, 99)])
    assert read(shop, rest, 10, 4) == [("good", key) for key in range(100, 200)]
