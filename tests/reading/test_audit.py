from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64

from tap_magento.reading.audit import AuditResult, AuditStatus, audit, confirm_missing
from tap_magento.reading.audit_search import Costs, UnreadRange
from tap_magento.reading.ledger import LAST_KEY, Ledger
from tests.support.counted_list import CountedList, audit_and_apply, audits_until_in_step

MILLION = 1_000_000
IN_STEP, SETTLED, CANNOT = AuditStatus.IN_STEP, AuditStatus.SETTLED, AuditStatus.CANNOT_BE_SETTLED

keys = st.sets(st.integers(0, 80) | st.integers(0, 2**40), max_size=60)
#: Shops in which a row costs much, little, or next to nothing, and which take few or many keys by name.
costs = st.builds(Costs, row=st.sampled_from([0.01, 0.0003, 1.0]), names=st.sampled_from([2, 7, 500]))


@given(known=keys, there=keys, costs=costs)
def test_a_quiet_shop_is_known_exactly_in_the_end(known: set[int], there: set[int], costs: Costs) -> None:
    ledger, shop = Ledger(known), CountedList(there)
    # Each audit finds something, or compares the next part of the list.
    most = len(known ^ there) * (2 * (len(known | there) // costs.names + 1) + 1)
    audits_until_in_step(ledger, shop, costs, most + 1)


@given(known=keys, there=keys, row=st.sampled_from([0.01, 0.0003]))
def test_a_list_whose_keys_fit_into_a_request_is_known_after_one_audit(
    known: set[int], there: set[int], row: float
) -> None:
    ledger, shop = Ledger(known), CountedList(there)
    result, _ = audit_and_apply(ledger, shop, costs=Costs(row=row))
    assert set(ledger.keys()) == there
    assert set(result.deleted) == known - there
    assert result.status is (IN_STEP if known == there else SETTLED)
    assert audit(ledger, shop).status is IN_STEP


class Tap:
    """Reads by time as the tap does, audits, and emits what it finds."""

    def __init__(self, shop: CountedList) -> None:
        self.shop = shop
        self.ledger = Ledger()
        self.rotation = 0
        self.table: set[int] = set()
        self.deletions: set[int] = set()

    def emit(self, keys: list[int]) -> None:
        self.ledger.add(keys)
        self.table |= set(keys)
        self.deletions -= set(keys)

    def run(self, dated: list[int], killed_after: int | None = None) -> None:
        self.emit(dated[:killed_after])
        if killed_after is not None:
            return
        result = audit(self.ledger, self.shop, rotation=self.rotation)
        self.ledger.discard(result.deleted)
        self.deletions |= set(result.deleted)
        for unread in result.unread:
            self.emit(self.shop.keys(unread.low, unread.high))
        self.rotation = result.rotation


@given(data=st.data())
def test_after_two_quiet_runs_the_table_less_the_deletions_is_the_shop(data: st.DataObject) -> None:
    shop = CountedList()
    tap = Tap(shop)
    dated: list[int] = []  # what an incremental sync would read next
    actions = st.sampled_from(["new", "old-dated", "update", "delete", "restore", "run", "killed run"])
    for action in data.draw(st.lists(actions, max_size=40)):
        there = sorted(shop.rows)
        if action == "run":
            tap.run([key for key in dated if key in shop.rows])
            dated.clear()
        elif action == "killed run":
            tap.run([key for key in dated if key in shop.rows], data.draw(st.integers(0, 3)))
        elif action in {"delete", "update"} and there:
            key = data.draw(st.sampled_from(there))
            dated += [key] if action == "update" else []
            if action == "delete":
                shop.rows.discard(key)
        elif action == "restore" and tap.table:
            shop.rows.add(data.draw(st.sampled_from(sorted(tap.table))))
        elif action in {"new", "old-dated"}:
            key = data.draw(st.integers(0, 40)) if action == "old-dated" else max(there, default=0) + 1
            shop.rows.add(key)
            dated += [key] if action == "new" else []
    tap.run([key for key in dated if key in shop.rows])
    tap.run([])
    assert tap.table - tap.deletions == set(shop.rows)
    assert set(tap.ledger.keys()) == set(shop.rows)


@given(known=keys, there=keys, costs=costs, data=st.data())
def test_rows_that_come_and_go_meanwhile_are_no_error_and_no_false_deletion(
    known: set[int], there: set[int], costs: Costs, data: st.DataObject
) -> None:
    ledger, shop = Ledger(known), CountedList(there)
    # Each request is preceded by at most one change, the first twenty at least by chance.
    changes: Iterator[tuple[bool, int]] = iter(
        data.draw(st.lists(st.tuples(st.booleans(), st.integers(0, 80)), max_size=20))
    )
    gone_once = known - there

    def change() -> None:
        comes, key = next(changes, (True, None))
        if key is None:
            return
        if comes:
            shop.rows.add(key)
        else:
            shop.rows.discard(key)
            gone_once.add(key)

    shop.before_request = change
    result, _ = audit_and_apply(ledger, shop, costs=costs)
    assert set(result.deleted) <= gone_once & known
    assert all(unread.unknown > 0 for unread in result.unread)
    assert result.requests < 1_000
    shop.before_request = lambda: None
    audit_and_apply(ledger, shop, costs=Costs())
    audit_and_apply(ledger, shop, costs=Costs())
    assert set(ledger.keys()) == set(shop.rows)


@given(known=keys, there=keys, costs=costs)
def test_each_deleted_key_was_asked_for_and_not_there(known: set[int], there: set[int], costs: Costs) -> None:
    shop = CountedList(there)
    for key in audit(Ledger(known), shop, costs=costs).deleted:
        assert key not in shop.listed
        assert key in shop.asked_by_name or any(key in empty for empty in shop.found_empty)


LIES: dict[str, Callable[[int], int]] = {
    "one too many": lambda count: count + 1,
    "one too few": lambda count: max(0, count - 1),
    "half": lambda count: count // 2,
    "twice": lambda count: count * 2,
    "of the page": lambda count: min(count, 1),
    "nothing": lambda count: 0,  # noqa: ARG005
    "at most ten": lambda count: min(count, 10),
    "below zero": lambda count: -count - 1,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
@given(there=keys.filter(lambda some: len(some) > 12), gone=keys, costs=costs)
def test_counts_that_lie_are_told_and_never_lead_to_a_false_deletion(
    lie: Callable[[int], int], there: set[int], gone: set[int], costs: Costs
) -> None:
    shop = CountedList(there)
    shop.lie = lie
    result, _ = audit_and_apply(Ledger(there | gone), shop, costs=costs)
    assert not set(result.deleted) & there
    result, _ = audit_and_apply(Ledger(there), shop, costs=costs)
    assert (result.status, result.deleted) == (CANNOT, ())
    assert result.reason
    assert "\n" not in result.reason
    assert result.requests < 1_000


@given(known=keys, there=keys, costs=costs, seed=st.integers(), most=st.integers(1, 50))
def test_counts_that_vary_never_lead_to_a_false_deletion(
    known: set[int], there: set[int], costs: Costs, seed: int, most: int
) -> None:
    shop, noise = CountedList(there), random.Random(seed)
    shop.lie = lambda count: max(0, count + noise.randint(-most, most))
    result, _ = audit_and_apply(Ledger(known), shop, costs=costs)
    assert not set(result.deleted) & there


def test_a_total_that_is_no_sum_of_its_parts_is_told() -> None:
    shop = CountedList(range(0, 4_000, 2))
    shop.lie = lambda count: count + 5 if count > 1_900 else count
    result = audit(Ledger(range(0, 4_000, 2)), shop)
    assert result.status is CANNOT
    assert result.reason == "the shop counts 2005 rows in all, but 2000 in the parts"


def test_rows_that_are_counted_and_cannot_be_listed_are_told() -> None:
    shop = CountedList([1, 2, 3, 7])
    shop.keys = lambda low, high: [key for key in (1, 2, 3) if low <= key <= high]  # type: ignore[method-assign]
    result, _ = audit_and_apply(Ledger([1, 2, 3]), shop)
    assert (result.status, result.reason) == (CANNOT, "the shop counts 1 rows that its list does not have")


def test_a_row_that_is_only_older_than_what_is_read_is_not_deleted() -> None:
    shop = CountedList(range(100))
    shop.outside = {100}
    result = audit(Ledger(range(101)), shop)
    assert (result.status, result.deleted) == (CANNOT, ())
    assert result.reason == "the shop has rows that it does not count"


def test_old_rows_between_deleted_ones_do_not_disturb() -> None:
    shop = CountedList([0, *range(1_000, 3_000)])
    shop.outside = {500}
    ledger = Ledger([*range(500), *range(501, 3_000)])
    result = audit(ledger, shop, costs=Costs(names=100))
    assert result.deleted == (*range(1, 500), *range(501, 1_000))


def test_rows_that_cannot_be_served_count_as_any_known_row() -> None:
    shop = CountedList(range(1, 8))
    shop.unreadable = {3, 4}
    ledger = Ledger(range(1, 10))
    assert audit(ledger, shop).deleted == (8, 9)
    shop.rows.discard(4)
    assert audit(ledger, shop).deleted == (4, 8, 9)


def test_no_deletion_is_told_beside_a_row_that_is_not_counted_and_cannot_be_served() -> None:
    shop = CountedList(range(50))
    shop.outside = shop.unreadable = {50}
    result = audit(Ledger(range(52)), shop)
    assert (result.status, result.deleted) == (CANNOT, ())
    assert result.reason == "the shop counts 50 rows in all, but 52 in the parts"


def test_an_audit_that_needs_more_requests_than_it_may_make_is_continued_by_the_next() -> None:
    shop = CountedList(key for key in range(10_000) if key % 250)
    ledger = Ledger(range(10_000))
    result = audit(ledger, shop, limit=100)
    assert result.status is CANNOT
    assert result.reason == "more differs than 100 requests can find; the next run continues"
    assert 0 < len(result.deleted) < 40
    for _ in range(10):
        ledger.discard(audit(ledger, shop, limit=100).deleted)
    assert set(ledger.keys()) == set(shop.rows)


def test_the_ledger_is_not_changed() -> None:
    ledger = Ledger(range(1_000))
    audit(ledger, CountedList(range(0, 1_000, 3)))
    assert ledger == Ledger(range(1_000))


def test_new_rows_are_to_be_read_beyond_the_last_known_one() -> None:
    result = audit(Ledger(range(1, 1_001)), CountedList(range(1, 1_004)))
    assert (result.status, result.deleted) == (SETTLED, ())
    assert result.unread == (UnreadRange(1_001, LAST_KEY, 3),)
    assert (result.unknown_rows, result.requests) == (3, 3)
    assert audit(Ledger(), CountedList([4, 9])).unread == (UnreadRange(0, LAST_KEY, 2),)
    assert audit(Ledger(), CountedList()).status is IN_STEP


def test_a_deleted_row_and_an_unknown_one_that_cancel_out_are_found_within_a_few_runs() -> None:
    there = set(range(100_000)) - {30_000} | {2**20}
    ledger, shop = Ledger(range(100_000)), CountedList(there)
    assert audits_until_in_step(ledger, shop, Costs(), most=8) > 0


def test_ranges_of_the_same_half_that_cancel_out_are_found_within_a_few_runs() -> None:
    ledger = Ledger(range(0, 200_000, 2))
    shop = CountedList({*range(0, 200_000, 2), 80_001} - {20_000})
    assert audits_until_in_step(ledger, shop, Costs(), most=8) > 0


@pytest.mark.parametrize("unknown", [999, 2_999])
def test_what_cancels_out_with_a_row_counted_by_name_is_found_in_the_same_run(unknown: int) -> None:
    ledger = Ledger(range(0, 4_000, 2))
    shop = CountedList({*range(0, 4_000, 2), unknown} - {1_500})
    result, _ = audit_and_apply(ledger, shop, rotation=3)
    assert (result.status, result.deleted, result.unknown_rows) == (SETTLED, (1_500,), 1)
    assert set(ledger.keys()) == set(shop.rows)


def test_the_smaller_side_of_a_cut_is_counted() -> None:
    for rotation in range(0, 20, 2):
        shop = CountedList(range(2_000))
        assert audit(Ledger(range(2_000)), shop, rotation=rotation).status is IN_STEP
        assert shop.counted_rows <= 3_000


def test_unread_ranges_ascend() -> None:
    there = {*range(0, 4_000, 2), 1_001, 3_001, 5_000}
    unread = audit(Ledger(range(0, 4_000, 2)), CountedList(there)).unread
    assert [low <= key <= high for (low, high, _), key in zip(unread, [1_001, 3_001, 5_000], strict=True)] == [True] * 3


def test_where_rows_cost_little_the_known_ones_are_listed() -> None:
    gone = set(range(0, 400, 4))
    for row, requests, listed in ((0.0003, 10, 300), (0.01, 90, 300), (1.0, 1_000, 0)):
        result = audit(Ledger(range(400)), CountedList(set(range(400)) - gone), costs=Costs(row=row))
        assert set(result.deleted) == gone
        assert result.requests <= requests
        assert (result.rows_loaded > 0) == (listed > 0)
        assert result.rows_loaded <= listed


def test_rows_that_cannot_be_served_are_told_apart_by_counting() -> None:
    gone = set(range(0, 400, 4))
    shop = CountedList(set(range(400)) - gone)
    shop.unreadable = {201}
    result = audit(Ledger(range(400)), shop, costs=Costs(row=0.0003))
    assert set(result.deleted) == gone
    assert not result.rows_loaded


def test_a_row_deleted_while_its_neighbours_are_counted_is_no_error() -> None:
    shop = CountedList(range(1, 8))
    changes = iter([None, None, None, 1])  # after the total, those beyond, those by name

    def change() -> None:
        if (key := next(changes, None)) is not None:
            shop.rows.discard(key)

    shop.before_request = change
    result = audit(Ledger(range(8)), shop, costs=Costs(row=1.0))
    assert (result.status, result.deleted) == (SETTLED, (0, 1))
    assert result.requests < 20


def test_a_row_deleted_while_unknown_ones_are_searched_hides_none_of_them() -> None:
    ledger, shop = Ledger(range(0, 40, 2)), CountedList({*range(0, 40, 2), 37})
    changes = iter([None, None, None, None, 2])  # after the total, those beyond, those by name, those of the range

    def change() -> None:
        if (key := next(changes, None)) is not None:
            shop.rows.discard(key)

    shop.before_request = change
    result, _ = audit_and_apply(ledger, shop)
    assert all(unread.unknown > 0 for unread in result.unread)
    assert 37 in ledger


def test_neighbours_that_cancel_out_are_found_when_their_turn_comes() -> None:
    ledger = Ledger(range(0, 6_000, 2))
    shop = CountedList({*range(0, 6_000, 2), 4_001} - {4_000})
    assert audits_until_in_step(ledger, shop, Costs(), most=2 * 6 + 1) > 1


# Requests at a million rows, as issue 14 wants them.


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger(range(1, MILLION + 1))


@pytest.fixture
def shop() -> CountedList:
    return CountedList(range(1, MILLION + 1))


@pytest.mark.parametrize("rotation", range(6))
def test_nothing_changed_takes_two_requests(ledger: Ledger, shop: CountedList, rotation: int) -> None:
    result = audit(ledger, shop, rotation=rotation)
    assert result == AuditResult(IN_STEP, (), (), requests=2, rows_loaded=0, rotation=rotation + 1, counted=MILLION)


@pytest.mark.parametrize("key", [1, 123_456, 500_000, MILLION])
def test_one_deleted_of_a_million_takes_at_most_forty(ledger: Ledger, shop: CountedList, key: int) -> None:
    shop.rows.discard(key)
    result = audit(ledger, shop)
    assert (result.status, result.deleted, result.rows_loaded) == (SETTLED, (key,), 0)
    assert result.requests <= 40


@pytest.mark.parametrize("start", [1, 123_456, MILLION - 9_999])
def test_ten_thousand_deleted_in_a_block_take_at_most_sixty(ledger: Ledger, shop: CountedList, start: int) -> None:
    shop.rows.remove_range(start, start + 10_000)
    result = audit(ledger, shop)
    assert result.deleted == tuple(range(start, start + 10_000))
    assert (result.status, result.rows_loaded) == (SETTLED, 0)
    assert result.requests <= 60


def test_a_larger_block_takes_no_more(ledger: Ledger, shop: CountedList) -> None:
    shop.rows.remove_range(123_456, 323_456)
    result = audit(ledger, shop)
    assert result.deleted == tuple(range(123_456, 323_456))
    assert result.requests <= 60


def test_a_hundred_deleted_here_and_there(ledger: Ledger, shop: CountedList) -> None:
    gone = random.Random(14).sample(range(1, MILLION + 1), 100)
    shop.rows.difference_update(BitMap64(gone))
    result = audit(ledger, shop)
    assert result.deleted == tuple(sorted(gone))
    assert result.requests <= 20 * 100
    assert not result.rows_loaded


def test_fifty_imported_with_an_old_time(shop: CountedList) -> None:
    late = random.Random(14).sample(range(1, MILLION + 1), 50)
    ledger = Ledger(range(1, MILLION + 1))
    ledger.discard(late)
    result, read = audit_and_apply(ledger, shop)
    assert (result.status, result.unknown_rows) == (SETTLED, 50)
    assert ledger == Ledger(range(1, MILLION + 1))
    assert result.requests <= 15 * 50
    assert read <= 50 * 11  # ten known neighbours each are cheaper to read than to count around


@given(known=st.sets(st.text(max_size=3)), seen=st.sets(st.text(max_size=3)), late=st.sets(st.text(max_size=3)))
def test_what_a_full_table_sync_did_not_bring_is_asked_for(known: set[str], seen: set[str], late: set[str]) -> None:
    def keys_among(some: object) -> set[str]:
        assert isinstance(some, list)
        assert len(some) <= 3
        return late & set(some)

    deleted, missed = confirm_missing(sorted(known - seen), keys_among, names=3)
    assert set(deleted) == known - seen - late
    assert set(missed) == (known - seen) & late


def test_a_row_that_cannot_be_served_is_not_deleted_by_a_full_table_sync() -> None:
    assert confirm_missing([1, 2], lambda _: None) == ([], [1, 2])
