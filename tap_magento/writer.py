"""Singer messages go out whole, whatever comes in between."""

from __future__ import annotations

import sys

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib.messages import Message
from typing_extensions import override


class WholeLineWriter(MsgSpecWriter):
    """Writes messages as the SDK's writer does, and what a signal left over of them too.

    Where Python does not buffer its output (`PYTHONUNBUFFERED`, as most container images set it), a signal that comes
    while a full pipe holds up a line ends the write with only a part of the line written.
    """

    @override
    def write_message(self, message: Message) -> None:
        line = self.format_message(message)
        out = sys.stdout.buffer
        written = out.write(line)
        while written < len(line):
            written += out.write(memoryview(line)[written:])
        sys.stdout.flush()
