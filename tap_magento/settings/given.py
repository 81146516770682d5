"""The settings as given, before they are checked: blanks are not given, and old names are the new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Settings that had another name, old to new.
RENAMED: Mapping[str, str] = {"keep_copies": "include_nested_duplicates"}

# The SDK's, within which a null says something: to leave a stream or a field out.
_SDK_OBJECTS = {"stream_maps", "stream_map_config"}


def normalized(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Take blank settings for not given, and settings by their old names for the new ones.

    Forms and compose files give a blank text for what was left out.

    Args:
        config: The settings as given.

    Returns:
        The settings, and warnings for a person.
    """
    settings: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in config.items():
        if _is_blank(value):
            continue
        new = RENAMED.get(name)
        if new is None:
            settings[name] = value if name in _SDK_OBJECTS else _without_blanks(value)
        else:
            notes.append(f"`{name}` is now called `{new}`; please rename it")
            if _is_blank(config.get(new)):
                settings[new] = value
    return settings, notes


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _without_blanks(value: Any, levels: int = 3) -> Any:
    if levels == 0:
        return value
    if isinstance(value, Mapping):
        return {name: _without_blanks(each, levels - 1) for name, each in value.items() if not _is_blank(each)}
    if isinstance(value, list):
        return [_without_blanks(each, levels - 1) for each in value if not _is_blank(each)]
    return value
