"""The keys known of a list, and those that were found deleted, as a part of its state.

``ledger`` in the state of a list: ``keys`` (the encoded ledger), ``since`` (the `start_date` that its counts keep to),
``rotation`` (which part the next audit compares), ``audited_at``, and ``deleted``: keys that were found deleted, with
when that was noticed (a list, as schedulers merge objects key by key).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from tap_magento.reading.ledger import Ledger
from tap_magento.state.stream_state import State
from tap_magento.timestamps import from_rfc3339, to_rfc3339

_logger = logging.getLogger("tap-magento")

# Of so many audits it is remembered when they found which rows deleted; of older ones, that they did.
_MOST_MOMENTS = 100


class Restored(NamedTuple):
    """A row that came back.

    Attributes:
        key: Its key.
        noticed_at: When its deletion was noticed, RFC 3339.
        last_known_at: When the shop was last known to have had it, RFC 3339, as far as known.
    """

    key: int
    noticed_at: str
    last_known_at: str | None


@dataclass(slots=True)
class _Deleted:
    """What one audit found deleted, without what came back since."""

    noticed_at: str
    last_known_at: str | None
    keys: Ledger

    @classmethod
    def decode(cls, saved: Mapping[str, Any]) -> _Deleted:
        return cls(str(saved["noticed_at"]), saved.get("last_known_at"), Ledger.decode(saved.get("keys")))

    def encode(self) -> dict[str, Any]:
        return {"noticed_at": self.noticed_at, "last_known_at": self.last_known_at, "keys": self.keys.encode()}


class KnownKeys:
    """What is known of a list's keys.

    Args:
        state: The list's part of the Singer state; `save` changes it.
        since: The `start_date` that the list is read from.
        ledger: The keys that were read and not found deleted.
        saved: What else an earlier run kept.

    Attributes:
        ledger: The keys.
        rotation: Which part the next audit compares.
        audited_at: The shop's time of the last audit that was settled, RFC 3339.
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
        self._deleted = [_Deleted.decode(each) for each in kept.get("deleted") or ()]
        self._saved_size = self.ledger.size_hint if saved else 0

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
        except (ValueError, TypeError, LookupError, AttributeError):
            _logger.warning("The keys known of a list in the state are damaged; the next complete read lists them anew")
            return None

    @property
    def growth(self) -> int:
        """About how many bytes more it takes in the state than when it was last written."""
        return self.ledger.size_hint - self._saved_size

    def add(self, keys: Iterable[object]) -> list[Restored]:
        """Note rows that were emitted.

        Args:
            keys: Their keys; what is no integer is left out.

        Returns:
            Those that had been found deleted.
        """
        integers = [key for key in keys if isinstance(key, int)]
        self.ledger.add(integers)
        restored = []
        for deleted in self._deleted:
            back = [key for key in integers if key in deleted.keys]
            deleted.keys.discard(back)
            restored += [Restored(key, deleted.noticed_at, deleted.last_known_at) for key in back]
        return restored

    def discard(self, keys: Sequence[int], noticed_at: datetime) -> None:
        """Note rows that were found deleted.

        Args:
            keys: Their keys.
            noticed_at: The shop's time.
        """
        self.ledger.discard(keys)
        if keys:
            self._deleted.append(_Deleted(to_rfc3339(noticed_at), self.audited_at, Ledger(keys)))

    def save(self) -> None:
        """Write all of it into the state."""
        self._deleted = _condensed([deleted for deleted in self._deleted if len(deleted.keys)])
        self._state["ledger"] = {
            "keys": self.ledger.encode(),
            "since": None if self._since is None else to_rfc3339(self._since),
            "rotation": self.rotation,
            "audited_at": self.audited_at,
            "deleted": [deleted.encode() for deleted in self._deleted],
        }
        self._saved_size = self.ledger.size_hint


def _condensed(deleted: Sequence[_Deleted]) -> list[_Deleted]:
    """Unite the oldest where there are many: a row that comes back after years has still to be recognised."""
    recent = len(deleted) - _MOST_MOMENTS + 1
    if recent <= 1:
        return list(deleted)
    old, rest = deleted[:recent], deleted[recent:]
    keys = Ledger()
    for each in old:
        keys |= each.keys
    return [_Deleted(old[-1].noticed_at, old[-1].last_known_at, keys), *rest]
