"""A stream whose endpoint takes search criteria: it declares the list; `ListReader` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk import RESTStream
from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.exceptions import MagentoError
from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.http.retry import RetryPolicy
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import SearchCriteria
from tap_magento.reading.shards import Shard
from tap_magento.reading.types import Key, KeyType, ListSpec, Page
from tap_magento.schema.store_values import STORE_CODE
from tap_magento.state.open_rows import OpenRows
from tap_magento.state.stream_state import Checkpointer, bookmark_of, full_table_version, place_of
from tap_magento.streams.auditor import ListAuditor
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.batches import BatchReader
from tap_magento.streams.ledger import ListLedger
from tap_magento.streams.naming import ParentNames, add_named, forget_named, keys_named_in
from tap_magento.streams.nested import NestedStream, selected_nested, transformed_for
from tap_magento.streams.probe import Finding, probe_list
from tap_magento.streams.reader import ListReader, ReadOptions, Reread, changed_since
from tap_magento.streams.rows import RowSource
from tap_magento.timestamps import from_rfc3339, to_rfc3339

# An audit lists keys alone: many at once.
_KEYS_A_PAGE = 500
# One that finds nothing counts all rows and compares a part of them.
_AUDIT_REQUESTS = 2


class ListStream(MagentoStream, RESTStream[SearchCriteria | None]):
    """A stream whose endpoint takes search criteria.

    Attributes:
        key_field: The field of the rows that tells them apart; the stream's primary key where that is one field.
        key_column: The database column of the key: filters and sorts go by it. It is not always named as in the
            response (`docs/MAGENTO.md`, Lists: keys and sort columns).
        key_type: What the key is: "text", or "hidden" where the rows do not have it (`ListSpec`).
        rows_field: The field of a response that holds the rows.
        time_is_indexed: Whether the database has an index on the replication key.
        entity: The bundled schema of the rows, where that is not named as the stream.
        duplicates: The names that lead to what the rows hold a second time.
        attributes_of: Where the rows carry EAV attributes: the field whose objects carry them ("" for the row) to the
            entity whose they are, a key of `ATTRIBUTE_PATHS`.
        sorted_arrays: Arrays whose order changes from request to request to the field to sort them by
            (`docs/MAGENTO.md`, Values and types).
        named_by: Lists that name rows of this one that changed while their own time stood still, to the field that
            names them (`docs/MAGENTO.md`, What updated_at does not show).
        created_column: The database column of the rows' creation; of no use without a replication key.
        closed_by: The field that is 0 as long as a row may change though nothing dates it: such rows are read again in
            each run.
        store_scoped: Whether the list is read once for each of `store_views`, with what differs between them.
    """

    key_field: ClassVar[str | None] = None
    key_column: ClassVar[str]
    key_type: ClassVar[KeyType] = "integer"
    rows_field: ClassVar[str] = "items"
    time_is_indexed: ClassVar[bool] = False
    entity: ClassVar[str | None] = None
    duplicates: ClassVar[tuple[tuple[str, ...], ...]] = ()
    attributes_of: ClassVar[Mapping[str, str]] = {}
    sorted_arrays: ClassVar[Mapping[str, str]] = {}
    named_by: ClassVar[Mapping[str, str]] = {}
    created_column: ClassVar[str] = "created_at"
    closed_by: ClassVar[str | None] = None
    store_scoped: ClassVar[bool] = False

    #: Since when this run has read the changes of the list, whose rows have named others; None if it has not.
    changes_since: datetime | None = None
    _ledger: ListLedger | None = None
    _open: OpenRows | None = None
    #: Rows changed since then name the rows of other lists; None if none do, as in a first read, which would name all.
    _naming_since: str | None = None

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
            self.run.discovery_of(self.name),
            self.entity or self.name,
            self.duplicates,
            self.attributes_of,
            sorted_arrays=self.sorted_arrays,
            store_scoped=self.store_scoped,
        )

    @property
    @override
    def raw_schema(self) -> dict[str, Any]:
        return self.rows.raw_schema

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        return self.rows.schema

    @cached_property
    def spec(self) -> ListSpec:
        """How its rows are told apart and dated; as the class declares, whatever a catalog says."""
        return self.declared_spec()

    @classmethod
    def declared_spec(cls) -> ListSpec:
        """Give how the rows are told apart and dated.

        Returns:
            As the class declares.
        """
        key_field = cls.key_field or cls.declared_keys()[0]
        return ListSpec(cls.key_column, key_field, cls.declared_replication_key(), cls.key_type, cls.rows_field)

    @cached_property
    @override
    def transformed_schema(self) -> dict[str, Any]:
        return self._transformed([self, *selected_nested(self)])

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        """Read the list in as many passes as its streams stand at different places: one, but after a new selection."""
        if self._has_ledger:
            state, since = self.get_context_state(context), self._options.start_date
            self._ledger = ListLedger(self.name, state, since, self.run.deletions)
        self._open = OpenRows(self.get_context_state(context), self.closed_by) if self.closed_by else None
        return self.reading_rows(self._read(context))

    def _read(self, context: Context | None) -> Iterator[Record]:
        with self.saving_state():
            passes = self._passes(context)
            is_past_first_read = all(self._is_past_first_read(streams, context) for streams in passes)
            for streams in passes:
                yield from self._read_pass(streams, context)
            if is_past_first_read:
                forget_named(self.get_context_state(context))
            if self.config["audit"] == "auto" and self.run.shard is None:  # counts are of all shards
                yield from self._audit(context)

    def _read_pass(self, streams: Sequence[MagentoStream], context: Context | None) -> Iterator[Record]:
        schema = self._transformed(streams)
        batches = self._batches(streams, context, self.rows.fields(schema))
        if self.run.shard is not None and not self._begin_shard(self.run.shard, batches.checkpointer):
            return
        reader = ListReader(
            batches,
            self._options,
            lambda since: self._keys_named(since, context),
            self._ledger.begin if self._ledger else lambda: None,
        )
        self._begin(streams, reader)
        since = reader.changes_since
        self._naming_since = None if since is None else to_rfc3339(since)
        yield from self._emit(reader.read(), streams, schema, context)
        self._conclude(streams, batches, context)
        if self.run.shard is not None:
            batches.checkpointer.finish_shard()

    def _begin_shard(self, run: Shard, checkpointer: Checkpointer) -> bool:
        """Tell whether this run's shard of the list is still to be read."""
        if not self._is_sharded and run.number != 1:
            return False
        shard = run if self._is_sharded else Shard(1, 1)
        try:
            is_due = checkpointer.begin_shard(shard.number, shard.count, full_table=not self.is_incremental)
        except ValueError as error:
            raise MagentoError(f"'{self.name}': {error}") from None
        if not is_due:
            self.logger.info("'%s': shard %d of %d has been read", self.name, shard.number, shard.count)
        return is_due

    @property
    def _has_ledger(self) -> bool:
        """Whether its keys are kept, and can be audited and cut into shards."""
        return self.spec.key_type == "integer" and not self.store_scoped

    @property
    def _is_sharded(self) -> bool:
        """Whether the list is cut into shards; others are read by the first one.

        Only a run that reads all rows can tell the loader which ones are gone.
        """
        return self._has_ledger and not self._is_versioned

    @property
    def _is_versioned(self) -> bool:
        return self.emit_activate_version_messages and not self.is_incremental

    def _audit(self, context: Context | None) -> Iterator[Record]:
        """Find deleted and unknown rows, and read the unknown ones."""
        if self._ledger is None:
            return
        if self._ledger.known is None:
            self.logger.info("'%s': not audited, as its keys are not known before the next complete read", self.name)
            return
        streams = [*([self] if self.selected else []), *selected_nested(self)]
        schema = self._transformed(streams)
        since = self._options.start_date
        auditor = ListAuditor(
            batches=self._batches(streams, context, self.rows.fields(schema)),
            keys=self._endpoint_of_keys(),
            condition=() if since is None else (changed_since(self.spec, since),),
            known=self._ledger.known,
            deletions=self.run.deletions,
        )
        self._naming_since = None if self.changes_since is None else ""  # what was missed may be old
        yield from self._emit(auditor.run(), streams, schema, context)
        if auditor.failure is not None and self.run.client.retry_policy.is_outage(auditor.failure):
            self.run.audit_retry_seconds = 0.0

    def _emit(
        self,
        pages: Iterator[Page],
        streams: Sequence[MagentoStream],
        schema: Mapping[str, Any],
        context: Context | None,
    ) -> Iterator[Record]:
        """Emit the rows of pages; the SDK writes the records of this stream when it is among the streams."""
        transform = None
        nested = [stream for stream in streams if isinstance(stream, NestedStream)]
        names = self._parent_names()
        for page in pages:
            self._write_state_message()
            now = datetime.now(timezone.utc)
            for stream in streams:
                stream.time_extracted = now
            self.run.cadence.add_records(page.size_bytes)
            if transform is None:  # most audits find no rows, and to compile it takes as long as some pages
                with self.run.shutdown.waiting():
                    transform = self.rows.transformer(
                        self.name, schema, self.effective_schema, self.progress, _store_code(context)
                    )
            for row in map(transform, page.rows):
                names.note(row)
                key, closed = row.get(self.spec.key_field), self._open and row.get(self._open.field)
                for stream in nested:
                    stream.write_rows_of(row)
                if self in streams:
                    yield row  # it is the writer's then, and may change
                if self._open is not None:
                    self._open.note(key, closed)
            names.save()
            self.run.progress.moved(self.progress, len(page) if self in streams else 0, self._pace())

    def _passes(self, context: Context | None) -> list[list[MagentoStream]]:
        """Group the streams that stand at the same place."""
        groups: dict[object, list[MagentoStream]] = {}
        for stream in (*([self] if self.selected else []), *selected_nested(self)):
            groups.setdefault(self._place(stream, context), []).append(stream)
        return list(groups.values())

    def _keys_named(self, since: datetime, context: Context | None) -> Sequence[Key]:
        """Tell which rows other lists name as changed, and which are open; lists read in this run need no request."""
        self.changes_since = since if self.changes_since is None else min(since, self.changes_since)
        state = self.get_context_state(context)
        for name, field in self.named_by.items():
            stream = self.run.lists.get(name)
            if isinstance(stream, ListStream) and stream.changes_since and stream.changes_since <= since:
                continue
            declared: Any = self.run.declared[name]
            request = ListRequest(declared.path, name, declared.declared_spec(), counter=self.progress)
            with self.run.shutdown.waiting():
                keys = keys_named_in(self.run.client, request, field, since, self.config["page_size"])
            add_named(state, keys)
        known = self._ledger.known.ledger if self._ledger and self._ledger.known else None
        return (*state.get("named", ()), *(self._open.keys(known) if self._open else ()))

    def _parent_names(self) -> ParentNames:
        parents = [] if self._naming_since is None else self._named_parents
        fields = [(parent.get_context_state(None), field) for parent, field in parents]
        return ParentNames(fields, str(self.spec.time_column), self._naming_since or "")

    @cached_property
    def _named_parents(self) -> list[tuple[ListStream, str]]:
        """The lists of this run whose rows this one names, and the fields that do."""
        return [
            (parent, parent.named_by[self.name])
            for parent in self.run.lists.values()
            if isinstance(parent, ListStream) and self.name in parent.named_by and parent.is_read
        ]

    def _is_past_first_read(self, streams: Sequence[MagentoStream], context: Context | None) -> bool:
        """Tell whether a pass reads changes: a first read would name all parents."""
        return self.is_incremental and bookmark_of(streams[0].get_context_state(context)) is not None

    @property
    def is_read(self) -> bool:
        """Whether the list is read in this run."""
        return bool(self.selected or selected_nested(self))

    @override
    def is_state_due(self) -> bool:
        growth = (each.growth for each in (self._ledger, self._open) if each is not None)
        return self.run.cadence.is_due(self.state_bytes + sum(growth))

    @override
    def before_state(self) -> None:
        if self._ledger is not None:
            self._ledger.save()
        if self._open is not None:
            self._open.save()

    def _place(self, stream: MagentoStream, context: Context | None) -> object:
        return place_of(stream.get_context_state(context), full_table=not self.is_incremental)

    def _transformed(self, streams: Sequence[MagentoStream]) -> dict[str, Any]:
        needed = {field for _, field in self._named_parents} | ({self.closed_by} if self.closed_by else set())
        return self.rows.transformed(transformed_for(self, streams, needed), self.effective_schema)

    def _batches(self, streams: Sequence[MagentoStream], context: Context | None, fields: str | None) -> BatchReader:
        states = [stream.get_context_state(context) for stream in streams]
        endpoint = self._endpoint(fields, _store_code(context))

        def note_emitted(keys: Sequence[Key]) -> None:
            if self._ledger is not None:
                self._ledger.add(keys, endpoint.started if endpoint.is_read else datetime.now(timezone.utc))

        return BatchReader(
            name=self.name,
            endpoint=endpoint,
            spec=self.spec,
            checkpointer=Checkpointer(states, self.declared_replication_key()),
            progress=self.progress,
            shutdown=self.run.shutdown,
            workers=self.config["max_concurrency"],
            fails_on_bad_rows=self.config["on_bad_row"] == "fail",
            on_emitted=note_emitted,
        )

    def _endpoint(self, fields: str | None, store_code: str | None) -> ListEndpoint:
        request = ListRequest(self.path, self.name, self.spec, fields, store_code, self.progress)
        return ListEndpoint(self.run.client, request, self._page_tuner)

    def _endpoint_of_keys(self) -> ListEndpoint:
        fields = f"items[{self.spec.key_field}],total_count"
        request = ListRequest(self.path, self.name, self.spec, fields, counter=self.progress)
        policy = RetryPolicy(min(self.run.audit_retry_seconds, self.config["retry_timeout"]))
        return ListEndpoint(self.run.client, request, PageSize(_KEYS_A_PAGE), policy)

    @cached_property
    def _page_tuner(self) -> PageSize:
        """The page size of all reads of the list: what one learned, the next one knows."""
        return PageSize(self.config["page_size"])

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
            created_column=self.created_column,
            shard=self.run.shard if self._is_sharded else None,
            reread=Reread(**(self.config.get("reread") or {}).get(self.name, {})),
            is_versioned=self._is_versioned,
        )

    def _begin(self, streams: Sequence[MagentoStream], reader: ListReader) -> None:
        shared, resumed = self._version_under_way, reader.resumed_full_table()
        for stream in streams:
            if isinstance(stream, NestedStream):
                stream.write_schema()
            if self._options.is_versioned:
                stream.begin_version(resumed.version if resumed else shared)
        reader.version = streams[0].record_version

    @cached_property
    def _version_under_way(self) -> int | None:
        """The version of an interrupted full-table read of any store view, when this run began: all views share it."""
        states = (self.get_context_state(each) for each in self.partitions or ())
        return next((version for version in map(full_table_version, states) if version is not None), None)

    def _conclude(self, streams: Sequence[MagentoStream], batches: BatchReader, context: Context | None) -> None:
        """Tell the loader which rows are gone, after the last partition of a full-table read.

        A row that became unreadable in this run, or was counted and did not come, may come in the next; one that stays
        away no longer keeps deleted rows in the warehouse.
        """
        for stream in streams:
            if batches.newly_quarantined or batches.checkpointer.is_held:
                stream.abandon_version()
        if not batches.are_rows_missing:
            batches.checkpointer.forget_missing_rows()
        if self.partitions and context != self.partitions[-1]:
            return
        for stream in streams:
            stream.activate_version()
        if self._options.is_versioned and self.progress.quarantined and not streams[0].is_version_abandoned:
            keys = ", ".join(map(str, self.progress.quarantined))
            self.logger.warning(
                "'%s': rows not seen are reported as gone, although these still cannot be read: %s", self.name, keys
            )

    def _pace(self) -> str:
        return f"{self.run.client.throttle.allowed} concurrent requests"

    @override
    def probe(self) -> Finding:
        def attempt(page_size: int) -> Any:
            endpoint = self._endpoint(None, _store_code(self.partitions[0] if self.partitions else None))
            return endpoint.probe(SearchCriteria(sort=(self.key_column,)).limited(page_size))

        finding = probe_list(self.name, attempt, self.config["page_size"])
        is_audited = self._has_ledger and self.config["audit"] == "auto" and not finding.problem
        return replace(finding, audit_requests=_AUDIT_REQUESTS) if is_audited else finding


def _store_code(context: Context | None) -> str | None:
    return str(context[STORE_CODE]) if context else None
