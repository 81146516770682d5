"""Which keys one of several runs reads, without a plan or coordination: every n-th block of keys (issue 16)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from tap_magento.reading.bad_rows import readable_neighbour
from tap_magento.reading.place import nth_place
from tap_magento.reading.ranges import KeyRange
from tap_magento.reading.types import IntegerKey, Source, UnreadableRowsError

#: So many keys make a block.
BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a list, growth included: the blocks whose number is its own modulo their count.

    Attributes:
        number: Which one, from 1.
        count: Of how many.
    """

    number: int
    count: int

    def owns(self, key: IntegerKey) -> bool:
        """Tell whether a key is in this shard.

        Args:
            key: The key.

        Returns:
            Whether its block is one of this shard's.
        """
        return self._first_block(key // BLOCK) == key // BLOCK

    def ranges(self, whole: KeyRange, source: Source) -> Iterator[KeyRange]:
        """Find the blocks of this shard in a range; blocks without rows are passed over, however many there are.

        Args:
            whole: The range, without an end.
            source: The list.

        Yields:
            Each block of this shard that has rows, in their order. Where the shop's counts do not tell whether rows
            follow, all that follows: it is better read by several shards than by none.
        """
        low = whole.start + 1
        while True:
            low = max(low, self._first_block(low // BLOCK) * BLOCK)
            rest = whole if low == whole.start + 1 else replace(whole, after=low - 1)
            block = rest.bounded(low // BLOCK * BLOCK + BLOCK - 1)
            try:
                first = _first_key(block, rest, source)
            except UnreadableRowsError:
                yield rest
                return
            if first is None:
                return
            if first <= block.end:
                yield block
            low = max(first, block.end + 1)

    def _first_block(self, block: int) -> int:
        """Give the first block of this shard that is not before a block."""
        return block + (self.number - 1 - block) % self.count


def _first_key(block: KeyRange, rest: KeyRange, source: Source) -> IntegerKey | None:
    """Find the first key of a block, or of what follows, also where that row cannot be loaded.

    Args:
        block: The block. Most have rows, and the shop counts one of them sooner than all that follows.
        rest: The block and all that follows.
        source: The list.

    Returns:
        The key; None if there are no rows.

    Raises:
        UnreadableRowsError: If rows are counted, but none near the start can be loaded.
    """
    found = None
    with suppress(UnreadableRowsError):
        found = source.locate(block.criteria(), 1)
    try:
        found = found or source.locate(rest.criteria(), 1)
    except UnreadableRowsError:
        neighbour = readable_neighbour(rest, source)
        if neighbour is None:
            raise
        found = nth_place(rest, 1, source, before=neighbour) or neighbour
    return None if found is None else int(found.key)
