"""What each shard has read, by the states that Meltano keeps."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from examples.check.shares import shares_of, states_in
from tap_magento.reading.ledger import Ledger
from tap_magento.reading.shards import BLOCK


def state_of(keys: Iterable[int]) -> dict[str, Any]:
    return {"bookmarks": {"orders": {"ledger": {"keys": Ledger(keys).encode()}}, "websites": {}}}


def blocks(*numbers: int) -> list[int]:
    return [key for number in numbers for key in range(number * BLOCK, (number + 1) * BLOCK)]


def test_states_are_found_by_shard(tmp_path: Path) -> None:
    path = tmp_path / "meltano.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE state (state_id TEXT, completed_state TEXT)")
        rows = [(f"dev:tap-to-target:shard-{n}-of-2", json.dumps({"singer_state": state_of([n])})) for n in (1, 2)]
        database.executemany("INSERT INTO state VALUES (?, ?)", [*rows, ("dev:tap-to-target", None)])
    assert states_in(path, 2) == {1: state_of([1]), 2: state_of([2])}


def test_shares_of_a_long_list_must_be_even() -> None:
    (stream,) = shares_of({1: state_of(blocks(0, 2, 4)), 2: state_of(blocks(1, 3, 5, 7))}).items()
    name, shares = stream
    assert name == "orders"
    assert shares.rows == {1: 3 * BLOCK, 2: 4 * BLOCK}
    assert shares.off == pytest.approx(1 / 7)
    assert shares.is_right
    assert str(shares) == "12,288 (-14%), 16,384 (+14%)"
    assert not shares_of({1: state_of(blocks(0, 2)), 2: state_of(blocks(1, 3, 5, 7))})["orders"].is_right


def test_a_short_list_cannot_be_even() -> None:
    shares = shares_of({1: state_of(blocks(0)), 2: state_of([])})["orders"]
    assert shares.is_right
    assert str(shares).endswith("too short to be even")


def test_a_row_that_several_shards_have_read_is_wrong() -> None:
    assert not shares_of({1: state_of([1, 2]), 2: state_of([2, 3])})["orders"].is_right
