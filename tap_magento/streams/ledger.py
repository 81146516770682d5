"""The keys known of one list, while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tap_magento.reading.ledger import Ledger
from tap_magento.reading.types import Key
from tap_magento.state.known_keys import KnownKeys
from tap_magento.state.stream_state import State
from tap_magento.streams.context import DeletionWriter
from tap_magento.timestamps import to_rfc3339


@dataclass(slots=True)
class ListLedger:
    """Keeps the keys of a list's rows as these are emitted.

    Attributes:
        name: The stream's name.
        state: The list's part of the Singer state.
        since: The `start_date` that the list is read from.
        deletions: Where it is written that a row came back; None if there is no such stream.
        known: The keys; None as long as they are not all known: the state is of a version that kept none.
    """

    name: str
    state: State
    since: datetime | None
    deletions: DeletionWriter | None
    known: KnownKeys | None = field(init=False)

    def __post_init__(self) -> None:
        self.known = KnownKeys.load(self.state, self.since)

    def begin(self) -> None:
        """Begin to keep the keys before the first row of a read of all rows, if none are kept."""
        if self.known is None:
            self.known = KnownKeys(self.state, self.since, Ledger())

    def add(self, keys: Sequence[Key], read_at: datetime) -> None:
        """Note rows that were emitted, or are quarantined.

        Args:
            keys: Their keys.
            read_at: The shop's time when the read began.
        """
        for key, noticed_at, last_known_at in self.known.add(keys) if self.known else ():
            if self.deletions is not None:
                self.deletions.write(
                    self.name,
                    key,
                    noticed_at=noticed_at,
                    last_known_at=last_known_at,
                    restored_at=to_rfc3339(read_at),
                )

    def save(self) -> None:
        """Write the keys into the state."""
        if self.known is not None:
            self.known.save()

    @property
    def growth(self) -> int:
        """About how many bytes more they take in the state than when they were last written."""
        return 0 if self.known is None else self.known.growth
