"""The tap run inside another program: its messages come as Python values, one batch after the other."""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread
from typing import Any

from singer_sdk.singerlib.messages import Message, RecordMessage, SchemaMessage, StateMessage
from typing_extensions import override

from tap_magento.dlt_source.columns import EXTRACTED_AT, nested_columns
from tap_magento.dlt_source.nested_values import json_text
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.runtime.writer import BufferedWriter
from tap_magento.tap import TapMagento

_BATCH_ROWS = 200
# Batches that may wait for the program: the tap reads on meanwhile, and memory stays bounded.
_WAITING_BATCHES = 4
_SECONDS_TO_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a stream.

    Attributes:
        stream: The stream's name.
        rows: The rows, each with the time when it was read.
    """

    stream: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class State:
    """The state of all streams once the rows before it are safe.

    Attributes:
        bookmarks: Stream to its state.
    """

    bookmarks: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


class BatchWriter(BufferedWriter):
    """Takes a tap's messages in its thread, and gives them as batches to another.

    Attributes:
        nested: Makes what stands in the rows for objects and arrays.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nested: Callable[[Any], Any] = json_text
        self._nested_columns: dict[str, tuple[str, ...]] = {}
        self._rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._row_count = 0
        self._batches: Queue[Rows | State | _End] = Queue(_WAITING_BATCHES)
        self._is_closed = Event()

    @override
    def write_message(self, message: Message) -> None:
        if isinstance(message, RecordMessage):
            self._rows[message.stream].append(self._row(message))
            self._row_count += 1
            if self._row_count >= _BATCH_ROWS:
                self.flush()
        elif isinstance(message, SchemaMessage):
            self._nested_columns[message.stream] = nested_columns(message.schema)
        elif isinstance(message, StateMessage):
            self.flush()
            self._put(State(deepcopy(message.value.get("bookmarks", {}))))  # the tap goes on to change it

    @override
    def flush(self) -> None:
        rows, self._rows, self._row_count = self._rows, defaultdict(list), 0
        for stream, batch in rows.items():
            self._put(Rows(stream, batch))

    def end(self, error: BaseException | None) -> None:
        """Say that no message follows.

        Args:
            error: Why the run failed, if it did.
        """
        with suppress(ShutdownError):
            self._put(_End(error))

    def batches(self) -> Iterator[Rows | State]:
        """Give the batches as they come.

        Yields:
            Rows and states, in the order of the messages.

        Raises:
            BaseException: What the run failed with.
        """
        try:
            while not isinstance(batch := self._batches.get(), _End):
                yield batch
        finally:
            self._is_closed.set()
        if batch.error is not None:
            raise batch.error

    def _put(self, batch: Rows | State | _End) -> None:
        while not self._is_closed.is_set():
            with suppress(Full):
                self._batches.put(batch, timeout=_SECONDS_TO_LOOK)
                return
        raise ShutdownError

    def _row(self, message: RecordMessage) -> dict[str, Any]:
        row = dict(message.record)  # the tap may need it as it is
        for name in self._nested_columns[message.stream]:
            if row.get(name) is not None:
                row[name] = self.nested(row[name])
        row[EXTRACTED_AT] = message.time_extracted
        return row


class EmbeddedTap(TapMagento):
    """The tap as a part of another program, whose signals are its own."""

    message_writer_class = BatchWriter
    message_writer: BatchWriter

    @override
    def _setup_signal_handlers(self) -> None:
        """Leave the signals to the program."""

    def batches(self, streams: frozenset[str], bookmarks: Mapping[str, Any]) -> Generator[Rows | State, None, None]:
        """Read streams; a run ends early when the iterator is closed.

        Args:
            streams: The names of the streams.
            bookmarks: Stream to its state after the last run.

        Yields:
            Rows and states.
        """
        for stream in self.magento_streams:
            stream.selected = stream.name in streams
        self.load_state({"bookmarks": dict(bookmarks)})
        Thread(target=self._run_to_the_end, name="tap-magento", daemon=True).start()
        try:
            yield from self.message_writer.batches()
        finally:
            with suppress(ShutdownError):  # meant for the tap's thread, which looks for itself
                self.shared.shutdown.request(signal.SIGTERM)

    def _run_to_the_end(self) -> None:
        error: BaseException | None = None
        try:
            self.run()
        except BaseException as caught:  # noqa: BLE001  it is raised where the batches are taken
            error = caught
        self.message_writer.end(error)
