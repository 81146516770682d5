"""Read several partitions at once and emit what they hold in order.

The first partition that is not emitted completely is the head: its pages leave as they arrive. Those of later ones
wait, in memory that is bounded by the bytes that do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from threading import Condition, Thread
from typing import Generic, TypeVar

_Partition = TypeVar("_Partition")
_Item = TypeVar("_Item")


def prefetch(
    partitions: Iterable[_Partition],
    read: Callable[[_Partition], Iterator[_Item]],
    *,
    size_of: Callable[[_Item], int],
    workers: int,
    memory: int,
) -> Iterator[_Item]:
    """Read partitions at once and emit their items in order.

    The threads are daemons: a run that is told to end does not wait for the shop's responses.

    Args:
        partitions: What to read; taken one by one, in a thread, shortly before a worker is free.
        read: Reads a partition, in a thread.
        size_of: Gives the bytes that an item takes while it waits.
        workers: How many partitions are read at once.
        memory: How many bytes may wait before no worker but that of the head reads on.

    Yields:
        The items, in the order of the partitions. The first error, of reading or of the partitions themselves, is
        raised at its place in that order.
    """
    ahead = _Ahead(read, size_of, workers, memory)
    Thread(target=ahead.cut, args=(partitions,), name="prefetch partitions", daemon=True).start()
    for _ in range(workers):
        Thread(target=ahead.work, name="prefetch worker", daemon=True).start()
    try:
        yield from ahead.in_order()
    finally:
        ahead.stop()


class _Slot(Generic[_Partition, _Item]):
    """The place of a partition in the order."""

    def __init__(self, partition: _Partition) -> None:
        self.partition = partition
        self.items: deque[_Item] = deque()
        self.error: BaseException | None = None
        self.is_read = False  # or has failed
        self.is_dropped = False  # as one before it has failed


class _Ahead(Generic[_Partition, _Item]):
    """What the threads of one read share, guarded by one condition."""

    def __init__(
        self, read: Callable[[_Partition], Iterator[_Item]], size_of: Callable[[_Item], int], workers: int, memory: int
    ) -> None:
        self._read = read
        self._size_of = size_of
        self._window = workers + workers // 2
        self._memory = memory
        self._changed = Condition()
        self._order: deque[_Slot[_Partition, _Item]] = deque()  # of the partitions not yet emitted; first the head
        self._unread: deque[_Slot[_Partition, _Item]] = deque()
        self._waiting_bytes = 0
        self._error: BaseException | None = None  # of the partitions themselves
        self._is_cut = False  # no partition comes any more
        self._is_stopped = False

    def cut(self, partitions: Iterable[_Partition]) -> None:
        """Take partitions as there is room."""
        try:
            for partition in partitions:
                if not self._add(_Slot(partition)):
                    break
        except BaseException as error:  # noqa: BLE001  raised at its place: left here, it would be waited for
            self._error = error
        with self._changed:
            self._is_cut = True
            self._changed.notify_all()

    def _add(self, slot: _Slot[_Partition, _Item]) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_cut or self._is_stopped or len(self._order) < self._window)
            if self._is_cut or self._is_stopped:
                return False
            self._order.append(slot)
            self._unread.append(slot)
            self._changed.notify_all()
            return True

    def work(self) -> None:
        """Read one partition after the other."""
        while (slot := self._next_unread()) is not None:
            try:
                with closing(self._generator(slot.partition)) as items:
                    while self._has_room(slot) and (item := next(items, None)) is not None:
                        self._keep(slot, item)
            except BaseException as error:  # noqa: BLE001  raised at its place: left here, it would be waited for
                self._fail(slot, error)
            with self._changed:
                slot.is_read = True
                self._changed.notify_all()

    def _generator(self, partition: _Partition) -> Generator[_Item, None, None]:
        yield from self._read(partition)

    def _next_unread(self) -> _Slot[_Partition, _Item] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._unread or self._is_cut or self._is_stopped)
            return self._unread.popleft() if self._unread and not self._is_stopped else None

    def _has_room(self, slot: _Slot[_Partition, _Item]) -> bool:
        """Wait until another item may be read; False if nobody wants it any more."""

        def may_go_on() -> bool:
            is_wanted_next = slot is self._order[0] and not slot.items
            return self._waiting_bytes < self._memory or is_wanted_next

        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or slot.is_dropped or may_go_on())
            return not (self._is_stopped or slot.is_dropped)

    def _keep(self, slot: _Slot[_Partition, _Item], item: _Item) -> None:
        with self._changed:
            slot.items.append(item)
            self._waiting_bytes += self._size_of(item)
            self._changed.notify_all()

    def _fail(self, slot: _Slot[_Partition, _Item], error: BaseException) -> None:
        """Raise an error at its place; what lies behind it is of no use."""
        with self._changed:
            slot.error = error
            if slot.is_dropped:
                return
            while self._order[-1] is not slot:
                self._order.pop().is_dropped = True
            self._unread.clear()
            self._is_cut = True

    def in_order(self) -> Iterator[_Item]:
        """Wait for the items in their order."""
        while (slot := self._head()) is not None:
            while (item := self._next_item(slot)) is not None:
                yield item
            if slot.error is not None:
                raise slot.error
            with self._changed:
                self._order.popleft()
                self._changed.notify_all()
        if self._error is not None:
            raise self._error

    def _head(self) -> _Slot[_Partition, _Item] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._order or self._is_cut)
            return self._order[0] if self._order else None

    def _next_item(self, slot: _Slot[_Partition, _Item]) -> _Item | None:
        with self._changed:
            self._changed.wait_for(lambda: slot.items or slot.is_read)
            if not slot.items:
                return None
            item = slot.items.popleft()
            self._waiting_bytes -= self._size_of(item)
            self._changed.notify_all()
            return item

    def stop(self) -> None:
        """End the threads as soon as they look."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
