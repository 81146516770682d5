"""Leaves out of a transformed row what is not emitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap_magento.schema.nodes import Schema

Prune = Callable[[Any], Any]


def compile_prune(whole: Schema, part: Schema) -> Prune | None:
    """Compile what reduces a value to a part of its schema.

    Args:
        whole: JSON Schema of the value.
        part: The same without what is left out.

    Returns:
        A function that makes a reduced copy and leaves the value as it is; None if nothing is left out.
    """
    if "items" in whole and "items" in part:
        prune_item = compile_prune(whole["items"], part["items"])
        return prune_item and (lambda items: None if items is None else [prune_item(item) for item in items])
    had: Mapping[str, Schema] = whole.get("properties") or {}
    kept: Mapping[str, Schema] = part.get("properties") or {}
    inner = {name: prune for name, node in kept.items() if (prune := compile_prune(had.get(name, {}), node))}
    if had.keys() <= kept.keys() and not inner:
        return None

    def prune_object(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if row is None:
            return None
        return {name: inner[name](value) if name in inner else value for name, value in row.items() if name in kept}

    return prune_object
