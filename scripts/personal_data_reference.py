"""The table of personal data, from what the bundled schemas note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tap_magento.records.nested import NestedRows, nested_schema
from tap_magento.records.personal_data import PSEUDONYMISED
from tap_magento.schema.annotations import PERSONAL, PersonalData, annotated
from tap_magento.schema.discovery import BUNDLED
from tap_magento.schema.nodes import Schema
from tap_magento.schema.selection import without
from tap_magento.streams import STREAMS
from tap_magento.streams.array import ArrayStream
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.list import ListStream
from tap_magento.streams.nested import NestedStream


def personal_data_table() -> Iterator[str]:
    """Tell the personal fields of each stream as a Markdown table.

    Yields:
        Lines.
    """
    yield "| stream | kind | with `pseudonymise` | fields |"
    yield "|---|---|---|---|"
    for stream in STREAMS:
        fields: dict[PersonalData, list[str]] = defaultdict(list)
        for path, kind in annotated(_schema_of(stream), PERSONAL).items():
            fields[kind].append(f"`{'.'.join(path)}`")
        for kind, names in fields.items():
            yield f"| `{stream.declared_name()}` | {kind} | {_becomes(kind)} | {', '.join(names)} |"


def _schema_of(stream: type[MagentoStream]) -> Schema:
    """Give the bundled schema of a stream, with its annotations; an empty one for streams without rows of the shop."""
    if issubclass(stream, NestedStream):
        parent = stream.parent_stream_type
        if parent is None or not issubclass(parent, MagentoStream):
            raise TypeError(f"{stream.__name__} has no parent")
        paths = (stream.path,) if isinstance(stream.path, str) else stream.path
        rows = NestedRows(paths, stream.columns, stream.value, stream.position)
        return nested_schema(_schema_of(parent), rows, stream.declared_keys())
    if not issubclass(stream, ListStream | ArrayStream):
        return {}
    duplicates = stream.duplicates if issubclass(stream, ListStream) else ()
    return without(BUNDLED.get_schema(stream.entity or stream.declared_name()), *duplicates)


def _becomes(kind: PersonalData) -> str:
    if kind == "birth_date":
        return "1 January of the year"
    return "pseudonym" if kind in PSEUDONYMISED else "null"
