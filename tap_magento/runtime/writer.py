"""Singer messages go out whole, whatever comes in between."""

from __future__ import annotations

import os
import sys
from typing import Any

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib.messages import Message, RecordMessage, StateMessage
from typing_extensions import override

from tap_magento.exceptions import MagentoError
from tap_magento.runtime.shutdown import ShutdownError

# Records go out together: each write lets another thread run, and the tap wait for it. With four workers that took
# a fourth of its time.
_TOGETHER = 2**18


class BufferedWriter(MsgSpecWriter):
    """Writes messages as the SDK's writer does, records some at a time, and what a signal left over of them too.

    Where Python does not buffer its output (`PYTHONUNBUFFERED`, as most container images set it), a signal that comes
    while a full pipe holds up a line ends the write with only a part of the line written.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()
        #: How many bytes the last STATE message had.
        self.state_bytes = 0

    @override
    def format_message(self, message: Message) -> Any:
        line = super().format_message(message)
        if isinstance(message, StateMessage):
            self.state_bytes = len(line)
        return line

    @override
    def write_message(self, message: Message) -> None:
        self.write_line(self.format_message(message), may_wait=isinstance(message, RecordMessage))

    def write_line(self, line: bytes | bytearray, *, may_wait: bool = False) -> None:
        """Write a line.

        Args:
            line: The line, with its end.
            may_wait: Whether it may wait for others.
        """
        self._waiting += line
        if not may_wait or len(self._waiting) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Write the records that wait for others.

        Raises:
            MagentoError: If nobody reads them any more.
            ShutdownError: If the run was told twice to end. Nothing more is written then: it would follow half a line.
        """
        lines, self._waiting = memoryview(self._waiting), bytearray()
        try:
            while lines:
                lines = lines[sys.stdout.buffer.write(lines) :]
            sys.stdout.flush()
        except BrokenPipeError:
            _close_output()
            raise MagentoError("the program that reads the tap's messages has ended; its own log tells why") from None
        except ShutdownError:
            _close_output()
            raise


def _close_output() -> None:
    """Let what is left go nowhere: Python would try to write it at its end, and complain or wait for ever."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
