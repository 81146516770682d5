"""Lines go out whole, and records together."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from singer_sdk.singerlib.messages import RecordMessage, StateMessage
from typing_extensions import override

from tap_magento.runtime.writer import BufferedWriter


class ShutdownError(io.RawIOBase):
    """An unbuffered pipe that takes only a part of a line at a time, as when signals come."""

    def __init__(self, most: int) -> None:
        self.taken = bytearray()
        self._most = most

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, part: Any, /) -> int:
        took = bytes(part)[: self._most]
        self.taken += took
        return len(took)


@pytest.mark.parametrize("most", [1, 7, 10_000])
def test_a_line_goes_out_whole(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    pipe = ShutdownError(most)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))  # type: ignore[type-var]
    writer = BufferedWriter()
    states = [{"bookmarks": {"orders": {"after": number}}} for number in range(3)]
    for state in states:
        writer.write_message(StateMessage(state))
    written = [json.loads(line)["value"] for line in pipe.taken.splitlines()]
    assert written == states


def test_records_go_out_together_and_before_what_follows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = ShutdownError(2**20)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))  # type: ignore[type-var]
    writer = BufferedWriter()
    for number in range(3):
        writer.write_message(RecordMessage("orders", {"entity_id": number}))
    assert not pipe.taken
    writer.write_message(StateMessage({"bookmarks": {}}))
    assert [json.loads(line)["type"] for line in pipe.taken.splitlines()] == ["RECORD"] * 3 + ["STATE"]
    writer.write_message(RecordMessage("orders", {"entity_id": 4}))
    writer.flush()
    assert json.loads(pipe.taken.splitlines()[-1])["record"] == {"entity_id": 4}


def test_many_records_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = ShutdownError(2**20)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))  # type: ignore[type-var]
    writer, most_waiting = BufferedWriter(), 0
    for number in range(100):
        writer.write_message(RecordMessage("orders", {"entity_id": number, "note": "x" * 10_000}))
        most_waiting = max(most_waiting, number + 1 - pipe.taken.count(b"\n"))
    assert 20 < most_waiting < 30
