"""What the nodes of a JSON Schema say; each node of ours has one concrete type, with `"null"` beside it or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def kind_of(schema: Schema) -> str:
    """Tell a property's one concrete type, `date` and `date-time` being types; "" if none, or several."""
    declared = schema.get("type", ())
    kinds = {declared} if isinstance(declared, str) else set(declared) - {"null"}
    if len(kinds) != 1:
        return ""
    (kind,) = kinds
    shown = schema.get("format")
    return shown if kind == "string" and shown in {"date", "date-time"} else str(kind)


def is_nullable(schema: Schema) -> bool:
    """Tell whether a property may be null; one that says nothing of its type may."""
    return "null" in schema.get("type", "null")


def others_of(schema: Schema) -> Schema | None:
    """Tell what an object's fields are that its schema does not list; None if such fields are unknown, and dropped."""
    others = schema.get("additionalProperties", not schema.get("properties"))
    if others is False:
        return None
    return {} if others is True else others


def properties_of(schema: Schema) -> Schema:
    """Give the properties of an object, or of the objects in an array.

    Args:
        schema: JSON Schema of either.

    Returns:
        Their schemas by name; none of anything else.
    """
    items = schema.get("items")
    return properties_of(items) if isinstance(items, Mapping) else schema.get("properties", {})


def without_items(schema: Schema) -> dict[str, Any]:
    """Leave open what the arrays of a schema hold.

    Args:
        schema: JSON Schema of a row.

    Returns:
        The same without `items`, at any depth.
    """
    found = {name: node for name, node in schema.items() if name != "items"}
    if "properties" in found:
        found["properties"] = {name: without_items(node) for name, node in found["properties"].items()}
    return found
