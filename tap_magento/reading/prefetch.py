"""Ask ahead, hand over in order.

Pieces are read by several workers at once and handed over strictly in order, so that progress is one value and a run
that is killed at any moment resumes without a gap. How many pieces wait is bounded, whatever the list's size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Generic, TypeVar

_Piece = TypeVar("_Piece")
_Item = TypeVar("_Item")


def prefetch(
    pieces: Iterable[_Piece], read: Callable[[_Piece], Iterable[_Item]], *, workers: int, window: int
) -> Iterator[_Item]:
    """Read pieces at once and hand over what is in them in order.

    The threads are daemons: a run that is told to end does not wait for the shop's answers.

    Args:
        pieces: What to read; taken one by one, in a thread, as there is room for what they hold.
        read: Reads a piece, in a thread.
        workers: How many pieces are read at once.
        window: How many pieces are being read or wait for their turn, at most.

    Yields:
        What the pieces hold, in the order of the pieces. The first error, of reading or of the pieces themselves, is
        raised at its place in that order.
    """
    ahead = _Ahead(read, window)
    Thread(target=ahead.feed, args=(pieces,), name="read-ahead feeder", daemon=True).start()
    for _ in range(workers):
        Thread(target=ahead.work, name="read-ahead worker", daemon=True).start()
    try:
        yield from ahead.in_order()
    finally:
        ahead.stop(workers)


class _Ahead(Generic[_Piece, _Item]):
    """What the threads of one read share."""

    def __init__(self, read: Callable[[_Piece], Iterable[_Item]], window: int) -> None:
        self._read = read
        self._room = Semaphore(window)
        self._stopped = Event()
        self._tasks: SimpleQueue[tuple[_Piece, Future[list[_Item]]] | None] = SimpleQueue()
        self._order: SimpleQueue[Future[list[_Item]] | None] = SimpleQueue()

    def feed(self, pieces: Iterable[_Piece]) -> None:
        """Hand pieces to the workers as there is room."""
        try:
            for piece in pieces:
                self._room.acquire()
                if self._stopped.is_set():
                    return
                future: Future[list[_Item]] = Future()
                self._order.put(future)
                self._tasks.put((piece, future))
        except BaseException as error:  # noqa: BLE001  raised at its place: left here, it would be waited for
            failed: Future[list[_Item]] = Future()
            failed.set_exception(error)
            self._order.put(failed)
        self._order.put(None)

    def work(self) -> None:
        """Read pieces until told to stop."""
        while (task := self._tasks.get()) is not None and not self._stopped.is_set():
            piece, future = task
            try:
                future.set_result(self._collect(piece))
            except BaseException as error:  # noqa: BLE001  raised at its place: left here, it would be waited for
                future.set_exception(error)

    def in_order(self) -> Iterator[_Item]:
        """Wait for the pieces in their order."""
        while (future := self._order.get()) is not None:
            yield from future.result()
            self._room.release()

    def stop(self, workers: int) -> None:
        """End the threads as soon as they look."""
        self._stopped.set()
        self._room.release()
        for _ in range(workers):
            self._tasks.put(None)

    def _collect(self, piece: _Piece) -> list[_Item]:
        items = []
        for item in self._read(piece):
            if self._stopped.is_set():
                break
            items.append(item)
        return items
