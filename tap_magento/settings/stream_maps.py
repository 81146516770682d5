"""The SDK's settings `stream_maps` and `flattening_...`, checked where the SDK itself ends with a traceback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What the SDK takes as a word for null.
_NULL = "__NULL__"

_TEXTS = ("__alias__", "__source__", "__filter__")


def stream_map_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Tell what is wrong with the stream maps.

    Args:
        config: The settings, of the right types.

    Yields:
        A sentence for each problem; it names the map, but repeats no expression.
    """
    for stream, definition in config.get("stream_maps", {}).items():
        if isinstance(definition, Mapping) and stream != "__else__":
            yield from _entry_problems(stream, definition)
        elif definition not in (None, _NULL):
            yield f"`stream_maps` of {stream!r} must be a JSON object of expressions, null or `{_NULL}`"
    if config.get("flattening_enabled") and "flattening_max_depth" not in config:
        yield "`flattening_enabled` needs `flattening_max_depth`"


def _entry_problems(stream: str, definition: Mapping[str, Any]) -> Iterator[str]:
    for name, value in definition.items():
        place = f"`stream_maps`: {name!r} of {stream!r}"
        if name == "__key_properties__":
            if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
                yield f"{place} must be a JSON list of fields"
        elif name == "__else__":
            if value not in (None, _NULL):
                yield f"{place} must be null or `{_NULL}`"
        elif not (isinstance(value, str) and value.strip()) and (value is not None or name in _TEXTS):
            or_null = "" if name in _TEXTS else ", or null to leave the field out"
            yield f"{place} must be an expression, as text{or_null}"
