from __future__ import annotations

import base64
import contextlib
import json
import random
import zlib
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.ledger import LAST_KEY, DamagedLedgerError, Ledger

MILLION = 1_000_000

keys = st.integers(0, 200) | st.integers(0, LAST_KEY)
sets_of_keys = st.sets(keys, max_size=60)


@given(pages=st.lists(sets_of_keys), gone=sets_of_keys, low=keys, high=keys)
def test_it_is_the_set_of_what_was_added_less_what_was_discarded(
    pages: list[set[int]], gone: set[int], low: int, high: int
) -> None:
    ledger = Ledger()
    for page in pages:
        ledger.add(page)
    ledger.discard(gone)
    expected = sorted(set().union(*pages) - gone)
    assert ledger.keys() == expected
    assert len(ledger) == len(expected)
    assert [ledger.nth(n + 1) for n in range(len(expected))] == expected
    low, high = sorted((low, high))
    within = [key for key in expected if low <= key <= high]
    assert ledger.count(low, high) == len(within)
    assert ledger.keys(low, high) == within
    assert not within or ledger.nth(len(within), low) == within[-1]
    assert all(key in ledger for key in expected)
    assert not any(key in ledger for key in gone)


@given(one=sets_of_keys, other=sets_of_keys)
def test_shards_unite_and_full_reads_compare(one: set[int], other: set[int]) -> None:
    assert Ledger(one) | Ledger(other) == Ledger(one | other)
    assert (Ledger(one) - Ledger(other)).keys() == sorted(one - other)
    copy = Ledger(one).copy()
    copy.add([7])
    assert copy == Ledger(one | {7})


def test_a_ledger_equals_nothing_but_a_ledger_of_the_same_keys() -> None:
    assert Ledger([1]) != Ledger([2])
    assert Ledger([1]) != {1}


@given(known=sets_of_keys, more=sets_of_keys)
def test_the_state_brings_it_back(known: set[int], more: set[int]) -> None:
    ledger = Ledger(known)
    text = json.loads(json.dumps(ledger.encode()))
    assert Ledger.decode(text) == Ledger(known)
    ledger.add(more)
    assert Ledger.decode(ledger.encode()) == Ledger(known | more)
    ledger.discard(known)
    assert Ledger.decode(ledger.encode()) == Ledger(more - known)


@given(known=sets_of_keys, place=st.integers(0), character=st.characters())
def test_a_text_with_a_wrong_character_is_refused(known: set[int], place: int, character: str) -> None:
    text = Ledger(known).encode()
    place %= len(text)
    broken = text[:place] + character + text[place + 1 :]
    with contextlib.suppress(DamagedLedgerError):
        assert Ledger.decode(broken) == Ledger(known)  # the bits that fill up the last character may be any


@pytest.mark.parametrize(
    "text",
    [
        None,
        17,
        {"keys": []},
        "",
        "no base64",
        "ÄÖÜ",
        base64.b64encode(b"not compressed").decode(),
        base64.b64encode(zlib.compress(b"")).decode(),
        base64.b64encode(zlib.compress(b"no set of integers")).decode(),
        Ledger(range(100)).encode()[:-8],
        "AAAA" + Ledger(range(100)).encode(),
    ],
)
def test_a_text_that_is_no_ledger_is_refused(text: object) -> None:
    with pytest.raises(DamagedLedgerError, match=r"the ledger in the state is (damaged|no text)$"):
        Ledger.decode(text)


def test_keys_that_no_table_numbers_by_itself_are_left_out() -> None:
    ledger = Ledger([-1, 0, 5, 2**64])
    assert ledger.keys() == [0, 5]
    ledger.discard([-1, 5, 2**70])
    assert ledger.keys() == [0]
    assert -1 not in ledger
    assert 2**64 not in ledger


def test_a_rank_beyond_the_last_key_is_an_error() -> None:
    with pytest.raises(IndexError):
        Ledger([1, 2]).nth(3)


@pytest.mark.parametrize(
    ("known", "most"),
    [
        (lambda: range(1, MILLION + 1), 200),
        (lambda: range(1, 3 * MILLION + 1, 3), 4_000),
        (lambda: random.Random(14).sample(range(2 * MILLION), MILLION), 400_000),
    ],
    ids=["dense", "in steps of three", "a random half"],
)
def test_a_million_keys_take_little_of_the_state(known: Callable[[], Iterable[int]], most: int) -> None:
    ledger = Ledger(known())
    assert len(ledger.encode()) < most
    assert ledger.size_hint == len(ledger.encode())


def test_the_size_is_told_without_encoding() -> None:
    ledger = Ledger(random.Random(14).sample(range(2 * MILLION), 100_000))
    assert ledger.size_hint >= len(ledger.copy().encode()) / 2
    size = len(ledger.encode())
    ledger.add(range(2 * MILLION, 2 * MILLION + 50_000))
    assert ledger.size_hint == pytest.approx(1.5 * size, rel=0.01)
    ledger.encode()
    assert ledger.size_hint < 1.01 * size
