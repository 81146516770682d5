"""What a run says, stream by stream: records, states, statuses and estimates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Raw
from singer_sdk.contrib.msgspec import encoder
from singer_sdk.singerlib.messages import Message, RecordMessage, SchemaMessage, StateMessage

from tap_magento.airbyte.catalog import SelectedStream, state_of
from tap_magento.airbyte.messages import AirbyteWriter
from tap_magento.exceptions import UnavailableStreamsError
from tap_magento.streams.deletions import Deletions
from tap_magento.tap import TapMagento


class Reading:
    """Translates the messages of a run.

    Streams that are read in one pass, a list and those nested in its rows, begin and end together. No message about a
    stream follows its end.

    Args:
        writer: Where messages are written.
        tap: The tap whose messages they are.
        streams: The streams to read, by name.
    """

    def __init__(self, writer: AirbyteWriter, tap: TapMagento, streams: Mapping[str, SelectedStream]) -> None:
        self._writer = writer
        self._tap = tap
        self._streams = streams
        made = {stream.name: stream for stream in tap.magento_streams}
        self._sources = {name: made[name].source.name for name in streams}
        # The audits of all lists write deletions: these end with the run.
        self._last = [name for name in streams if isinstance(made[name], Deletions)]
        self._open = dict.fromkeys(streams)
        self._started: set[str] = set()
        self._running: set[str] = set()
        self._current: str | None = None
        self._unsaved: Counter[str] = Counter()
        self._written: set[str] = set()
        self._saved = {name: self._state(name) for name in streams}
        self._estimates: dict[str, int] = {}

    @property
    def current(self) -> str | None:
        """The stream that is being read; None before the first and after the last, and for one read for others only."""
        return self._current if self._current in self._streams else None

    def on_message(self, message: Message) -> None:
        """Translate a message.

        Args:
            message: A message of the tap.
        """
        if isinstance(message, RecordMessage):
            self._on_record(message)
        elif isinstance(message, SchemaMessage):
            self._on_schema(message.stream)
        elif isinstance(message, StateMessage):
            self._on_state()

    def end(self, error: BaseException | None = None) -> None:
        """End all streams.

        Args:
            error: Why the run failed, if it did.
        """
        is_whole = error is None or isinstance(error, UnavailableStreamsError)
        if is_whole:
            self._current = None
        for name in [*self._open]:
            if is_whole or name in self._started:
                self._end(name, is_whole=is_whole)

    def _on_schema(self, name: str) -> None:
        source = self._sources[name]
        if name not in self._last and source != self._current:
            self._end_current()
            self._current = source
        self._start(name)

    def _on_record(self, message: RecordMessage) -> None:
        name, time = message.stream, message.time_extracted
        if name not in self._running:
            self._running.add(name)
            self._writer.status(name, "RUNNING")
            self._estimate(name)
        self._unsaved[name] += 1
        emitted_at = 0 if time is None else int(time.timestamp() * 1000)
        line = b'{"type":"RECORD","record":{"stream":"%b","emitted_at":%d,"data":%b}}\n'
        self._writer.write_line(line % (name.encode(), emitted_at, encoder.encode(message.record)), may_wait=True)

    def _on_state(self) -> None:
        """Write the states that changed; those of other streams first.

        Airbyte saves each stream's alone: what a list notes for another one, or in `deletions`, must not be lost when
        the run is killed after the list's own state is saved.
        """
        for name in sorted(self._open, key=lambda name: self._sources[name] == self._current):
            if self._has_news(name):
                self._write_state(name)
            if name in self._running:
                self._estimate(name)

    def _end_current(self) -> None:
        for name in [*self._open]:
            if self._sources[name] == self._current:
                self._end(name, is_whole=True)

    def _start(self, name: str) -> None:
        if name not in self._started:
            self._started.add(name)
            self._writer.status(name, "STARTED")

    def _end(self, name: str, *, is_whole: bool) -> None:
        self._start(name)
        is_whole = is_whole and self._sources[name] not in self._tap.shared.unavailable.reasons
        if is_whole and (name not in self._written or self._has_news(name)):
            self._write_state(name)
        self._writer.status(name, "COMPLETE" if is_whole else "INCOMPLETE")
        del self._open[name]

    def _has_news(self, name: str) -> bool:
        """Tell whether records, or another state, have come since the stream's last STATE message."""
        return self._unsaved[name] > 0 or self._state(name) != self._saved[name]

    def _write_state(self, name: str) -> None:
        content = self._saved[name] = self._state(name)
        self._written.add(name)
        count = float(self._unsaved.pop(name, 0))
        stream = {"stream_descriptor": {"name": name}, "stream_state": Raw(content)}
        self._writer.send("STATE", "state", {"type": "STREAM", "stream": stream, "sourceStats": {"recordCount": count}})

    def _state(self, name: str) -> bytes:
        """Encode a stream's state: the tap goes on to change it."""
        bookmarks: Mapping[str, Any] = self._tap.state.get("bookmarks", {})
        source = self._sources[name]
        return encoder.encode(state_of(self._streams[name], bookmarks, None if source in self._streams else source))

    def _estimate(self, name: str) -> None:
        rows = self._tap.shared.progress.of(name).total
        if rows is not None and rows != self._estimates.get(name):
            self._estimates[name] = rows
            self._writer.trace("ESTIMATE", estimate={"name": name, "type": "STREAM", "row_estimate": rows})
