from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.place import nth_place, quick_count
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.types import Cursor
from tests.support.memory import LISTING, MemoryList

times = st.integers(0, 6).map(lambda second: f"2026-03-15 03:00:{second:02}") | st.sampled_from(
    ["2026-03-17 00:00:00", "2027-01-01 00:00:00", "9999-12-31 23:59:59"]
)
shops = st.dictionaries(st.integers(0, 60) | st.integers(0, 2**40), times, max_size=40).map(MemoryList.of)
keys = st.none() | st.integers(0, 60)
ranges: st.SearchStrategy[Range] = st.one_of(
    st.builds(KeyRange, st.just(LISTING), after=keys, until=st.none() | st.integers(60, 2**40)),
    st.builds(TimeRange, st.just(LISTING), since=times, after=keys, until=st.none() | times, until_key=keys),
)


@given(shop=shops, range_=ranges, rank=st.integers(1, 10), known=st.none() | st.integers(1, 5))
def test_a_place_is_found_by_counting_alone(shop: MemoryList, range_: Range, rank: int, known: int | None) -> None:
    shop.bad = set(shop.rows)
    rows = shop.matching(range_.criteria())
    later = rows[rank - 1 + known : rank + known] if known else []
    before = Cursor(later[0]["updated_at"], later[0]["id"]) if later else None
    place = nth_place(range_, rank, shop.source(10), before)
    if rank > len(rows):
        assert place is None
        return
    row = rows[rank - 1]
    assert place == Cursor(None if isinstance(range_, KeyRange) else row["updated_at"], row["id"])


@given(shop=shops, range_=ranges)
def test_rows_are_counted_quickly_also_where_they_are_unreadable(shop: MemoryList, range_: Range) -> None:
    shop.bad = set(shop.rows)
    assert quick_count(range_, shop.source(10)) == len(shop.matching(range_.criteria()))


def test_a_row_between_two_neighbours_is_counted_once() -> None:
    shop = MemoryList.of(dict.fromkeys(range(1, 10), "2026-03-15 03:00:00"))
    assert nth_place(KeyRange(LISTING, after=4), 1, shop.source(10), Cursor(None, 6)) == Cursor(None, 5)
    assert len(shop.counted) == 1
