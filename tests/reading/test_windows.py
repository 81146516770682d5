from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.complete import read_completely
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.ranges import KeyRange, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import (
    BadRow,
    Batch,
    CountMismatch,
    InconsistentResponseError,
    Item,
    Key,
    ListSpec,
    Source,
    UnreadableRowsError,
)
from tests.support.memory import HIDDEN_KEYS, MemoryList, MemoryPage

keys = st.integers(0, 60) | st.integers(0, 2**40)
shops = st.sets(keys, max_size=40).map(
    lambda keys: MemoryList({key: {"sku": f"sku {key}"} for key in keys}, spec=HIDDEN_KEYS)
)


def read(shop: MemoryList, range_: KeyRange | None = None, page_size: int = 10) -> list[Item]:
    return list(read_completely(range_ or KeyRange(HIDDEN_KEYS), shop.source(page_size, workers=4)))


def skus(items: list[Item]) -> list[Any]:
    return [row["sku"] for item in items if isinstance(item, Batch) for row in item.page.rows]


def expected(shop: MemoryList, but_for: set[Key] | None = None) -> list[str]:
    return [f"sku {key}" for key in sorted(shop.rows) if key not in (but_for or set())]


@given(shop=shops, size=st.integers(1, 20))
def test_every_row_comes_once_and_in_order(shop: MemoryList, size: int) -> None:
    items = read(shop, page_size=size)
    assert skus(items) == expected(shop)
    assert not any(isinstance(item, CountMismatch) for item in items)


@given(shop=shops, size=st.integers(1, 20), bad=st.sets(keys, max_size=5))
def test_reading_goes_on_after_any_item(shop: MemoryList, size: int, bad: set[Key]) -> None:
    shop.bad = bad
    got: list[Any] = []
    for item in read(shop, page_size=size):
        assert not isinstance(item, CountMismatch)
        got += skus([item])
        rest = KeyRange(HIDDEN_KEYS).beyond([item.reached if isinstance(item, Batch) else item.cursor])
        assert got + skus(read(shop, rest, size)) == expected(shop, bad)


@given(shop=shops, size=st.integers(1, 20), data=st.data())
def test_exactly_the_bad_rows_are_named(shop: MemoryList, size: int, data: st.DataObject) -> None:
    shop.bad = data.draw(st.sets(st.sampled_from(sorted(shop.rows)))) if shop.rows else set()
    items = read(shop, page_size=size)
    assert [item.cursor.key for item in items if isinstance(item, BadRow)] == sorted(shop.bad)
    assert skus(items) == expected(shop, shop.bad)


@given(shop=shops, size=st.integers(1, 20), until=st.integers(0, 60))
def test_a_range_ends_where_it_is_to(shop: MemoryList, size: int, until: int) -> None:
    items = read(shop, KeyRange(HIDDEN_KEYS, until=until), size)
    assert skus(items) == [f"sku {key}" for key in sorted(shop.rows) if int(key) <= until]


def test_a_dense_list_costs_a_request_a_page_and_two_for_its_end() -> None:
    shop = MemoryList({key: {"sku": key} for key in range(1, 1_001)}, spec=HIDDEN_KEYS)
    assert len(skus(read(shop, page_size=100))) == 1_000
    assert len(shop.fetched) <= 12
    assert len(shop.counted) == 1


def test_wide_gaps_are_passed_with_few_requests() -> None:
    rows = [*range(1, 100), *range(10**9, 10**9 + 300, 3), *range(2 * 10**9, 2 * 10**9 + 100)]
    shop = MemoryList({key: {"sku": key} for key in rows}, spec=HIDDEN_KEYS)
    assert skus(read(shop, page_size=100)) == rows
    assert len(shop.fetched) < 80
    assert shop.probes < 120


def test_a_row_that_is_counted_but_does_not_come_is_told() -> None:
    shop = MemoryList({key: {"sku": f"sku {key}"} for key in range(30)}, spec=HIDDEN_KEYS, hidden={7})
    items = read(shop)
    assert skus(items) == expected(shop, {7})
    assert [item for item in items if isinstance(item, CountMismatch)]


def test_a_shop_that_does_not_count_is_refused_as_its_end_cannot_be_known() -> None:
    shop = MemoryList({1: {"sku": 1}}, spec=HIDDEN_KEYS, say=lambda *_: None)
    with pytest.raises(InconsistentResponseError, match="total_count"):
        read(shop)


def test_a_shop_that_ignores_the_window_is_refused() -> None:
    shop = MemoryList({key: {"sku": key} for key in range(50)}, spec=HIDDEN_KEYS)

    def ignore(criteria: SearchCriteria) -> MemoryPage:
        page = shop.fetch(SearchCriteria(sort=criteria.sort, page_size=1_000))
        return MemoryPage(page.rows, page.total_count, spec=HIDDEN_KEYS, page_size=1_000)

    with pytest.raises(InconsistentResponseError, match="50 rows came of 10 keys"):
        list(read_completely(KeyRange(HIDDEN_KEYS), Source(ignore, shop.count, shop.locate, PageSize(10))))


def test_a_shop_that_cannot_count_a_row_sets_none_aside() -> None:
    def fail(_: SearchCriteria) -> MemoryPage:
        raise UnreadableRowsError("database gone")

    shop = MemoryList(spec=HIDDEN_KEYS)
    with pytest.raises(UnreadableRowsError, match="database gone"):
        list(read_completely(KeyRange(HIDDEN_KEYS), Source(fail, shop.count, shop.locate, PageSize(10))))


def test_a_hidden_key_is_read_in_key_order() -> None:
    spec = ListSpec("source_item_id", "", "updated_at", key_type="hidden")
    with pytest.raises(ValueError, match="key order"):
        list(read_completely(TimeRange(spec, "2026"), MemoryList(spec=spec).source(10)))
