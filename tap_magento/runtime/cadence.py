"""How often the state is written.

A state holds the ledgers of its streams, hundreds of kilobytes where many rows were deleted at random. Written after
each page it would take more room than the rows.
"""

from __future__ import annotations

from collections.abc import Callable

# States take at most this share of the records' bytes ...
_SHARE = 0.02
# ... but no more than so many seconds pass between two, while records come.
_SECONDS = 30.0


class StateCadence:
    """Tells whether a state may be written now.

    Args:
        clock: Gives seconds that only grow, such as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._written_at = clock()
        self._record_bytes = 0
        self._state_bytes = 0

    def add_records(self, size_bytes: int) -> None:
        """Note records that were written.

        Args:
            size_bytes: Their bytes.
        """
        self._record_bytes += size_bytes

    def is_due(self, size_bytes: int) -> bool:
        """Tell whether to write a state.

        Args:
            size_bytes: How many bytes it has, or about.

        Returns:
            Whether states remain a small share of what is written, or the last one is too old.
        """
        affordable = self._state_bytes + size_bytes <= _SHARE * self._record_bytes
        return affordable or self._clock() - self._written_at >= _SECONDS

    def add_state(self, size_bytes: int) -> None:
        """Note a state that was written.

        Args:
            size_bytes: Its bytes.
        """
        self._state_bytes += size_bytes
        self._written_at = self._clock()
