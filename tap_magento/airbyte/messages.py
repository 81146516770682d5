"""The messages of the Airbyte protocol, and where they are written."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from threading import RLock
from typing import Any, Literal, Protocol

from singer_sdk.contrib.msgspec import encoder
from singer_sdk.exceptions import ConfigurationError, MappingError
from singer_sdk.singerlib.messages import Message
from typing_extensions import override

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.runtime.redaction import redacted
from tap_magento.runtime.writer import BufferedWriter

Status = Literal["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"]

_LEVELS = {"CRITICAL": "FATAL", "WARNING": "WARN"}


class MessageTranslator(Protocol):
    """Writes what Singer messages say as Airbyte messages; see `tap_magento.airbyte.reading.Reading`."""

    @property
    def current(self) -> str | None:
        """The stream that is being read."""

    def on_message(self, message: Message) -> None:
        """Take a message of the tap."""


class AirbyteWriter(BufferedWriter):
    """Writes lines of several threads: log lines come from any of them.

    Attributes:
        translator: Translates the messages of the tap; None as long as nothing is read.
    """

    translator: MessageTranslator | None = None

    def __init__(self) -> None:
        super().__init__()
        self._lock = RLock()

    @override
    def write_message(self, message: Message) -> None:
        if self.translator is not None:
            self.translator.on_message(message)

    @override
    def write_line(self, line: bytes | bytearray, *, may_wait: bool = False) -> None:
        with self._lock:
            super().write_line(line, may_wait=may_wait)

    @override
    def flush(self) -> None:
        with self._lock:
            super().flush()

    def send(self, kind: str, field: str, content: Mapping[str, Any]) -> None:
        """Write a message, and the records that wait.

        Args:
            kind: Its type, for example ``LOG``.
            field: The field that has its content, for example ``log``.
            content: The content.
        """
        self.write_line(encoder.encode({"type": kind, field: content}) + b"\n")

    def trace(self, kind: str, **content: Any) -> None:
        """Write a TRACE message.

        Args:
            kind: Its type, for example ``ESTIMATE``.
            **content: The field that has its content.
        """
        self.send("TRACE", "trace", {"type": kind, "emitted_at": time.time_ns() // 1_000_000, **content})

    def status(self, stream: str, status: Status) -> None:
        """Write the status of a stream."""
        self.trace("STREAM_STATUS", stream_status={"stream_descriptor": {"name": stream}, "status": status})

    def error(self, error: Exception, stream: str | None = None) -> None:
        """Write why the program fails.

        Args:
            error: The error.
            stream: The stream that was read.
        """
        kind = failure_type(error)
        content = {"message": redacted(str(error)), "failure_type": kind}
        if kind == "system_error":
            content |= {
                "message": "Unexpected error in the source: please report it",
                "internal_message": redacted(str(error)),
                "stack_trace": redacted("".join(traceback.format_exception(error))),
            }
        descriptor = {} if stream is None else {"stream_descriptor": {"name": stream}}
        self.trace("ERROR", error={**content, **descriptor})


def failure_type(error: Exception) -> Literal["config_error", "transient_error", "system_error"]:
    """Tell whether a person must act, or the next attempt may succeed.

    Args:
        error: Why the program fails.

    Returns:
        The type, as Airbyte names it.
    """
    if isinstance(error, ShopUnavailableError):
        return "transient_error"
    known = isinstance(error, (ConfigurationError, MappingError, MagentoError))
    return "config_error" if known else "system_error"


class LogHandler(logging.Handler):
    """Writes log records as LOG messages.

    Args:
        writer: Where to.
    """

    def __init__(self, writer: AirbyteWriter) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(message)s"))
        self.addFilter(lambda record: record.name != "singer_sdk.metrics")  # the counts are in the STATE messages
        self._writer = writer

    @override
    def emit(self, record: logging.LogRecord) -> None:
        level = _LEVELS.get(record.levelname, record.levelname)
        self._writer.send("LOG", "log", {"level": level, "message": self.format(record)})
