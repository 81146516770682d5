"""The catalog that a run is given: what in it would be ignored without a word, or end in a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from singer_sdk.exceptions import ConfigurationError
from singer_sdk.singerlib.catalog import (
    REPLICATION_FULL_TABLE,
    REPLICATION_INCREMENTAL,
    Catalog,
    CatalogEntry,
    MetadataMapping,
)

_METHODS = (REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL)
_SWITCHES = ("selected", "selected-by-default")
_ADVICE = "write it anew with `--discover`"


def check_catalog(
    catalog: Mapping[str, Any], known_streams: Mapping[str, str | None], read_with_others: Container[str] = ()
) -> tuple[Catalog, list[str]]:
    """Check a catalog, and write what its metadata says of replication to where the SDK looks for it.

    Discovery writes each stream's replication method into its entry, and the SDK prefers that to the metadata, which
    is where Singer has a person choose it.

    Args:
        catalog: The catalog.
        known_streams: The tap's streams by name, with their replication keys.
        read_with_others: Those that are read with another stream, whose replication is theirs.

    Returns:
        The catalog for the SDK, and warnings for a person.

    Raises:
        ConfigurationError: If it is no catalog, or asks for what no stream can do.
    """
    entries = catalog.get("streams")
    if not isinstance(entries, list):
        raise ConfigurationError(f"The catalog has no list of `streams`: {_ADVICE}")
    notes: list[str] = []
    checked = Catalog()
    is_any_selected = False
    for position, given in enumerate(entries, 1):
        name = _name_of(given, position)
        if name in checked:
            raise ConfigurationError(f"The catalog has {name!r} twice: remove one of them")
        entry = _parsed(_with_booleans(given, name), name)
        if _is_selected(entry):
            if name in known_streams:
                is_any_selected = True
                if name not in read_with_others:
                    entry = _applied(given, entry, known_streams[name], notes)
            else:
                notes.append(_unknown(name, known_streams))
        checked[name] = entry
    if not is_any_selected:
        notes.append("The catalog selects no stream of tap-magento: nothing is read")
    return checked, notes


def _name_of(entry: Any, position: int) -> str:
    name = entry.get("tap_stream_id") if isinstance(entry, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ConfigurationError(f"Entry {position} of the catalog has no `tap_stream_id`: {_ADVICE}")
    return name


def _with_booleans(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Read what selects as a boolean: to the SDK the text "false" selects."""
    metadata = []
    for each in _metadata_of(entry, name):
        values = dict(each["metadata"])
        for switch in _SWITCHES:
            value = values.get(switch)
            if isinstance(value, str):
                values[switch] = value = {"true": True, "false": False}.get(value.strip().lower(), value)
            if value is not None and not isinstance(value, bool):
                raise ConfigurationError(f"`{switch}` of {name!r} in the catalog must be `true` or `false`")
        metadata.append({**each, "metadata": values})
    return {**entry, "metadata": metadata}


def _metadata_of(entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    metadata = entry.get("metadata") or []
    if isinstance(metadata, list) and all(_is_metadata(each) for each in metadata):
        return metadata
    raise _malformed(name)


def _is_metadata(value: Any) -> bool:
    if not isinstance(value, Mapping) or not isinstance(value.get("metadata"), Mapping):
        return False
    breadcrumb = value.get("breadcrumb")
    return isinstance(breadcrumb, list) and all(isinstance(each, str) for each in breadcrumb)


def _parsed(entry: Mapping[str, Any], name: str) -> CatalogEntry:
    try:
        return CatalogEntry.from_dict(dict(entry))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _malformed(name) from None


def _is_selected(entry: CatalogEntry) -> bool:
    # The root alone: to resolve all fields takes as long as to parse them.
    root = MetadataMapping({path: metadata for path, metadata in entry.metadata.items() if not path})
    return root.resolve_selection()[()]


def _applied(
    given: Mapping[str, Any], entry: CatalogEntry, replication_key: str | None, notes: list[str]
) -> CatalogEntry:
    name = entry.tap_stream_id
    if entry.stream not in (None, name):
        notes.append(
            f"The catalog gives {name!r} another name in `stream`, which is ignored: to rename a stream, use "
            "`__alias__` in `stream_maps`"
        )
    metadata = _metadata_of(given, name)
    root: Mapping[str, Any] = next((each["metadata"] for each in metadata if not each["breadcrumb"]), {})
    wanted = root.get("replication-key")
    if "replication-method" in root and wanted not in (None, replication_key):
        notes.append(f"The catalog gives {name!r} a replication key other than `{replication_key}`: it is ignored")
    method = root.get("replication-method") or root.get("forced-replication-method") or entry.replication_method
    if method not in (None, *_METHODS):
        raise ConfigurationError(f"The replication method of {name!r} in the catalog must be {' or '.join(_METHODS)}")
    if replication_key is None and method == REPLICATION_INCREMENTAL:
        notes.append(f"{name!r} has no replication key: it is read completely, although the catalog says INCREMENTAL")
        method = REPLICATION_FULL_TABLE
    return replace(entry, replication_key=replication_key or entry.replication_key, replication_method=method)


def _unknown(name: str, known_streams: Mapping[str, str | None]) -> str:
    close = difflib.get_close_matches(name, known_streams, n=1, cutoff=0.75)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"The catalog selects {name!r}, which is no stream of tap-magento with these settings: it is ignored{hint}"


def _malformed(name: str) -> ConfigurationError:
    return ConfigurationError(f"The entry of {name!r} in the catalog is malformed: {_ADVICE}")
