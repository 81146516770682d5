from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from threading import Event, Lock, Thread
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.prefetch import prefetch

_LONG = 30.0  # seconds after which a test that hangs fails
_ROOM = 1_000_000

_T = TypeVar("_T")


def ahead(
    partitions: Iterable[Any], read: Callable[[Any], Iterator[_T]], workers: int, memory: int = _ROOM
) -> Generator[_T, None, None]:
    """Prefetch items of one byte each."""
    items = prefetch(partitions, read, size_of=lambda _: 1, workers=workers, memory=memory)
    assert isinstance(items, Generator)
    return items


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in _threads():
        thread.join(_LONG)
    assert not _threads()


def _threads() -> list[Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("prefetch")]


@given(partitions=st.lists(st.lists(st.integers(), max_size=4), max_size=30), workers=st.integers(1, 6))
def test_everything_comes_once_and_in_order(partitions: list[list[int]], workers: int) -> None:
    assert list(ahead(partitions, iter, workers)) == [item for items in partitions for item in items]


@given(
    partitions=st.lists(st.lists(st.integers(), max_size=4), max_size=30),
    workers=st.integers(1, 6),
    memory=st.integers(0, 5),
)
def test_everything_comes_however_little_may_wait(partitions: list[list[int]], workers: int, memory: int) -> None:
    assert list(ahead(partitions, iter, workers, memory)) == [item for items in partitions for item in items]


def test_partitions_are_read_at_once_and_wait_to_be_emitted() -> None:
    later_is_read = Event()

    def read(partition: int) -> Iterator[int]:
        if partition == 0:
            assert later_is_read.wait(_LONG), "the second partition was not read beside the first"
        yield partition
        if partition == 1:
            later_is_read.set()

    assert list(ahead([0, 1, 2], read, workers=2)) == [0, 1, 2]


def test_the_items_of_the_first_partition_leave_as_they_arrive() -> None:
    has_left = Event()

    def read(partition: int) -> Iterator[int]:
        yield partition
        if partition == 0:
            assert has_left.wait(_LONG), "the first item waits for the others"
        yield partition

    with closing(ahead([0, 1], read, workers=2)) as items:
        assert next(items) == 0
        has_left.set()
        assert list(items) == [0, 1, 1]


@given(workers=st.integers(1, 6), memory=st.integers(1, 20), partitions=st.integers(1, 12))
def test_what_waits_is_bounded_by_what_it_takes(workers: int, memory: int, partitions: int) -> None:
    lock = Lock()
    arrived = emitted = 0
    most = 0

    def read(partition: int) -> Iterator[int]:
        nonlocal arrived, most
        for _ in range(10):
            with lock:
                arrived += 1
                most = max(most, arrived - emitted)
            yield partition

    for _ in ahead(range(partitions), read, workers, memory):
        with lock:
            emitted += 1
    assert emitted == 10 * partitions
    # One that each worker has in its hand, and one that has just been emitted.
    assert most <= memory + workers + 1


def test_what_a_stalled_reader_has_not_taken_is_bounded_too() -> None:
    full, count, lock = Event(), 0, Lock()

    def read(_: int) -> Iterator[int]:
        nonlocal count
        for item in range(1_000):
            with lock:
                count += 1
                if count == 20:
                    full.set()
            yield item

    with closing(ahead([0, 1], read, workers=2, memory=20)) as items:
        next(items)
        assert full.wait(_LONG)
    for thread in _threads():
        thread.join(_LONG)
    assert count <= 23


def test_no_more_is_begun_than_half_as_many_again_as_workers() -> None:
    begun: list[int] = []
    head_may_end, enough = Event(), Event()

    def read(partition: int) -> Iterator[int]:
        begun.append(partition)
        if len(begun) == 6:
            enough.set()
        yield partition
        if partition == 0:
            assert head_may_end.wait(_LONG)

    with closing(ahead(range(100), read, workers=4)) as items:
        assert next(items) == 0
        assert enough.wait(_LONG)
        assert max(begun) == 5
        head_may_end.set()
        assert list(items) == list(range(1, 100))


def test_the_first_partition_is_emitted_before_the_others_are_known() -> None:
    go_on = Event()

    def partitions() -> Iterator[int]:
        yield 0
        assert go_on.wait(_LONG)
        yield 1

    with closing(ahead(partitions(), lambda partition: iter([partition]), workers=2)) as items:
        assert next(items) == 0
        go_on.set()
        assert list(items) == [1]


@given(partitions=st.integers(1, 20), bad=st.integers(0, 19), workers=st.integers(1, 6), before=st.integers(0, 3))
def test_the_first_error_comes_at_its_place_after_everything_before_it(
    partitions: int, bad: int, workers: int, before: int
) -> None:
    def read(partition: int) -> Iterator[tuple[int, int]]:
        for row in range(3):
            if partition >= bad and row == before:
                raise ValueError(partition)
            yield partition, row

    got: list[tuple[int, int]] = []
    items = ahead(range(partitions), read, workers)
    if bad >= partitions or before == 3:
        got.extend(items)
        assert got == [(partition, row) for partition in range(partitions) for row in range(3)]
        return
    with pytest.raises(ValueError, match=f"^{bad}$"):
        got.extend(items)
    expected = [(partition, row) for partition in range(bad) for row in range(3)]
    assert got == expected + [(bad, row) for row in range(before)]


@given(good=st.integers(0, 20), workers=st.integers(1, 6))
def test_an_error_of_the_partitions_comes_at_its_place(good: int, workers: int) -> None:
    def partitions() -> Iterator[int]:
        yield from range(good)
        raise ValueError("no more")

    got: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        got.extend(ahead(partitions(), lambda partition: iter([partition]), workers))
    assert got == list(range(good))


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_whatever_a_thread_dies_of_is_not_waited_for(error: BaseException) -> None:
    def read(_: int) -> Iterator[int]:
        raise error

    with pytest.raises(type(error)):
        list(ahead([0], read, workers=1))


def test_what_lies_behind_a_failed_partition_is_read_no_further() -> None:
    later_has_begun, later_has_ended = Event(), Event()

    def read(partition: int) -> Iterator[int]:
        yield partition
        if partition == 0:
            assert later_has_ended.wait(_LONG)
        if partition == 1:
            assert later_has_begun.wait(_LONG)
            raise ValueError("failed")
        try:
            while partition == 2:
                later_has_begun.set()
                yield partition
        finally:
            if partition == 2:
                later_has_ended.set()

    items = ahead([0, 1, 2], read, workers=3)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ValueError, match="failed"):
        next(items)


@pytest.mark.parametrize("workers", [1, 4])
def test_what_is_left_early_is_not_read_to_its_end(workers: int) -> None:
    begun = 0

    def read(partition: int) -> Iterator[int]:
        nonlocal begun
        begun += 1
        yield partition

    items = ahead(iter(int, 1), read, workers)
    assert next(items) == 0
    items.close()
    for thread in _threads():
        thread.join(_LONG)
    assert not _threads()
    assert begun <= 2 * workers + 1


def test_what_is_forgotten_stops_too() -> None:
    items = ahead(iter(int, 1), lambda partition: iter([partition]), workers=3)
    next(items)
    assert _threads()
    del items
    gc.collect()


def test_a_thread_that_waits_for_the_shop_is_not_waited_for() -> None:
    answered = Event()

    def read(partition: int) -> Iterator[int]:
        if partition:
            assert answered.wait(_LONG)
        yield partition

    items = ahead([0, 1, 2], read, workers=2)
    assert next(items) == 0
    items.close()
    assert all(thread.daemon for thread in _threads())
    answered.set()


def test_a_partition_is_read_no_further_once_nobody_wants_it() -> None:
    left = Event()
    rows = []

    def read(partition: int) -> Iterator[int]:
        for row in range(5):
            rows.append((partition, row))
            yield row
            if partition:
                assert left.wait(_LONG)

    items = ahead([0, 1], read, workers=2)
    assert next(items) == 0
    items.close()
    left.set()
    for thread in _threads():
        thread.join(_LONG)
    assert len([row for partition, row in rows if partition == 1]) <= 2
