"""Which keys one of several runs reads, without a plan or coordination: every n-th block of keys (issue 16)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tap_magento.reading.types import IntegerKey

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

    def blocks(
        self, after: IntegerKey | None, next_key: Callable[[IntegerKey], IntegerKey | None]
    ) -> Iterator[tuple[IntegerKey, IntegerKey]]:
        """Give the ranges of keys to read, in their order.

        Args:
            after: The keys up to this one have been read; None before the first.
            next_key: Finds the first existing key that is not less than a key; None if there is none.

        Yields:
            The first and the last key of each block that begins with, or may still get, rows.
        """
        low = 0 if after is None else after + 1
        while True:
            block = self._first_block(low // BLOCK)
            low = max(low, block * BLOCK)
            found = next_key(low)
            if found is None:
                return
            if not self.owns(found):
                low = found
                continue
            block = found // BLOCK
            yield max(low, block * BLOCK), (block + 1) * BLOCK - 1
            low = (block + 1) * BLOCK

    def _first_block(self, block: int) -> int:
        """Give the first block of this shard that is not before a block."""
        return block + (self.number - 1 - block) % self.count
