from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.prefetch import prefetch

_LONG = 30.0  # seconds after which a test that hangs fails


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in _threads():
        thread.join(_LONG)
    assert not _threads()


def _threads() -> list[Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]


@given(
    pieces=st.lists(st.lists(st.integers(), max_size=4), max_size=30), workers=st.integers(1, 6), more=st.integers(0, 3)
)
def test_everything_comes_once_and_in_order(pieces: list[list[int]], workers: int, more: int) -> None:
    items = prefetch(pieces, iter, workers=workers, window=workers + more)
    assert list(items) == [item for piece in pieces for item in piece]


def test_pieces_are_read_at_once_and_wait_for_their_turn() -> None:
    later_is_read = Event()

    def read(piece: int) -> Iterator[int]:
        if piece == 0:
            assert later_is_read.wait(_LONG), "the second piece was not read beside the first"
        yield piece
        if piece == 1:
            later_is_read.set()

    assert list(prefetch([0, 1, 2], read, workers=2, window=2)) == [0, 1, 2]


@given(workers=st.integers(1, 6), more=st.integers(0, 3), pieces=st.integers(0, 60))
def test_no_more_pieces_are_begun_than_there_is_room_for(workers: int, more: int, pieces: int) -> None:
    window, lock = workers + more, Lock()
    taken = begun = emitted = at_once = 0
    too_many = []

    def ask() -> Iterator[int]:
        nonlocal taken
        for piece in range(pieces):
            taken += 1
            # One piece is in the feeder's hand.
            too_many.append(taken - emitted > window + 1)
            yield piece

    def read(piece: int) -> Iterator[int]:
        nonlocal begun, at_once
        with lock:
            begun, at_once = begun + 1, at_once + 1
            too_many.append(begun - emitted > window or at_once > workers)
        yield piece
        with lock:
            at_once -= 1

    for _ in prefetch(ask(), read, workers=workers, window=window):
        emitted += 1
    assert emitted == pieces
    assert not any(too_many)


def test_the_first_piece_comes_before_the_others_are_known() -> None:
    go_on = Event()

    def pieces() -> Iterator[int]:
        yield 0
        assert go_on.wait(_LONG)
        yield 1

    with closing(prefetch(pieces(), lambda piece: [piece], workers=2, window=3)) as items:  # type: ignore[type-var]
        assert next(items) == 0
        go_on.set()
        assert list(items) == [1]


@given(pieces=st.integers(1, 20), bad=st.integers(0, 19), workers=st.integers(1, 6), before=st.integers(0, 3))
def test_the_first_error_comes_at_its_place_after_everything_before_it(
    pieces: int, bad: int, workers: int, before: int
) -> None:
    def read(piece: int) -> Iterator[tuple[int, int]]:
        for row in range(3):
            if piece >= bad and row == before:
                raise ValueError(piece)
            yield piece, row

    got: list[tuple[int, int]] = []
    items = prefetch(range(pieces), read, workers=workers, window=workers)
    if bad >= pieces or before == 3:
        got.extend(items)
        assert got == [(piece, row) for piece in range(pieces) for row in range(3)]
        return
    with pytest.raises(ValueError, match=f"^{bad}$"):
        got.extend(items)
    assert got[: 3 * bad] == [(piece, row) for piece in range(bad) for row in range(3)]


@given(good=st.integers(0, 20), workers=st.integers(1, 6))
def test_an_error_of_the_pieces_comes_at_its_place(good: int, workers: int) -> None:
    def pieces() -> Iterator[int]:
        yield from range(good)
        raise ValueError("no more")

    got: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        got.extend(prefetch(pieces(), lambda piece: [piece], workers=workers, window=workers))
    assert got == list(range(good))


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_whatever_a_thread_dies_of_is_not_waited_for(error: BaseException) -> None:
    def read(_: int) -> list[int]:
        raise error

    with pytest.raises(type(error)):
        list(prefetch([0], read, workers=1, window=1))


@pytest.mark.parametrize("workers", [1, 4])
def test_what_is_left_early_is_not_read_to_its_end(workers: int) -> None:
    begun = 0

    def read(piece: int) -> Iterator[int]:
        nonlocal begun
        begun += 1
        yield piece

    items = prefetch(iter(int, 1), read, workers=workers, window=workers)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    for thread in _threads():
        thread.join(_LONG)
    assert not _threads()
    assert begun <= 2 * workers + 1


def test_what_is_forgotten_stops_too() -> None:
    items = prefetch(iter(int, 1), lambda piece: [piece], workers=3, window=4)
    next(items)
    assert _threads()
    del items
    gc.collect()


def test_a_thread_that_waits_for_the_shop_is_not_waited_for() -> None:
    answered = Event()

    def read(piece: int) -> Iterator[int]:
        if piece:
            assert answered.wait(_LONG)
        yield piece

    items = prefetch([0, 1, 2], read, workers=2, window=2)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert all(thread.daemon for thread in _threads())
    answered.set()


def test_a_piece_is_read_no_further_once_nobody_wants_it() -> None:
    left = Event()
    rows = []

    def read(piece: int) -> Iterator[int]:
        for row in range(5):
            rows.append((piece, row))
            yield row
            if piece:
                assert left.wait(_LONG)

    items = prefetch([0, 1], read, workers=2, window=2)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    left.set()
    for thread in _threads():
        thread.join(_LONG)
    assert len([row for piece, row in rows if piece == 1]) <= 2
