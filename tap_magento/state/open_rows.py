"""The keys of rows that may still change though nothing dates it, as a part of their list's state.

``open`` in the state of a list: the encoded set of keys (`tap_magento.reading.ledger`). A payment transaction is closed
without a time (`docs/MAGENTO.md`, What updated_at does not show), so the open ones are read again in each run.
"""

from __future__ import annotations

import logging

from tap_magento.reading.ledger import DamagedLedgerError, Ledger
from tap_magento.state.stream_state import State

_logger = logging.getLogger("tap-magento")


class OpenRows:
    """The open rows of a list.

    Args:
        state: The list's part of the Singer state; `save` changes it.
        field: The field of the rows that is 0 as long as a row is open.
    """

    def __init__(self, state: State, field: str) -> None:
        self.field = field
        self._state = state
        self._keys = Ledger()
        if state.get("open") is not None:
            try:
                self._keys = Ledger.decode(state["open"])
            except DamagedLedgerError:
                _logger.warning("The keys of open rows in the state are damaged; a full-table sync finds them again")

    @property
    def growth(self) -> int:
        """About how many bytes more they take in the state than when they were last written."""
        return self._keys.size_hint - len(self._state.get("open") or "")

    def note(self, key: object, value: object) -> None:
        """Note a row that was emitted.

        Args:
            key: Its key.
            value: What its field holds.
        """
        if isinstance(key, int) and value == 0:
            self._keys.add([key])
        elif isinstance(key, int) and key in self._keys:
            self._keys.discard([key])

    def keys(self, known: Ledger | None) -> list[int]:
        """List the open rows.

        Args:
            known: The keys that the list is known to have; rows that were deleted are forgotten. None if not known.

        Returns:
            Their keys, ascending.
        """
        if known is not None:
            self._keys.discard((self._keys - known).keys())
        return self._keys.keys()

    def save(self) -> None:
        """Write it into the state."""
        self._state["open"] = self._keys.encode()
