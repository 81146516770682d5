"""The JSON Schema of rows that nothing describes, from the rows themselves.

Every property gets one concrete type that holds all values seen. A number is `number`, as Magento writes whole numbers
and fractions into one field (docs/MAGENTO.md, Values and types), unless the field is named as a key. What has several
types, or was always null, is a text, which loses nothing: `tap_magento.records.transform` makes JSON of an object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tap_magento.http.decoding import clean_text
from tap_magento.schema.nodes import Schema


def infer(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Infer what rows look like.

    Args:
        rows: Some rows, as they come.

    Returns:
        Their JSON Schema, with the fields in the order of their first appearance.
    """
    return {"type": ["object"], "properties": _properties(rows)}


def _properties(rows: Iterable[Mapping[str, Any]]) -> dict[str, Schema]:
    values: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(clean_text(name), []).append(value)
    return {name: _node(name, found) for name, found in values.items()}


def _node(name: str, values: Iterable[Any]) -> Schema:
    known = [value for value in values if value is not None]
    objects = [value for value in known if isinstance(value, dict)]
    if objects and all(isinstance(value, dict) or value == [] for value in known):  # PHP's empty object
        if properties := _properties(objects):
            return {"type": ["object", "null"], "properties": properties}
        return {"type": ["object", "null"], "additionalProperties": True}
    if known and all(isinstance(value, list) for value in known):
        return {"type": ["array", "null"], "items": _node(name, [item for value in known for item in value])}
    kinds = {type(value) for value in known}
    if kinds == {bool}:
        return {"type": ["boolean", "null"]}
    if kinds == {int} and (name == "id" or name.endswith("_id")):
        return {"type": ["integer", "null"]}
    return {"type": ["string" if not kinds or not kinds <= _NUMBERS else "number", "null"]}


_NUMBERS = {int, Decimal}
