"""Bookmarks that other programs wrote or merged, made into ours.

Meltano and others merge states key by key, people edit them, and other taps for Magento wrote epoch numbers, zero dates
or bookmarks a store. What can be understood is; what cannot ends the run, unless it is nothing but a full sync more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from singer_sdk.exceptions import ConfigurationError

from tap_magento.timestamps import from_rfc3339, to_rfc3339

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?)?"
    r"\s*(?:(?P<utc>Z|UTC)|(?P<hours>[+-]\d\d):?(?P<minutes>\d\d))?",
    re.IGNORECASE | re.ASCII,
)
_EPOCH_TEXT = re.compile(r"\d{10}(?:\d{3}){0,2}(?:\.\d+)?", re.ASCII)

# Seconds since 1970 up to the year 5138; larger numbers are milliseconds, or microseconds.
_MOST_SECONDS = 1e11

# What the SDK writes while a run is under way, and has no use for in the next.
_OF_ONE_RUN = ("progress_markers", "replication_key_signpost", "starting_replication_value")


@dataclass(frozen=True, slots=True)
class StreamShape:
    """What the state of a stream may hold.

    Attributes:
        replication_key: What its bookmark is a value of; None if it has none.
        partition_keys: The names in the context of its partitions; empty if it has none.
    """

    replication_key: str | None
    partition_keys: frozenset[str] = frozenset()


def usable_state(state: Mapping[str, Any], shapes: Mapping[str, StreamShape]) -> tuple[dict[str, Any], list[str]]:
    """Make bookmarks of any origin into those that this tap writes.

    Args:
        state: The state, with `bookmarks`.
        shapes: The tap's streams by name; the states of others are left as they are.

    Returns:
        The state, and notes for a person of what was understood, or left out.

    Raises:
        ConfigurationError: If a bookmark is there but cannot be understood.
    """
    notes: list[str] = []
    bookmarks: dict[str, Any] = {}
    for name, given in (state.get("bookmarks") or {}).items():
        shape = shapes.get(name)
        if shape is not None:
            bookmarks[name] = _stream_state(given, shape, repr(name), notes)
        elif isinstance(given, dict):
            bookmarks[name] = given
    return {"bookmarks": bookmarks}, notes


def _stream_state(given: Any, shape: StreamShape, name: str, notes: list[str]) -> dict[str, Any]:
    own = _with_bookmark(_as_object(given, shape), shape, name, notes)
    partitions = own.pop("partitions", None)
    if not shape.partition_keys:
        if partitions:
            notes.append(f"The state of {name} has partitions, which the stream has not: they are ignored")
        return own
    kept = _partitions(partitions, shape, name, notes)
    return own | ({"partitions": kept} if kept else {})


def _as_object(given: Any, shape: StreamShape) -> dict[str, Any]:
    """Take a bare bookmark, or the plain Singer form ``{"updated_at": ...}``, for what the SDK would have written."""
    if isinstance(given, Mapping):
        state = {key: value for key, value in given.items() if key not in _OF_ONE_RUN}
        plain = state.pop(shape.replication_key, None)
        return state if plain is None else {"replication_key_value": plain} | state
    return {} if given is None else {"replication_key_value": given}


def _with_bookmark(state: dict[str, Any], shape: StreamShape, name: str, notes: list[str]) -> dict[str, Any]:
    key, value = state.pop("replication_key", None), state.pop("replication_key_value", None)
    backfill = state.pop("backfill", None)
    quarantined = state.pop("set_aside", None)
    bookmark = None
    if shape.replication_key is not None and value is not None:
        if isinstance(key, str) and key != shape.replication_key:
            raise _unusable(name, f"is not of `{shape.replication_key}`")
        bookmark = _timestamp(value)
        if bookmark is None:
            raise _unusable(name, "is not a timestamp")
        if bookmark <= _EPOCH:
            bookmark = None
            notes.append(f"The bookmark of {name} in the state is a zero date: the stream is read from the start")
        else:
            # A state in the SDK's own form stays as it is, also where its stream is not read.
            is_ours = key is not None and str(value).endswith("Z") and _is_plain(value)
            text = str(value) if is_ours else to_rfc3339(bookmark)
            state |= {"replication_key": shape.replication_key, "replication_key_value": text}
            if not _is_plain(value):
                notes.append(f"The bookmark of {name} in the state is taken as {text}")
    elif shape.replication_key is not None and key is not None and backfill is None:
        notes.append(f"The state of {name} has no bookmark: the stream is read from the start")
    progress = _backfill(backfill, bookmark, name, notes)
    keys = _keys(quarantined, name, notes)
    return state | ({"backfill": progress} if progress else {}) | ({"set_aside": keys} if keys else {})


def _backfill(given: Any, bookmark: datetime | None, name: str, notes: list[str]) -> dict[str, Any] | None:
    """Take the progress of a first sync, unless a bookmark tells that it has been completed since."""
    if given is None:
        return None
    began = _timestamp(given.get("began")) if isinstance(given, Mapping) else None
    since = _timestamp(given.get("since")) if began else None
    is_known = began and (since or given.get("since") is None)
    if not is_known or began is None or not (given.get("after") is None or _is_key(given["after"])):
        notes.append(f"The progress of the first sync of {name} in the state cannot be used: it is started again")
        return None
    if bookmark is not None and began <= bookmark:
        return None
    return {**given, "began": to_rfc3339(began), "since": to_rfc3339(since) if since else None}


def _keys(given: Any, name: str, notes: list[str]) -> list[Any]:
    keys = [key for key in given if _is_key(key)] if isinstance(given, list) else []
    alike = [key for key in keys if type(key) is type(keys[0])]
    if given is not None and len(alike) != (len(given) if isinstance(given, list) else -1):
        notes.append(f"The quarantined rows of {name} in the state are not all keys: the others are ignored")
    return sorted(set(alike))


def _partitions(given: Any, shape: StreamShape, name: str, notes: list[str]) -> list[dict[str, Any]]:
    kept: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    entries = given if isinstance(given, list) else []
    for entry in entries:
        context = _context(entry, shape)
        if context is not None and context not in kept:
            own = {key: value for key, value in entry.items() if key != "context"}
            kept[context] = {"context": dict(context), **_with_bookmark(_as_object(own, shape), shape, name, notes)}
    if len(kept) < len(entries) or not isinstance(given, (list, type(None))):
        notes.append(f"The state of {name} has partitions that are not the stream's, or twice: they are ignored")
    return list(kept.values())


def _context(entry: Any, shape: StreamShape) -> tuple[tuple[str, str], ...] | None:
    context = entry.get("context") if isinstance(entry, Mapping) else None
    if not isinstance(context, Mapping) or context.keys() != shape.partition_keys:
        return None
    return tuple(sorted(context.items())) if all(isinstance(value, str) for value in context.values()) else None


def _is_key(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def _is_plain(value: object) -> bool:
    try:
        return bool(from_rfc3339(str(value)))
    except (ValueError, OverflowError):
        return False


def _timestamp(value: object) -> datetime | None:
    """Read a timestamp in any form that programs write: text, with or without a zone or fractions, or an epoch."""
    try:
        if isinstance(value, str):
            return _from_text(value.strip())
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _from_epoch(value)
    except (ValueError, OverflowError):
        pass
    return None


def _from_text(text: str) -> datetime | None:
    if _EPOCH_TEXT.fullmatch(text):
        return _from_epoch(float(text))
    if text.startswith("0000-00-00"):
        return _EPOCH
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    zone = f"{match['hours']}:{match['minutes']}" if match["hours"] else "+00:00"
    return from_rfc3339(f"{match['date']}T{match['time'] or '00:00'}{zone}")


def _from_epoch(number: float) -> datetime:
    for unit in (1, 1_000, 1_000_000):
        if abs(number) < _MOST_SECONDS * unit:
            return _EPOCH + timedelta(seconds=number // unit)
    raise ValueError("too large for a timestamp")


def _unusable(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The bookmark of {name} in the state {why}: correct it, or remove {name} from the state to read the stream "
        "from the start"
    )
