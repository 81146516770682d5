"""Streams as Airbyte's catalogs name them, and the states that Airbyte keeps of each."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from singer_sdk.exceptions import ConfigurationError

from tap_magento.streams.base import MagentoStream
from tap_magento.streams.list import ListStream

#: In a stream's state: the state of the stream that its rows are nested in, where that is not read itself.
_PARENT = "parent"
#: In a stream's state: what a full refresh belongs to, if Airbyte told.
_GENERATION = "generation_id"
#: What the state of a stream says that has no other.
_COMPLETE = "complete"

# What of a state says how far a read has come.
_READS = ("backfill", "full_table")
_MODES = ("full_refresh", "incremental")
_ADVICE = "refresh the source's schema in the connection"


@dataclass(frozen=True, slots=True)
class SelectedStream:
    """A stream that is to be read.

    Attributes:
        name: Its name.
        schema: JSON Schema of its rows, without the columns that are not selected.
        key: Its primary key.
        full_refresh: Whether it is to be read from the start.
        generation_id: Which full refresh it is; attempts at the same one have the same.
    """

    name: str
    schema: Mapping[str, Any]
    key: Sequence[str]
    full_refresh: bool
    generation_id: int | None


def describe(stream: MagentoStream) -> dict[str, Any]:
    """Describe a stream for Airbyte's catalog.

    Args:
        stream: The stream.

    Returns:
        The entry.
    """
    cursor = stream.declared_replication_key()
    entry = {
        "name": stream.name,
        "json_schema": {"$schema": "http://json-schema.org/draft-07/schema#", **_annotated(stream.schema)},
        "supported_sync_modes": list(_MODES) if stream.is_incremental else ["full_refresh"],
        "source_defined_primary_key": [[name] for name in stream.declared_keys()],
        "is_resumable": isinstance(stream.source, ListStream),
    }
    if stream.is_incremental:
        entry["source_defined_cursor"] = True
    if cursor:
        entry["default_cursor_field"] = [cursor]
    return entry


def selected_streams(catalog: Mapping[str, Any]) -> dict[str, SelectedStream]:
    """Read Airbyte's configured catalog.

    Args:
        catalog: The catalog.

    Returns:
        The streams to read, by name.

    Raises:
        ConfigurationError: If it is no catalog.
    """
    streams = {}
    for entry in catalog.get("streams") or ():
        try:
            given, mode = entry["stream"], entry["sync_mode"]
            name, schema = given["name"], given["json_schema"]
            key = [path[0] for path in given.get("source_defined_primary_key") or ()]
        except (AttributeError, IndexError, KeyError, TypeError):
            raise ConfigurationError(f"An entry of the catalog is malformed: {_ADVICE}") from None
        if mode not in _MODES:
            raise ConfigurationError(f"The catalog gives '{name}' an unknown sync mode: choose {' or '.join(_MODES)}")
        streams[name] = SelectedStream(
            name, _without_annotations(schema), key, mode == "full_refresh", entry.get("generation_id")
        )
    if not streams:
        raise ConfigurationError(f"The catalog has no streams: {_ADVICE}")
    return streams


def check_streams(selected: Iterable[SelectedStream], offered: Container[str]) -> None:
    """See that the streams to be read are there.

    A stream that has no incremental sync may be configured for one all the same, as PyAirbyte does; it is read
    completely.

    Args:
        selected: The streams to read.
        offered: The names of the tap's streams.

    Raises:
        ConfigurationError: If one is not.
    """
    for stream in selected:
        if stream.name not in offered:
            raise ConfigurationError(
                f"The catalog has '{stream.name}', which is no stream of this source with these settings: {_ADVICE}"
            )


def singer_catalog(selected: Iterable[SelectedStream], unselected: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Make the Singer catalog of what is to be read.

    Args:
        selected: The streams to read.
        unselected: Entries of streams that are not to be read, but that have others nested in their rows.

    Returns:
        The catalog.
    """
    entries = [
        {
            "tap_stream_id": stream.name,
            "stream": stream.name,
            "schema": stream.schema,
            "key_properties": list(stream.key),
            "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
        }
        for stream in selected
    ]
    deselected = [{"breadcrumb": [], "metadata": {"selected": False}}]
    return {"streams": [*entries, *({**entry, "metadata": deselected} for entry in unselected)]}


def state_of(stream: SelectedStream, bookmarks: Mapping[str, Any], parent: str | None) -> dict[str, Any]:
    """Take a stream's state out of the tap's.

    Args:
        stream: The stream.
        bookmarks: The tap's state, by stream.
        parent: The stream that its rows are nested in, if that is not read itself.

    Returns:
        What Airbyte keeps of the stream.
    """
    state = dict(bookmarks.get(stream.name) or {})
    if parent is not None and bookmarks.get(parent):
        state[_PARENT] = {"name": parent, "state": bookmarks[parent]}
    if stream.full_refresh and stream.generation_id is not None:
        state[_GENERATION] = stream.generation_id
    return state or {_COMPLETE: True}


def bookmarks_from(states: Any, selected: Mapping[str, SelectedStream]) -> dict[str, Any]:
    """Make the tap's state of those that Airbyte kept.

    Args:
        states: Airbyte's STATE messages, without their envelope.
        selected: The streams to read.

    Returns:
        The tap's state, by stream.

    Raises:
        ConfigurationError: If they are no states.
    """
    bookmarks: dict[str, Any] = {}
    for entry in states or ():
        try:
            name, given = entry["stream"]["stream_descriptor"]["name"], entry["stream"].get("stream_state") or {}
            state = {key: value for key, value in given.items() if key not in {_PARENT, _GENERATION, _COMPLETE}}
        except (AttributeError, KeyError, TypeError):
            raise ConfigurationError("The state is not that of a run of this source: reset the connection") from None
        stream = selected.get(name)
        if stream is None:
            continue
        if stream.full_refresh:
            is_same = stream.generation_id is not None and given.get(_GENERATION) == stream.generation_id
            state = state if is_same and _is_unfinished(state) else _ledger_of(state)
        parent = given.get(_PARENT)
        if parent and state:
            bookmarks.setdefault(parent["name"], parent["state"])
        bookmarks[name] = state
    return bookmarks


def _is_unfinished(state: Mapping[str, Any]) -> bool:
    """Tell whether a read was interrupted; the next attempt at the same full refresh goes on with it."""
    return "replication_key_value" not in state and any("after" in state.get(name, {}) for name in _READS)


def _ledger_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the keys known of a list, which tell what has been deleted since: they leave no row out."""
    return {key: value for key, value in state.items() if key == "ledger"}


def _annotated(node: Any) -> Any:
    """Tell Airbyte that timestamps have a time zone."""
    if isinstance(node, Mapping):
        annotated = {key: _annotated(value) for key, value in node.items()}
        if node.get("format") == "date-time":
            annotated["airbyte_type"] = "timestamp_with_timezone"
        return annotated
    return [_annotated(each) for each in node] if isinstance(node, list) else node


def _without_annotations(node: Any) -> Any:
    """Undo `_annotated`."""
    if isinstance(node, Mapping):
        is_time = node.get("format") == "date-time"
        return {
            key: _without_annotations(value)
            for key, value in node.items()
            if key != "$schema" and not (is_time and key == "airbyte_type")
        }
    return [_without_annotations(each) for each in node] if isinstance(node, list) else node
