"""How a stream's schema in the catalog differs from what the shop says today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tap_magento.schema.nodes import properties_of


def differences(old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Compare two schemas of one stream.

    Args:
        old: JSON Schema of the catalog.
        new: JSON Schema of today.
        path: The names that lead to both.

    Yields:
        A phrase for each field that is new, and for each whose type has changed.
    """
    before, now = properties_of(old), properties_of(new)
    for name, schema in now.items():
        here = (*path, name)
        if name not in before:
            yield f"'{'.'.join(here)}' is new"
        elif _type(before[name]) != _type(schema):
            yield f"'{'.'.join(here)}' was {_type(before[name])} and is {_type(schema)}"
        else:
            yield from differences(before[name], schema, here)


def _type(schema: Mapping[str, Any]) -> str:
    types = schema.get("type", [])
    name = next((each for each in ([types] if isinstance(types, str) else types) if each != "null"), "anything")
    inner = schema.get("items")
    if name == "array" and isinstance(inner, Mapping):
        return f"array of {_type(inner)}"
    return str(schema.get("format", name))
