"""The keys known of a list, as a compressed set that fits into the state.

Magento keeps no trace of a deletion, and rows may appear with an old ``updated_at``. What tells is the set of keys that
were read and not found deleted: held against the shop's counts, it shows what has gone and what was missed
(``tap_magento.reading.audit``). A million keys without gaps take some hundred bytes, a random half of two million
334 kB.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Iterable
from itertools import islice

from pyroaring import BitMap64

from tap_magento.reading.types import IntegerKey

#: No row of a list has a key beyond this one.
LAST_KEY: IntegerKey = 2**63 - 1

# What a key takes before the first encoding has told: two bytes in a block of its own, four thirds of it in base64.
_BYTES_PER_KEY = 3.0


class DamagedLedgerError(ValueError):
    """A text is not an encoded ledger."""


class Ledger:
    """A set of integer keys with rank and select.

    Args:
        keys: The keys it begins with.
    """

    def __init__(self, keys: Iterable[IntegerKey] = ()) -> None:
        self._keys = BitMap64()
        self._encoded: str | None = None
        self._bytes_per_key = _BYTES_PER_KEY
        self.add(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int) and 0 <= key <= LAST_KEY and key in self._keys

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger) and self._keys == other._keys

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __or__(self, other: Ledger) -> Ledger:
        """Unite the ledgers of two shards."""
        return _ledger_of(self._keys | other._keys)

    def __sub__(self, other: Ledger) -> Ledger:
        """Keep the keys that the other one lacks."""
        return _ledger_of(self._keys - other._keys)

    def copy(self) -> Ledger:
        """Copy the ledger, to change one of the two."""
        return _ledger_of(self._keys.copy())

    def add(self, keys: Iterable[IntegerKey]) -> None:
        """Note keys that were emitted.

        Args:
            keys: The keys, in any order; those below 0, which no table numbers by itself, are left out, as they are by
                every count of the audit.
        """
        keys = list(keys)
        try:
            self._keys.update(keys)
        except OverflowError:
            self._keys.update([key for key in keys if 0 <= key <= LAST_KEY])
        self._encoded = None

    def discard(self, keys: Iterable[IntegerKey]) -> None:
        """Drop keys that were found deleted.

        Args:
            keys: The keys; those that are not known do no harm.
        """
        self._keys.difference_update(BitMap64(key for key in keys if 0 <= key <= LAST_KEY))
        self._encoded = None

    def count(self, low: IntegerKey, high: IntegerKey) -> int:
        """Count the known keys of a range.

        Args:
            low: The first key of the range.
            high: Its last one.

        Returns:
            How many are known.
        """
        return self._keys.range_cardinality(low, high + 1)

    def nth(self, n: int, low: IntegerKey = 0) -> IntegerKey:
        """Find a key by its rank.

        Args:
            n: The rank, from 1.
            low: Where to begin counting.

        Returns:
            The n-th known key from there.

        Raises:
            IndexError: If there are not so many.
        """
        before = self._keys.range_cardinality(0, low)
        return self._keys[before + n - 1]

    def keys(self, low: IntegerKey = 0, high: IntegerKey = LAST_KEY) -> list[IntegerKey]:
        """List the known keys of a range.

        Args:
            low: The first key of the range.
            high: Its last one.

        Returns:
            The keys, ascending.
        """
        return list(islice(self._keys.iter_equal_or_larger(low), self.count(low, high)))

    @property
    def size_hint(self) -> int:
        """How long the encoded text is, about, without encoding: it grows as the set has so far."""
        return len(self._encoded) if self._encoded else math.ceil(self._bytes_per_key * len(self))

    def encode(self) -> str:
        """Write the ledger as text for the state. It costs more than adding a page: do it when a state is written.

        Returns:
            The text: the set's portable serialisation, compressed, in base64.
        """
        if self._encoded is None:
            self._keys.run_optimize()
            self._encoded = base64.b64encode(zlib.compress(self._keys.serialize())).decode("ascii")
            self._bytes_per_key = len(self._encoded) / max(1, len(self))
        return self._encoded

    @classmethod
    def decode(cls, text: object) -> Ledger:
        """Read a ledger from the state.

        Args:
            text: What `encode` gave.

        Returns:
            The ledger.

        Raises:
            DamagedLedgerError: If the text is anything else; a checksum tells.
        """
        if not isinstance(text, str):
            raise DamagedLedgerError("the ledger in the state is no text")
        try:
            return _ledger_of(BitMap64.deserialize(zlib.decompress(base64.b64decode(text, validate=True))))
        except (ValueError, IndexError, zlib.error):
            raise DamagedLedgerError("the ledger in the state is damaged") from None


def _ledger_of(keys: BitMap64) -> Ledger:
    ledger = Ledger()
    ledger._keys = keys  # noqa: SLF001  of its own module
    return ledger
