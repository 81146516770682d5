"""Shards together read every row of a list, whatever its keys are and whatever happens to it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.complete import read_completely
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.shards import BLOCK, Shard
from tap_magento.reading.types import BadRow, Key
from tests.support.memory import LISTING, MemoryList, keys_of

TIME = "2026-11-21 12:00:00"

# Keys cluster in and around a few blocks, however far these are from each other.
blocks = st.sampled_from([0, 1, 2, 3, 7, 8, 9, 40, 1_000_000])
offsets = st.sampled_from([0, 1, 2, 100, BLOCK - 2, BLOCK - 1])
keys = st.builds(lambda block, offset: block * BLOCK + offset, blocks, offsets)
counts = st.integers(1, 9)
# What is done to the list before a request: a key is inserted or, if it is there, deleted.
writes = st.dictionaries(st.integers(0, 60), st.lists(keys, max_size=2), max_size=10)


def shards(count: int) -> list[Shard]:
    return [Shard(number, count) for number in range(1, count + 1)]


def read(shop: MemoryList, shard: Shard, after: Key | None = None) -> list[Key]:
    """The keys that a shard reads, those of quarantined rows included."""
    found: list[Key] = []
    source = shop.source(page_size=3)
    for part in shard.ranges(KeyRange(LISTING, after=after), source):
        for item in read_completely(part, source):
            found += [item.cursor.key] if isinstance(item, BadRow) else keys_of([item])
    return found


@given(st.integers(0, 2**62), counts)
def test_each_key_is_of_exactly_one_shard(key: int, count: int) -> None:
    assert [shard.number for shard in shards(count) if shard.owns(key)] == [key // BLOCK % count + 1]


@given(st.sets(keys, max_size=40), counts)
def test_shards_read_every_row_once(existing: set[int], count: int) -> None:
    shop = MemoryList.of(dict.fromkeys(existing, TIME))
    found = [key for shard in shards(count) for key in read(shop, shard)]
    assert sorted(found) == sorted(existing)


@given(st.sets(keys, max_size=40), counts, writes)
def test_rows_that_stay_are_read_once_while_others_come_and_go(
    existing: set[int], count: int, writes: dict[int, Sequence[int]]
) -> None:
    shop = MemoryList.of(dict.fromkeys(existing, TIME))
    touched: set[int] = set()
    asked = 0

    def write() -> None:
        nonlocal asked
        for key in writes.get(asked, ()):
            touched.add(key)
            if shop.rows.pop(key, None) is None:
                shop.rows[key] = {"id": key, "updated_at": TIME}
        asked += 1

    shop.before_answer = write
    found = [key for shard in shards(count) for key in read(shop, shard)]
    assert len(found) == len(set(found))
    assert existing - touched <= set(found)
    assert set(found) <= existing | touched


@given(st.sets(keys, max_size=40), counts, st.data())
def test_a_shard_resumes_after_any_row(existing: set[int], count: int, data: st.DataObject) -> None:
    shop = MemoryList.of(dict.fromkeys(existing, TIME))
    shard = data.draw(st.sampled_from(shards(count)))
    whole = read(shop, shard)
    read_before = data.draw(st.integers(0, len(whole)))
    after = whole[read_before - 1] if read_before else None
    assert read(shop, shard, after) == whole[read_before:]


@pytest.mark.parametrize("what", ["bad", "hidden"])
@given(existing=st.sets(keys, min_size=1, max_size=40), data=st.data(), count=counts)
def test_rows_that_do_not_come_keep_no_others_from_coming(
    what: str, existing: set[int], data: st.DataObject, count: int
) -> None:
    shop = MemoryList.of(dict.fromkeys(existing, TIME))
    absent = data.draw(st.sets(st.sampled_from(sorted(existing)), max_size=3))
    setattr(shop, what, absent)
    found = {key for shard in shards(count) for key in read(shop, shard)}
    assert found == (existing if what == "bad" else existing - absent)


@given(st.sets(keys, max_size=40), counts)
def test_finding_the_blocks_costs_at_most_three_requests_each(existing: set[int], count: int) -> None:
    shop = MemoryList.of(dict.fromkeys(existing, TIME))
    with_rows = {key // BLOCK for key in existing}
    for shard in shards(count):
        shop.located.clear()
        list(shard.ranges(KeyRange(LISTING), shop.source(page_size=3)))
        assert len(shop.located) <= 3 * len(with_rows) + 2


def test_a_dense_list_costs_one_request_a_block_which_counts_that_block_alone() -> None:
    shop = MemoryList.of(dict.fromkeys(range(0, 32 * BLOCK, 64), TIME))
    found = list(Shard(2, 8).ranges(KeyRange(LISTING), shop.source(page_size=3)))
    assert [(part.start, part.end) for part in found] == [
        (block * BLOCK - 1, block * BLOCK + BLOCK - 1) for block in (1, 9, 17, 25)
    ]
    assert len(shop.located) == len(found) + 2
    assert [max(shop.keys(criteria)) for criteria in shop.located[:4]] == [
        block * BLOCK + BLOCK - 64 for block in (1, 9, 17, 25)
    ]


def test_rows_that_are_added_at_the_end_meanwhile_are_read() -> None:
    shop = MemoryList.of({1: TIME})
    parts = Shard(1, 2).ranges(KeyRange(LISTING), shop.source(page_size=3))
    assert next(parts).end == BLOCK - 1
    shop.rows[2 * BLOCK] = {"id": 2 * BLOCK, "updated_at": TIME}
    assert next(parts).start == 2 * BLOCK - 1
    assert next(parts, None) is None


@pytest.mark.parametrize("say", [lambda *_: 99, lambda *_: 1, lambda *_: None, lambda _, sent: sent], ids=range(4))
@given(existing=st.sets(keys, max_size=20), count=counts)
def test_counts_that_lie_make_it_neither_endless_nor_incomplete(say: object, existing: set[int], count: int) -> None:
    shop = MemoryList.of(dict.fromkeys(existing, TIME))
    shop.say = say  # type: ignore[assignment]
    found = {key for shard in shards(count) for key in read(shop, shard)}
    assert found == existing
