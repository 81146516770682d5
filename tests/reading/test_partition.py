from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tap_magento.reading.partition import pieces
from tap_magento.reading.ranges import KeyRange, Range, TimeRange
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import Key
from tap_magento.timestamps import to_magento
from tests.support.memory import LISTING, MemoryList

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
SINCE = datetime(2026, 11, 1, tzinfo=timezone.utc)
END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)

moments = st.one_of(
    st.integers(0, 5).map(lambda second: SINCE + timedelta(seconds=second)),  # crowded seconds
    st.datetimes(SINCE.replace(tzinfo=None), NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=timezone.utc)),
    st.sampled_from([NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)]),
    st.datetimes(NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=timezone.utc)),  # dated in the future
    st.sampled_from([END - timedelta(seconds=1), END]),
).map(to_magento)
keys = st.integers(0, 80) | st.integers(0, 10**12) | st.sampled_from([2**31, 2**63 - 1])
lists = st.dictionaries(keys, moments, max_size=60).map(MemoryList.of)
slices = st.one_of(
    st.builds(KeyRange, st.just(LISTING), after=st.none() | st.integers(0, 40)),
    st.builds(KeyRange, st.just(LISTING), after=st.none() | st.integers(0, 40), until=st.integers(41, 10**6)),
    st.builds(TimeRange, st.just(LISTING), since=st.just(to_magento(SINCE)), after=st.none() | st.integers(0, 40)),
    st.builds(TimeRange, st.just(LISTING), since=moments),
    st.builds(TimeRange, st.just(LISTING), since=st.just(to_magento(SINCE)), before=moments),
)


def cut(shop: MemoryList, range_: Range, rows: int, total: int | None = None) -> list[Range]:
    known = len(shop.matching(range_.criteria())) if total is None else total
    return list(pieces(range_, known, shop.count, rows=lambda _: rows, now=NOW))


@given(shop=lists, range_=slices, rows=st.integers(1, 20))
def test_the_pieces_hold_every_row_of_the_slice_once_and_in_order(shop: MemoryList, range_: Range, rows: int) -> None:
    expected = shop.keys(range_.criteria())
    found = [shop.keys(piece.criteria()) for piece in cut(shop, range_, rows)]
    assert [key for piece in found for key in piece] == expected


@given(shop=lists, range_=slices, rows=st.integers(1, 20))
def test_no_piece_holds_more_than_was_asked_for(shop: MemoryList, range_: Range, rows: int) -> None:
    # The year 9999 ends in a second that cannot be cut off.
    assume(all(row["updated_at"] < to_magento(END) for row in shop.rows.values()))
    assert all(len(shop.keys(piece.criteria())) <= rows for piece in cut(shop, range_, rows))


@given(
    shop=lists,
    range_=slices,
    rows=st.integers(1, 20),
    later=st.dictionaries(keys, moments, max_size=30),
    changes=st.lists(st.tuples(st.integers(0, 10), keys, st.none() | moments), max_size=20),
)
def test_the_pieces_leave_no_gap_whatever_changes_while_they_are_cut(
    shop: MemoryList,
    range_: Range,
    rows: int,
    later: dict[Key, str],
    changes: list[tuple[int, Key, str | None]],
) -> None:
    asked = 0

    def change() -> None:
        nonlocal asked
        asked += 1
        for when, key, time in changes:
            if when == asked:
                shop.rows.pop(key, None)
                if time is not None:
                    shop.rows[key] = {"id": key, "updated_at": time}

    before = set(shop.keys(range_.criteria()))
    shop.before_answer = change
    cuts = cut(shop, range_, rows)
    untouched = before - {key for _, key, _ in changes}
    found = [key for piece in cuts for key in shop.keys(piece.criteria())]
    assert untouched <= set(found)
    assert len(found) == len(set(found)), "no row stands in two pieces"
    # Rows that come beyond what was counted are found by the last piece, which is open if the slice is.
    is_open = range_.until is None if isinstance(range_, KeyRange) else range_.before is None
    if is_open:
        last = cuts[-1]
        assert (last.until if isinstance(last, KeyRange) else last.before) is None
    for key, time in later.items():
        shop.rows.setdefault(key, {"id": key, "updated_at": time})
    again = [key for piece in cuts for key in shop.keys(piece.criteria())]
    assert len(again) == len(set(again))


def even(count: int) -> MemoryList:
    return MemoryList.of({key: to_magento(SINCE + timedelta(minutes=key)) for key in range(1, count + 1)})


ONE_SECOND = MemoryList.of(dict.fromkeys(range(5_000, 7_000), to_magento(SINCE + timedelta(days=3))))


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
@pytest.mark.parametrize("shop", [even(2_000), ONE_SECOND], ids=["even", "one second"])
def test_about_one_count_a_piece_and_a_logarithm(shop: MemoryList, range_: Range) -> None:
    shop.counted.clear()
    cuts = cut(shop, range_, rows=100)
    assert 20 <= len(cuts) <= 50  # halves are between half full and full
    assert len(shop.counted) <= len(cuts) + 2 * math.log2(30 * 86_400)


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
def test_rows_at_the_ends_of_time_and_keys_take_few_counts(range_: Range) -> None:
    far = 2**40
    shop = MemoryList.of(
        {far + key: to_magento(END - timedelta(days=1) + timedelta(seconds=key)) for key in range(500)}
    )
    cuts = cut(shop, range_, rows=100)
    assert [key for piece in cuts for key in shop.keys(piece.criteria())] == sorted(shop.rows)
    assert len(shop.counted) <= 250


@given(shop=lists, range_=slices, rows=st.integers(1, 20))
def test_a_cluster_costs_no_more_than_the_logarithm_of_its_range(shop: MemoryList, range_: Range, rows: int) -> None:
    cuts = cut(shop, range_, rows)
    assert len(shop.counted) <= (len(cuts) + 1) * 2 * 64


def test_the_first_piece_comes_after_few_counts() -> None:
    shop = even(2_000)
    for range_ in (KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))):
        shop.counted.clear()
        next(pieces(range_, 2_000, shop.count, rows=lambda _: 10, now=NOW))
        assert len(shop.counted) <= 2 * math.log2(30 * 86_400)


def test_a_short_list_is_not_counted() -> None:
    shop = even(100)
    assert cut(shop, KeyRange(LISTING), rows=100) == [KeyRange(LISTING)]
    assert not shop.counted


def lying(answer: Callable[[int], int]) -> Callable[[SearchCriteria], int]:
    asked = 0

    def count(_: SearchCriteria) -> int:
        nonlocal asked
        asked += 1
        assert asked < 10_000, "cutting does not end"
        return answer(asked)

    return count


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _: 0, id="never any"),
        pytest.param(lambda _: 1_000, id="always as many"),
        pytest.param(lambda asked: 1_000 * (asked % 2 == 0), id="never on the left"),
        pytest.param(lambda asked: 1_000 * (asked % 2), id="now and then"),
        pytest.param(lambda asked: max(0, 1_000 - asked), id="ever fewer"),
    ],
)
@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
def test_cutting_ends_and_covers_all_whatever_the_counts_say(range_: Range, answer: Callable[[int], int]) -> None:
    shop = even(50)
    cuts = list(pieces(range_, 1_000, lying(answer), rows=lambda _: 100, now=NOW))
    found = [key for piece in cuts for key in shop.keys(piece.criteria())]
    assert found == sorted(set(found))
    assert cuts


@pytest.mark.parametrize("range_", [KeyRange(LISTING), TimeRange(LISTING, to_magento(SINCE))])
def test_where_nothing_is_ever_counted_the_slice_stays_whole(range_: Range) -> None:
    assert list(pieces(range_, 1_000, lambda _: 0, rows=lambda _: 100, now=NOW)) == [range_]


@given(counts=st.lists(st.integers(0, 10**4), min_size=1, max_size=50), total=st.integers(0, 10**4), range_=slices)
def test_cutting_ends_and_the_pieces_do_not_overlap_whatever_the_counts_say(
    counts: list[int], total: int, range_: Range
) -> None:
    shop = even(50)
    answer = lying(lambda asked: counts[asked] if asked < len(counts) else 0)
    found = [
        key
        for piece in pieces(range_, total, answer, rows=lambda _: 100, now=NOW)
        for key in shop.keys(piece.criteria())
    ]
    assert len(found) == len(set(found))
