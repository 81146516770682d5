"""What a setting must be, in plain words instead of JSON Schema's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def expected(schema: Mapping[str, Any]) -> str:
    """Say what a setting must be.

    Args:
        schema: Its JSON Schema.

    Returns:
        What follows "must be", for example "a whole number from 1 to 64".
    """
    if schema.get("enum"):
        *most, last = [f"`{value}`" for value in schema["enum"] if value is not None]
        return f"{', '.join(most)} or {last}" if most else last
    if schema.get("format") == "date-time":
        return "a date or a timestamp such as 2024-01-01T00:00:00Z"
    kind = type_of(schema)
    if kind == "integer":
        return "a whole number" + _limits(schema)
    if kind == "array":
        return f"a JSON list{_of(schema.get('items'))}{_example(schema)}"
    if kind == "object":
        return f"a JSON object{_of(schema.get('additionalProperties'))}{_example(schema)}"
    return {"boolean": "`true` or `false`", "number": "a number"}.get(kind, "text")


def type_of(schema: Mapping[str, Any]) -> str:
    """Give the one type of a setting besides null.

    Args:
        schema: Its JSON Schema.

    Returns:
        A type of JSON Schema; `string` if it has none or several.
    """
    types = schema.get("type", "string")
    names = {types} if isinstance(types, str) else set(types) - {"null"}
    return names.pop() if len(names) == 1 else "string"


def _limits(schema: Mapping[str, Any]) -> str:
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if lowest is not None and highest is not None:
        return f" from {lowest} to {highest}"
    return "" if lowest is None else f", at least {lowest}"


def _of(items: object) -> str:
    if not isinstance(items, Mapping) or "type" not in items:
        return ""
    plural = {"string": "texts", "object": "objects", "integer": "whole numbers"}
    return f" of {plural[type_of(items)]}"


def _example(schema: Mapping[str, Any]) -> str:
    return f" such as {json.dumps(schema['examples'][0])}" if schema.get("examples") else ""
