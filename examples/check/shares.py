"""What each shard has read of each list, by the states that Meltano keeps of them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap_magento.reading.ledger import Ledger
from tap_magento.reading.shards import BLOCK

#: How far a shard's rows may be from an even share of them.
EVEN = 0.15

# A list with fewer blocks a shard cannot be cut more evenly.
_BLOCKS_EACH = 3
State = Mapping[str, Any]

_STATES = "SELECT state_id, completed_state FROM state"


@dataclass(frozen=True, slots=True)
class Shares:
    """What the shards have read of a list.

    Attributes:
        rows: The rows of each shard, by its number.
        last_key: The last key that they know of.
        has_common: Whether several know the same row.
    """

    rows: Mapping[int, int]
    last_key: int
    has_common: bool = False

    @property
    def off(self) -> float:
        """How far the share furthest from an even one is from it."""
        even = sum(self.rows.values()) / len(self.rows)
        return max(abs(rows / even - 1) for rows in self.rows.values())

    @property
    def is_cut(self) -> bool:
        """Whether the list has enough blocks to be cut evenly."""
        return self.last_key // BLOCK >= _BLOCKS_EACH * len(self.rows)

    @property
    def is_right(self) -> bool:
        """Whether each row is of one shard, and the shares even where they can be."""
        return not self.has_common and (not self.is_cut or self.off <= EVEN)

    def __str__(self) -> str:
        even = sum(self.rows.values()) / len(self.rows)
        rows = ", ".join(f"{self.rows[number]:,} ({self.rows[number] / even - 1:+.0%})" for number in sorted(self.rows))
        return rows if self.is_cut else f"{rows}; too short to be even"


def states_in(database: Path, count: int) -> dict[int, State]:
    """Read the shards' states.

    Args:
        database: Meltano's, a SQLite file.
        count: The number of shards.

    Returns:
        The state of each shard, by its number.
    """
    with closing(sqlite3.connect(database)) as connection:
        texts = {name.rpartition(":")[2]: text for name, text in connection.execute(_STATES)}
    numbers = range(1, count + 1)
    return {number: json.loads(texts[f"shard-{number}-of-{count}"])["singer_state"] for number in numbers}


def shares_of(states: Mapping[int, State]) -> dict[str, Shares]:
    """Count what each shard has read.

    Args:
        states: The state of each shard, by its number.

    Returns:
        The shares by stream, of the lists that are cut.
    """
    count = len(states)
    ledgers: dict[str, dict[int, Ledger]] = defaultdict(dict)
    for number, state in states.items():
        for stream, ledger in _ledgers(state):
            ledgers[stream][number] = ledger
    return {stream: _shares(found, count) for stream, found in ledgers.items()}


def _ledgers(state: State) -> list[tuple[str, Ledger]]:
    streams = state["bookmarks"].items()
    found = ((stream, content.get("ledger", {}).get("keys")) for stream, content in streams)
    return [(stream, Ledger.decode(keys)) for stream, keys in found if keys]


def _shares(ledgers: Mapping[int, Ledger], count: int) -> Shares:
    rows = {number: len(ledgers.get(number, ())) for number in range(1, count + 1)}
    whole = Ledger()
    for ledger in ledgers.values():
        whole |= ledger
    last = whole.nth(len(whole)) if len(whole) else 0
    return Shares(rows, last, len(whole) != sum(rows.values()))
