"""A stream whose endpoint takes search criteria: it declares the list; `ListReader` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar

from singer_sdk import RESTStream
from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.types import KeyType, ListSpec
from tap_magento.schema.store_values import STORE_CODE
from tap_magento.state.stream_state import Checkpointer, place_of
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.nested import NestedStream, selected_nested, transformed_for
from tap_magento.streams.probe import Finding, probe_list
from tap_magento.streams.reader import ListReader, ReadOptions
from tap_magento.streams.rows import RowSource
from tap_magento.timestamps import from_rfc3339


class ListStream(MagentoStream, RESTStream[SearchCriteria | None]):
    """A stream whose endpoint takes search criteria.

    Attributes:
        key_field: The field of the rows that tells them apart; the stream's primary key where that is one field.
        key_column: The database column of the key: filters and sorts go by it. It is not always named as in the
            response (`docs/MAGENTO.md`, Lists: keys and sort columns).
        key_type: What the key is: "text", or "hidden" where the rows do not have it (`ListSpec`).
        time_is_indexed: Whether the database has an index on the replication key.
        entity: The bundled schema of the rows, where that is not named as the stream.
        duplicates: The names that lead to what the rows hold a second time.
        attributes_of: Where the rows carry EAV attributes: the field whose objects carry them ("" for the row) to the
            entity whose they are, a key of `ATTRIBUTE_PATHS`.
        sorted_arrays: Arrays whose order changes from request to request to the field to sort them by
            (`docs/MAGENTO.md`, Values and types).
        store_scoped: Whether the list is read once for each of `store_views`, with what differs between them.
    """

    key_field: ClassVar[str | None] = None
    key_column: ClassVar[str]
    key_type: ClassVar[KeyType] = "integer"
    time_is_indexed: ClassVar[bool] = False
    entity: ClassVar[str | None] = None
    duplicates: ClassVar[tuple[tuple[str, ...], ...]] = ()
    attributes_of: ClassVar[Mapping[str, str]] = {}
    sorted_arrays: ClassVar[Mapping[str, str]] = {}
    store_scoped: ClassVar[bool] = False

    @property
    @override
    def url_base(self) -> str:
        return self.run.client.address.root()

    @cached_property
    @override
    def partitions(self) -> list[dict[str, Any]] | None:
        if not self.store_scoped:
            return None
        return [{STORE_CODE: code} for code in dict.fromkeys(self.config.get("store_views", []))]

    @cached_property
    def rows(self) -> RowSource:
        """What its rows look like as they come, and how they are transformed."""
        return RowSource(
            self.run,
            self.entity or self.name,
            self.duplicates,
            self.attributes_of,
            sorted_arrays=self.sorted_arrays,
            store_scoped=self.store_scoped,
        )

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        return self.rows.schema

    @cached_property
    def spec(self) -> ListSpec:
        """How its rows are told apart and dated; as the class declares, whatever a catalog says."""
        key_field = self.key_field or self.declared_keys()[0]
        return ListSpec(self.key_column, key_field, self.declared_replication_key(), self.key_type)

    @cached_property
    @override
    def transformed_schema(self) -> dict[str, Any]:
        return self._transformed([self, *selected_nested(self)])

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        """Read the list in as many passes as its streams stand at different places: one, but after a new selection."""
        for streams in self._passes(context):
            yield from self.reading_rows(self._read(streams, context))

    def _read(self, streams: Sequence[MagentoStream], context: Context | None) -> Iterator[Record]:
        """Read the list for some of its streams; the SDK writes the records of this one when it is among them."""
        schema, store_code = self._transformed(streams), _store_code(context)
        with self.saving_state():
            with self.run.shutdown.waiting():
                transform = self.rows.transformer(self.name, schema, self.progress, store_code)
            reader = self._reader(streams, context, self.rows.fields(schema))
            self._begin(streams, reader)
            nested = [stream for stream in streams if isinstance(stream, NestedStream)]
            for page in reader.read():
                now = datetime.now(timezone.utc)
                for stream in streams:
                    stream.time_extracted = now
                for row in map(transform, page.rows):
                    if self in streams:
                        yield row
                    for stream in nested:
                        stream.write_rows_of(row)
                if self in streams:
                    self.run.progress.moved(self.progress, len(page), self._pace(reader))
                else:
                    self.write_state()
        self._conclude(streams, reader, context)

    def _passes(self, context: Context | None) -> list[list[MagentoStream]]:
        """Group the streams that stand at the same place."""
        streams = [*([self] if self.selected else []), *selected_nested(self)]
        places = {stream.name: str(self._place(stream, context)) for stream in streams}
        ordered = sorted(streams, key=lambda stream: places[stream.name] != places[streams[0].name])
        return [list(group) for _, group in groupby(ordered, key=lambda stream: places[stream.name])]

    def _place(self, stream: MagentoStream, context: Context | None) -> object:
        return place_of(stream.get_context_state(context), full_table=not self.is_incremental)

    def _transformed(self, streams: Sequence[MagentoStream]) -> dict[str, Any]:
        return self.rows.transformed(transformed_for(self, streams), self.effective_schema)

    def _reader(self, streams: Sequence[MagentoStream], context: Context | None, fields: str | None) -> ListReader:
        states = [stream.get_context_state(context) for stream in streams]
        return ListReader(
            self._endpoint(fields, _store_code(context)),
            self.spec,
            self._options,
            Checkpointer(states, self.declared_replication_key()),
            self.progress,
            self.run.shutdown,
        )

    def _endpoint(self, fields: str | None, store_code: str | None) -> ListEndpoint:
        request = ListRequest(self.path, self.name, self.spec, fields, store_code, self.progress)
        return ListEndpoint(self.run.client, request, PageSize(self.config["page_size"]))

    @cached_property
    def _options(self) -> ReadOptions:
        start_date = self.config.get("start_date") if self.spec.time_column else None
        return ReadOptions(
            name=self.name,
            full_table=not self.is_incremental,
            # Whole seconds, as the state keeps them: a first read goes on only from the very same date.
            start_date=None if start_date is None else from_rfc3339(start_date).replace(microsecond=0),
            lookback=timedelta(seconds=self.config["lookback_seconds"]),
            time_is_indexed=self.time_is_indexed,
            workers=self.config["max_concurrency"],
            fails_on_bad_rows=self.config["on_bad_row"] == "fail",
            is_versioned=self.emit_activate_version_messages and not self.is_incremental,
        )

    def _begin(self, streams: Sequence[MagentoStream], reader: ListReader) -> None:
        resumed = reader.resumed_full_table()
        for stream in streams:
            if isinstance(stream, NestedStream):
                stream.write_schema()
            if self._options.is_versioned:
                stream.begin_version(resumed.version if resumed else None)
        reader.version = streams[0].record_version

    def _conclude(self, streams: Sequence[MagentoStream], reader: ListReader, context: Context | None) -> None:
        """Tell the loader which rows are gone, after the last partition of a full-table read.

        A row that became unreadable in this run may be readable in the next; one that stayed unreadable no longer
        keeps deleted rows in the warehouse.
        """
        if self.partitions and context != self.partitions[-1]:
            return
        for stream in streams:
            if reader.newly_quarantined:
                stream.abandon_version()
            stream.activate_version()
        if self._options.is_versioned and self.progress.quarantined and not reader.newly_quarantined:
            keys = ", ".join(map(str, self.progress.quarantined))
            self.logger.warning(
                "'%s': rows not seen are reported as gone, although these still cannot be read: %s", self.name, keys
            )

    def _pace(self, reader: ListReader) -> str:
        return f"{self.run.client.throttle.allowed} concurrent requests, pages of {reader.page_size} rows"

    @override
    def probe(self) -> Finding:
        def attempt(page_size: int) -> Any:
            endpoint = self._endpoint(None, _store_code(self.partitions[0] if self.partitions else None))
            return endpoint.probe(SearchCriteria(sort=(self.key_column,)).limited(page_size))

        return probe_list(self.name, attempt, self.config["page_size"])


def _store_code(context: Context | None) -> str | None:
    return str(context[STORE_CODE]) if context else None
