"""One pass, many tables: streams whose rows are nested in the rows of another, and cost no request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from singer_sdk import Tap
from singer_sdk.helpers.types import Context, Record
from typing_extensions import override

from tap_magento.records.nested import (
    Extract,
    NestedRows,
    compile_extract,
    merged,
    needed_of_parent,
    nested_schema,
)
from tap_magento.schema.selection import has_field
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.context import RunContext
from tap_magento.streams.probe import Finding


class NestedStream(MagentoStream):
    """A stream without requests of its own: its rows are nested in its parent's.

    The parent is read for it also where only this stream is selected. It has a place of its own in the state: selected
    later than its parent, it reads the parent's past once.

    Attributes:
        path: Where the rows are nested, for example ``items[]``; several paths if there are several places.
        columns: Columns beside the rows' own to the paths of what they hold: the parent's key
            (`tap_magento.records.nested`).
        value: The column of values that are no objects.
        position: The column of a row's place in its array; empty for none.
        constants: Columns to the settings whose values they hold.

    Args:
        tap: The tap.
        run: What all streams of the run share.
        parent: The stream whose rows hold its rows.
    """

    follows_another: ClassVar[bool] = True

    path: ClassVar[str | tuple[str, ...]]
    columns: ClassVar[Mapping[str, str]]
    value: ClassVar[str] = "value"
    position: ClassVar[str] = ""
    constants: ClassVar[Mapping[str, str]] = {}

    def __init__(self, tap: Tap, run: RunContext, parent: MagentoStream) -> None:
        super().__init__(tap, run)
        self.parent = parent
        self._keyless = 0

    @classmethod
    def is_in(cls, parent: MagentoStream) -> bool:
        """Tell whether a shop's rows have what the stream consists of.

        Args:
            parent: The stream whose rows hold its rows.

        Returns:
            Whether its place is in the schema of the parent's rows; Adobe Commerce alone has some.
        """
        paths = (cls.path,) if isinstance(cls.path, str) else cls.path
        return any(has_field(parent.raw_schema, path.replace("[]", "").split(".")) for path in paths)

    @property
    @override
    def source(self) -> MagentoStream:
        return self.parent

    @property
    @override
    def replication_method(self) -> str:
        return str(self.parent.replication_method)

    @cached_property
    @override
    def schema(self) -> dict[str, Any]:
        return nested_schema(self.parent.schema, self._rows, self.declared_keys())

    def needed_of_parent(self) -> dict[str, Any]:
        """Tell what this stream needs of its parent's rows.

        Returns:
            JSON Schema of the parent's rows, without what is not needed.
        """
        return needed_of_parent(self.parent.effective_schema, self._rows, self.selected_schema)

    def write_rows_of(self, row: Record) -> None:
        """Write the rows that a row of the parent holds.

        Args:
            row: A row of the parent, transformed.
        """
        rows = list(self.rows_of(row))
        for nested in rows:
            self.write_record(nested)
        self.run.progress.moved_along(self.progress, len(rows))

    def rows_of(self, row: Record) -> Iterable[Record]:
        """Extract the rows that a row of the parent holds.

        Args:
            row: A row of the parent, transformed.

        Yields:
            This stream's rows. One without its key, or with that of another, cannot be loaded: it is left out and
            reported.
        """
        seen = set()
        for nested in self.extract(row):
            key = tuple(nested.get(name) for name in self.declared_keys())
            if None in key or key in seen:
                self._report_keyless()
                continue
            seen.add(key)
            yield nested

    def extract(self, row: Record) -> Iterator[Record]:
        """Extract all that stands where the rows are nested.

        Args:
            row: A row of the parent, transformed.

        Returns:
            Records, with a key or without.
        """
        return self._extract(row)

    @override
    def get_records(self, context: Context | None) -> Iterator[Record]:
        raise NotImplementedError(f"'{self.name}' is read with its parent")

    @override
    def probe(self) -> Finding:
        return self.parent.probe().named(self.name, is_nested=True)

    @cached_property
    def _rows(self) -> NestedRows:
        path: Sequence[str] = (self.path,) if isinstance(self.path, str) else self.path
        constants = {column: str(self.config[setting]) for column, setting in self.constants.items()}
        return NestedRows(path, self.columns, self.value, self.position, constants)

    @cached_property
    def _extract(self) -> Extract:
        return compile_extract(self._rows, self.selected_schema)

    def _report_keyless(self) -> None:
        self._keyless += 1
        if self._keyless == 1:
            self.logger.warning("'%s': a nested row without a key of its own is left out", self.name)


def selected_nested(parent: MagentoStream) -> list[NestedStream]:
    """Give the selected streams whose rows are nested in a stream's.

    Args:
        parent: The stream.

    Returns:
        Its nested streams that are selected.
    """
    return [child for child in parent.child_streams if isinstance(child, NestedStream) and child.selected]


def transformed_for(
    parent: MagentoStream, streams: Sequence[MagentoStream], others: Collection[str] = ()
) -> dict[str, Any]:
    """Tell what a stream's rows are transformed to when they are read for some streams.

    Args:
        parent: The stream whose rows they are.
        streams: Itself, or some of its nested streams, or both.
        others: More fields that are needed, though not emitted.

    Returns:
        JSON Schema of all that these need of the rows.
    """
    whole = parent.effective_schema["properties"]
    keys = {name: whole[name] for name in {*parent.required_fields(), *others} if name in whole}
    wanted: dict[str, Any] = {"type": ["object"], "properties": keys}
    for stream in streams:
        part = stream.needed_of_parent() if isinstance(stream, NestedStream) else stream.selected_schema
        wanted = merged(wanted, part)
    properties = {name: wanted["properties"][name] for name in whole if name in wanted["properties"]}
    return {**wanted, "properties": properties}
