from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.http.throttle import PageSize
from tap_magento.reading import complete
from tap_magento.reading.complete import Source, read_completely
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.types import BadRow, Key
from tap_magento.timestamps import to_magento
from tests.support.memory import LISTING, MemoryList, keys_of

FIRST = "2026-03-15 03:00:00"
NOW = datetime(2026, 3, 15, 3, 0, 5, tzinfo=timezone.utc)
ORDERS: list[Range] = [KeyRange(LISTING), TimeRange(LISTING, FIRST)]

times = st.integers(0, 8).map(lambda second: f"2026-03-15 03:00:{second:02}") | st.just("2030-01-01 00:00:00")
shops = st.dictionaries(st.integers(0, 200), times, max_size=150).map(MemoryList.of)


def source(shop: MemoryList, page_size: int, workers: int) -> Source:
    return Source(shop.fetch, shop.count, PageSize(page_size), lambda: NOW, workers)


def read(shop: MemoryList, range_: Range, page_size: int, workers: int) -> list[tuple[str, Key]]:
    found = []
    for item in read_completely(range_, source(shop, page_size, workers)):
        found.extend(
            [("bad", item.cursor.key)] if isinstance(item, BadRow) else [("good", key) for key in keys_of([item])]
        )
    return found


@given(
    shop=shops,
    bad=st.sets(st.integers(0, 200), max_size=5),
    range_=st.sampled_from(ORDERS),
    page_size=st.integers(1, 20),
    workers=st.sampled_from([1, 2, 4]),
)
def test_every_row_comes_once_and_in_order_however_many_read(
    shop: MemoryList, bad: set[Key], range_: Range, page_size: int, workers: int
) -> None:
    shop.bad = bad
    expected = [("bad" if key in bad else "good", key) for key in shop.keys(range_.criteria())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(complete, "_COUNTABLE", 30)
        assert read(shop, range_, page_size, workers) == expected


def long_list(rows: int) -> MemoryList:
    start = datetime(2026, 3, 1, tzinfo=timezone.utc)
    return MemoryList.of({key: to_magento(start + timedelta(minutes=5 * key)) for key in range(rows)})


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, "2026-03-01 00:00:00")])
def test_a_short_list_is_read_in_turn_and_one_reader_does_not_count(range_: Range) -> None:
    short, long = long_list(30), long_list(300)
    assert len(read(short, range_, 10, 4)) == 30
    assert not short.counted
    assert len(read(long, range_, 10, 1)) == 300
    assert not long.counted
    assert len(long.fetched) == 30


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, "2026-03-01 00:00:00")])
def test_a_long_list_costs_few_counts_and_few_pages_more(range_: Range) -> None:
    shop = long_list(2_000)
    assert len(read(shop, range_, 50, 4)) == 2_000
    assert len(shop.counted) <= 40
    assert len(shop.fetched) <= 1.7 * 2_000 / 50


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, "2026-03-01 00:00:00")])
def test_one_reader_of_a_long_list_does_not_have_all_that_remains_counted_for_each_page(
    range_: Range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complete, "_COUNTABLE", 500)
    shop, most = long_list(5_000), []
    asked = source(shop, 50, 1)
    for item in read_completely(range_, asked):
        assert not isinstance(item, BadRow)
        most.append(item.total_count or 0)
    assert sum(sorted(most)[:-1]) < 5_000 * 8  # but for the first page
    assert len(shop.counted) <= 40
    assert len(shop.fetched) <= 1.7 * 5_000 / 50


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, "2026-03-01 00:00:00")])
def test_a_page_size_that_is_small_for_a_moment_does_not_make_small_pieces(range_: Range) -> None:
    shop = long_list(2_000)
    # As after a row that failed: it was looked for in pages of 2.
    asked = source(shop, 50, 4)
    asked.size.failed(2)
    shop.before_answer = lambda: asked.size.served(asked.size.rows, 0.1)
    assert asked.size.rows == 1
    assert len(keys_of(read_completely(range_, asked))) == 2_000
    assert len(shop.counted) <= 40


def test_an_error_comes_after_everything_before_it() -> None:
    shop = long_list(300)

    def fail_late() -> None:
        if len(shop.fetched) > 15:
            raise ConnectionError("gone")

    shop.before_answer = fail_late
    got: list[Key] = []
    items = read_completely(KeyRange(LISTING), source(shop, 5, 4))
    with pytest.raises(ConnectionError):
        got.extend(key for item in items for key in keys_of([item]))
    assert got == list(range(len(got)))
    assert got
