"""JSON Schema of a stream's rows -> the columns of dlt's table."""

from __future__ import annotations

from typing import Any

from tap_magento.schema.nodes import Schema, kind_of

#: When the row was read: of two rows of one key the later one is loaded, and a nested row that is older than its
#: parent's is no longer in it.
EXTRACTED_AT = "_extracted_at"

_TYPES = {
    "integer": "bigint",
    "number": "decimal",
    "boolean": "bool",
    "date": "date",
    "date-time": "timestamp",
    "string": "text",
    "object": "json",
    "array": "json",
}


def columns_of(schema: Schema, keys: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Describe the columns of a table.

    Args:
        schema: JSON Schema of the rows.
        keys: The names of the key fields.

    Returns:
        Name to dlt's hints: all columns exist from the first load on, with types that no row decides.
    """
    columns: dict[str, dict[str, Any]] = {
        name: {"data_type": _TYPES[kind_of(node)], "nullable": name not in keys}
        for name, node in schema["properties"].items()
    }
    return {**columns, EXTRACTED_AT: {"data_type": "timestamp", "dedup_sort": "desc"}}


def nested_columns(schema: Schema) -> tuple[str, ...]:
    """Name the columns whose values are objects or arrays.

    Args:
        schema: JSON Schema of the rows.

    Returns:
        Their names.
    """
    return tuple(name for name, node in schema["properties"].items() if _TYPES.get(kind_of(node)) == "json")
