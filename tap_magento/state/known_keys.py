"""The keys known of a list, and those that were found deleted, as a part of its state.

``ledger`` in the state of a list: ``keys`` (the encoded ledger), ``since`` (the `start_date` that its counts keep to),
``rotation`` (which part the next audit compares), ``audited_at``, and ``deleted``: when deletions were noticed, to
their keys.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from tap_magento.reading.ledger import DamagedLedgerError, Ledger
from tap_magento.state.stream_state import State
from tap_magento.timestamps import from_rfc3339, to_rfc3339

_logger = logging.getLogger("tap-magento")

# Of so many audits the deleted keys are remembered, to tell when one of them comes back.
_MOST_REMEMBERED = 100


class Restored(NamedTuple):
    """A row that came back.

    Attributes:
        key: Its key.
        noticed_at: When its deletion was noticed, RFC 3339.
    """

    key: int
    noticed_at: str


class KnownKeys:
    """What is known of a list's keys.

    Args:
        state: The list's part of the Singer state; `save` changes it.
        since: The `start_date` that the list is read from.
        ledger: The keys that were read and not found deleted.
        saved: What else an earlier run kept.
    """

    def __init__(
        self, state: State, since: datetime | None, ledger: Ledger, saved: dict[str, Any] | None = None
    ) -> None:
        kept = saved or {}
        self.ledger = ledger
        self.rotation = int(kept.get("rotation") or 0)
        self.audited_at: str | None = kept.get("audited_at")
        self._state = state
        self._since = since
        self._deleted = {moment: Ledger.decode(text) for moment, text in (kept.get("deleted") or {}).items()}

    @classmethod
    def load(cls, state: State, since: datetime | None) -> KnownKeys | None:
        """Take the known keys out of a list's state.

        Args:
            state: The list's part of the Singer state.
            since: The `start_date` that the list is read from.

        Returns:
            They; None if there are none, or if they were read from an earlier date: then the counts of now are of
            fewer rows, and those before the date would seem deleted.
        """
        saved = state.get("ledger")
        if not isinstance(saved, dict):
            return None
        try:
            kept_since = None if saved.get("since") is None else from_rfc3339(saved["since"])
            if since is not None and (kept_since is None or kept_since < since):
                return None
            return cls(state, since, Ledger.decode(saved.get("keys")), saved)
        except (DamagedLedgerError, ValueError, TypeError, AttributeError):
            _logger.warning("The ledger of a list in the state is damaged; the next full-table sync builds it anew")
            return None

    @property
    def size_hint(self) -> int:
        """About how many bytes it takes in the state."""
        return self.ledger.size_hint

    def add(self, keys: Iterable[object]) -> list[Restored]:
        """Note rows that were emitted.

        Args:
            keys: Their keys; what is no integer is left out.

        Returns:
            Those that had been found deleted.
        """
        integers = [key for key in keys if isinstance(key, int)]
        self.ledger.add(integers)
        restored = [
            Restored(key, moment) for moment, deleted in self._deleted.items() for key in integers if key in deleted
        ]
        for key, moment in restored:
            self._deleted[moment].discard([key])
        return restored

    def discard(self, keys: Sequence[int], noticed_at: datetime) -> None:
        """Note rows that were found deleted.

        Args:
            keys: Their keys.
            noticed_at: The shop's time.
        """
        self.ledger.discard(keys)
        if keys:
            self._deleted.setdefault(to_rfc3339(noticed_at), Ledger()).add(keys)

    def conclude_audit(self, rotation: int, at: datetime) -> None:
        """Note that an audit has ended.

        Args:
            rotation: Which part the next one compares.
            at: The shop's time.
        """
        self.rotation, self.audited_at = rotation, to_rfc3339(at)

    def save(self) -> None:
        """Write all of it into the state."""
        remembered = sorted(moment for moment, keys in self._deleted.items() if len(keys))[-_MOST_REMEMBERED:]
        self._state["ledger"] = {
            "keys": self.ledger.encode(),
            "since": None if self._since is None else to_rfc3339(self._since),
            "rotation": self.rotation,
            "audited_at": self.audited_at,
            "deleted": {moment: self._deleted[moment].encode() for moment in remembered},
        }
