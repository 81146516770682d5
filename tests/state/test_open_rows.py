from __future__ import annotations

from typing import Any

import pytest

from tap_magento.reading.ledger import Ledger
from tap_magento.state.merge import merge
from tap_magento.state.open_rows import OpenRows


def test_open_rows_are_kept_until_they_are_closed() -> None:
    state: dict[str, Any] = {}
    rows = OpenRows(state, "is_closed")
    for key, value in ((1, 0), (2, 1), (3, 0), (4, None)):
        rows.note(key, value)
    rows.save()
    again = OpenRows(state, "is_closed")
    assert again.keys(None) == [1, 3]
    again.note(1, 1)
    assert again.keys(None) == [3]


def test_deleted_rows_are_forgotten() -> None:
    rows = OpenRows({"open": Ledger([1, 3, 5]).encode()}, "is_closed")
    assert rows.keys(Ledger([1, 2, 5])) == [1, 5]
    assert rows.keys(None) == [1, 5]


def test_a_damaged_state_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    assert OpenRows({"open": "nonsense"}, "is_closed").keys(None) == []
    assert "a full-table sync finds them again" in caplog.text


def test_the_open_rows_of_shards_are_united() -> None:
    parts = [
        {"open": Ledger(keys).encode(), "shard": {"number": number, "count": 2, "finished": True}}
        for number, keys in ((1, [1]), (2, [7]))
    ]
    states = {str(number): {"bookmarks": {"transactions": part}} for number, part in enumerate(parts)}
    merged = merge(states)["bookmarks"]["transactions"]
    assert OpenRows(merged, "is_closed").keys(None) == [1, 7]
