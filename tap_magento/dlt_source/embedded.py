"""The tap run inside another program: its messages come as Python values, one batch after the other."""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Full, Queue
from threading import Event, Thread
from time import monotonic
from typing import Any

import msgspec
from singer_sdk.contrib.msgspec import encoder
from singer_sdk.singerlib.messages import Message, RecordMessage, SchemaMessage, StateMessage
from typing_extensions import override

from tap_magento.dlt_source.columns import EXTRACTED_AT, nested_columns
from tap_magento.dlt_source.nested_values import Convert, json_text
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.runtime.writer import BufferedWriter
from tap_magento.tap import TapMagento

# dlt offers each batch to each resource that is selected. Where all are, that takes about a millisecond, as some ten
# orders do, so the rows of all streams go together, until they are many, large by their objects and arrays, or have
# waited.
_BATCH_ROWS = 1_000
_BATCH_BYTES = 2**21
_BATCH_SECONDS = 1.0
# Batches that may wait for the program: the tap reads on meanwhile, and memory stays bounded.
_WAITING_BATCHES = 1
_SECONDS_TO_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read since the last batch.

    Attributes:
        rows: Stream to its rows, each with the time when it was read.
        bookmarks: Stream to its state, valid once the rows are safe; None if no state was written.
        taken: The streams whose rows were taken.
    """

    rows: Mapping[str, list[dict[str, Any]]]
    bookmarks: Mapping[str, Any] | None
    taken: set[str] = field(default_factory=set)

    def take(self, stream: str) -> list[dict[str, Any]] | None:
        """Take the rows of a stream.

        Args:
            stream: The stream's name.

        Returns:
            Its rows; None if it has none.
        """
        self.taken.add(stream)
        return self.rows.get(stream)

    @property
    def is_taken(self) -> bool:
        """Whether the rows of all streams were taken."""
        return self.rows.keys() <= self.taken


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
        self.nested: Convert = json_text
        self._buffer = bytearray()
        self._nested_columns: dict[str, tuple[str, ...]] = {}
        self._rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._row_count = 0
        self._nested_bytes = 0
        self._bookmarks: bytes | None = None
        self._flushed_at = monotonic()
        self._batches: Queue[Batch | _End] = Queue(_WAITING_BATCHES)
        self._is_closed = Event()

    @override
    def write_message(self, message: Message) -> None:
        if isinstance(message, RecordMessage):
            self._rows[message.stream].append(self._row(message))
            self._row_count += 1
        elif isinstance(message, SchemaMessage):
            self._nested_columns[message.stream] = nested_columns(message.schema)
        elif isinstance(message, StateMessage):
            # A copy, as the tap goes on to change it; one of the objects would take ten times as long.
            self._bookmarks = encoder.encode(message.value.get("bookmarks", {}))
        if self._is_full or monotonic() - self._flushed_at >= _BATCH_SECONDS:
            self.flush()

    @property
    def _is_full(self) -> bool:
        return self._row_count >= _BATCH_ROWS or self._nested_bytes >= _BATCH_BYTES

    @override
    def flush(self) -> None:
        rows, self._rows, self._row_count, self._nested_bytes = self._rows, defaultdict(list), 0, 0
        bookmarks, self._bookmarks = self._bookmarks, None
        if rows or bookmarks is not None:
            self._put(Batch(rows, None if bookmarks is None else msgspec.json.decode(bookmarks)))
        self._flushed_at = monotonic()

    def end(self, error: BaseException | None) -> None:
        """Say that no message follows.

        Args:
            error: Why the run failed, if it did.
        """
        with suppress(ShutdownError):
            self._put(_End(error))

    def batches(self) -> Iterator[Batch]:
        """Give the batches as they come.

        Yields:
            Rows and states. A state may be older than the last rows of its batch, never newer.

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

    def _put(self, batch: Batch | _End) -> None:
        while not self._is_closed.is_set():
            with suppress(Full):
                self._batches.put(batch, timeout=_SECONDS_TO_LOOK)
                return
        raise ShutdownError

    def _row(self, message: RecordMessage) -> dict[str, Any]:
        row = message.record
        row[EXTRACTED_AT] = message.time_extracted
        for name in self._nested_columns[message.stream]:
            if row.get(name) is not None:
                row[name] = self.nested(row[name], self._buffer)
                self._nested_bytes += len(self._buffer)
        return row


class EmbeddedTap(TapMagento):
    """The tap as a part of another program, whose signals are its own."""

    message_writer_class = BatchWriter
    message_writer: BatchWriter

    @override
    def _setup_signal_handlers(self) -> None:
        """Leave the signals to the program."""

    def batches(self, streams: frozenset[str], bookmarks: Mapping[str, Any]) -> Generator[Batch, None, None]:
        """Read streams; a run ends early when the iterator is closed.

        Args:
            streams: The names of the streams.
            bookmarks: Stream to its state after the last run.

        Yields:
            As of `BatchWriter.batches`.
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
