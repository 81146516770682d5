"""The messages that a run in this process wrote, and its death."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from tap_magento.runtime.writer import BufferedWriter

Line = Mapping[str, Any]


class KilledError(Exception):
    """SIGKILL, as far as a process can do that to itself: nothing more is written."""


class Messages(BufferedWriter):
    """Keeps the lines that a run writes; it may be killed before a line.

    Args:
        dies_before: Told each line before it is written; True ends the run.
    """

    def __init__(self, dies_before: Callable[[Line], bool] = lambda _: False) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        #: Whether the run has ended: nothing more is written, whatever it does.
        self.is_closed = False
        self._dies_before = dies_before

    @override
    def write_message(self, message: Message) -> None:
        if self.is_closed:
            return
        line = json.loads(bytes(self.format_message(message)))
        if self._dies_before(line):
            self.is_closed = True
            raise KilledError
        self.lines.append(line)

    def records(self, stream: str) -> list[dict[str, Any]]:
        """The records of a stream, in their order."""
        return [line["record"] for line in self.lines if line["type"] == "RECORD" and line["stream"] == stream]

    def keys(self, stream: str, *names: str) -> list[tuple[Any, ...]]:
        """Some fields of a stream's records, in their order."""
        return [tuple(record[name] for name in names) for record in self.records(stream)]

    def of(self, kind: str, stream: str) -> list[dict[str, Any]]:
        """The messages of a kind about a stream."""
        return [line for line in self.lines if line["type"] == kind and line.get("stream") == stream]

    @property
    def state(self) -> dict[str, Any]:
        """The last state."""
        states: list[dict[str, Any]] = [line["value"] for line in self.lines if line["type"] == "STATE"]
        return states[-1]
