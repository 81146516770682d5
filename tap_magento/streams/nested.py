"""One pass, many tables: rows that stand inside the rows of another list, cut out while that is read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from singer_sdk import metrics
from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.streams.base import MagentoStream


class NestedStream(MagentoStream):
    """A stream without requests of its own: its parent's rows hold its rows.

    The parent is read for it also where only this stream is selected.

    Attributes:
        needs: The fields of the parent's rows that it is cut from.
    """

    needs: ClassVar[tuple[str, ...]]
    _counter: metrics.Counter

    @abstractmethod
    def rows_in(self, row: Record, context: Context | None) -> Iterable[Record]:
        """Cut the rows out of one of the parent's.

        Args:
            row: A row of the parent, shaped.
            context: The partition that is read.

        Returns:
            This stream's rows.
        """

    @override
    def request_records(self, context: Context | None) -> Iterator[Record]:
        raise NotImplementedError(f"'{self.name}' is read with its parent")

    @contextmanager
    def beginning(self, *, complete: bool) -> Iterator[None]:
        """Announce the stream, and count its rows for the SDK's metrics as long as the context lasts.

        Args:
            complete: Whether all of the parent's rows are read, not only those that have changed.

        Yields:
            Nothing.
        """
        self._write_schema_message()
        # As the SDK does for a stream that it reads itself.
        if complete and self.emit_activate_version_messages:
            self._stream_version = self._initialized_at // 1000
        with self.get_record_counter() as self._counter:
            yield

    def conclude(self) -> None:
        """Say that the rows that were not seen are gone, after all of the parent's have been read."""
        if self._stream_version is not None:
            super(MagentoStream, self)._write_activate_version_message(self._stream_version)

    def cut(self, row: Record, context: Context | None) -> None:
        """Write the rows that a row of the parent holds.

        Args:
            row: A row of the parent, shaped.
            context: The partition that is read.
        """
        rows = list(self.rows_in(row, context))
        for record in rows:
            self._write_record_message(record)
        self._counter.increment(len(rows))
        self.emitted(len(rows))
