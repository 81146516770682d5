"""Lines that a signal interrupts are whole all the same."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from singer_sdk.singerlib.messages import StateMessage
from typing_extensions import override

from tap_magento.writer import WholeLineWriter


class Interrupted(io.RawIOBase):
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
    pipe = Interrupted(most)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, write_through=True))  # type: ignore[type-var]
    writer = WholeLineWriter()
    states = [{"bookmarks": {"orders": {"after": number}}} for number in range(3)]
    for state in states:
        writer.write_message(StateMessage(state))
    written = [json.loads(line)["value"] for line in pipe.taken.splitlines()]
    assert written == states
