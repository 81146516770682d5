"""Rows that are nested in the rows of another list: their schema, what they need of their parent, and their extraction.

A path leads to them: ``items[]`` names each object of an array, ``payment`` one object,
``options[].values[]`` the arrays in an array. The path of a column begins at the parent's row as well; it may only
lead through what the path of the rows leads through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_magento.schema.nodes import Schema

Row = Mapping[str, Any]
Extract = Callable[[Row], Iterator[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class NestedRows:
    """Where rows are nested, and what they are given beside their own fields.

    Attributes:
        paths: The paths that lead to the rows, at least one.
        columns: Names of columns to the paths of what they hold: the parent's key.
        value: The column that holds a value that is no object.
        position: The column that holds a row's place in its array, from 0; empty for none.
        constants: Names of columns to the text that they hold in every row.
    """

    paths: Sequence[str]
    columns: Mapping[str, str]
    value: str = "value"
    position: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)


def nested_schema(parent: Schema, rows: NestedRows, keys: Sequence[str]) -> dict[str, Any]:
    """Derive the schema of nested rows from their parent's.

    Args:
        parent: JSON Schema of the parent's rows.
        rows: Where they are nested.
        keys: Their key, whose columns are not nullable.

    Returns:
        JSON Schema of the nested rows.
    """
    properties: dict[str, Any] = {name: _at(parent, path) for name, path in rows.columns.items()}
    properties |= {name: {"type": ["string", "null"]} for name in rows.constants}
    if rows.position:
        properties[rows.position] = {"type": ["integer", "null"]}
    for path in rows.paths:
        node = _at(parent, path)
        fields = node.get("properties") or ({} if _is_object(node) else {rows.value: node})
        properties |= {name: each for name, each in fields.items() if name not in properties}
    return {
        "type": ["object"],
        "properties": {name: _required(node) if name in keys else _optional(node) for name, node in properties.items()},
    }


def needed_of_parent(parent: Schema, rows: NestedRows, wanted: Schema) -> dict[str, Any]:
    """Tell what nested rows need of their parent's.

    Args:
        parent: JSON Schema of the parent's rows.
        rows: Where the nested rows are.
        wanted: JSON Schema of the nested rows, without what is not wanted.

    Returns:
        JSON Schema of the parent's rows, without what is not needed.
    """
    needed: dict[str, Any] = {"type": ["object"], "properties": {}}
    for name, path in rows.columns.items():
        if name in wanted["properties"]:
            needed = merged(needed, _outline(parent, _names(path), None))
    for path in rows.paths:
        needed = merged(needed, _outline(parent, _names(path), wanted["properties"]))
    return needed


def merged(one: Schema, other: Schema) -> dict[str, Any]:
    """Unite two parts of one schema.

    Args:
        one: JSON Schema of a part.
        other: JSON Schema of another part of the same.

    Returns:
        JSON Schema of all that is in either.
    """
    if "items" in one and "items" in other:
        return {**one, "items": merged(one["items"], other["items"])}
    if "properties" not in one or "properties" not in other:
        return dict(one if "properties" not in one else other) if one or other else {}
    had: Mapping[str, Schema] = one["properties"]
    more: Mapping[str, Schema] = other["properties"]
    both = {name: merged(node, more[name]) if name in more else dict(node) for name, node in had.items()}
    return {**one, "properties": {**both, **{name: node for name, node in more.items() if name not in had}}}


def compile_extract(rows: NestedRows, wanted: Schema) -> Extract:
    """Compile what extracts the nested rows from a parent's row.

    Args:
        rows: Where the rows are nested.
        wanted: JSON Schema of the nested rows, without what is not wanted.

    Returns:
        A function that yields the rows of one of the parent's, which stays as it is.
    """
    names = frozenset(wanted["properties"])
    constants = {name: value for name, value in rows.constants.items() if name in names}
    walks = [_compile_walk(path, rows, names) for path in rows.paths]

    def extract(row: Row) -> Iterator[dict[str, Any]]:
        for walk in walks:
            for nested in walk(row, {}):
                yield {**nested, **constants}

    return extract


def _compile_walk(
    path: str, rows: NestedRows, names: frozenset[str]
) -> Callable[[Any, dict[str, Any]], Iterator[dict[str, Any]]]:
    """Compile the way along a path; columns are collected where they are passed."""
    steps = path.split(".")
    columns: list[list[tuple[str, tuple[str, ...]]]] = [[] for _ in (*steps, "item")]
    for name, column_path in rows.columns.items():
        if name in names:
            depth, rest = _place(steps, column_path.split("."))
            columns[depth].append((name, rest))

    def walk(node: Any, found: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:
        if not isinstance(node, Mapping):
            return
        found = {**found, **{name: _value(node, rest) for name, rest in columns[depth]}}
        step = steps[depth]
        inner = node.get(step.removesuffix("[]"))
        items = enumerate(inner or ()) if step.endswith("[]") else [(0, inner)]
        for position, item in items:
            if item is None:
                continue
            if depth + 1 < len(steps):
                yield from walk(item, found, depth + 1)
            else:
                own = {name: _value(item, rest) for name, rest in columns[depth + 1]}
                yield _row(item, position, {**found, **own}, rows, names)

    return walk


def _row(item: Any, position: int, found: Mapping[str, Any], rows: NestedRows, names: frozenset[str]) -> dict[str, Any]:
    fields = item if isinstance(item, Mapping) else {rows.value: item}
    row = {**{name: value for name, value in fields.items() if name in names}, **found}
    if rows.position in names:
        row[rows.position] = position
    return row


def _place(steps: Sequence[str], path: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Find how far a column's path goes along the path of the rows, and what then remains of it."""
    depth = 0
    while depth < min(len(steps), len(path) - 1) and steps[depth] == path[depth]:
        depth += 1
    return depth, tuple(path[depth:])


def _value(node: Mapping[str, Any], names: Sequence[str]) -> Any:
    value: Any = node
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _names(path: str) -> tuple[str, ...]:
    return tuple(step.removesuffix("[]") for step in path.split("."))


def _at(schema: Schema, path: str) -> dict[str, Any]:
    """Give the schema that a path leads to; of an array that it names with brackets, that of its items."""
    node: Schema = schema
    for step in path.split("."):
        node = (node.get("properties") or {}).get(step.removesuffix("[]"), {})
        if step.endswith("[]"):
            node = node.get("items") or {}
    return dict(node)


def _outline(schema: Schema, names: Sequence[str], fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keep of a schema what a path leads through, and at its end all, or the fields given."""
    if "items" in schema and "properties" not in schema:
        return {**schema, "items": _outline(schema["items"], names, fields)}
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    if not names:
        if fields is None or not properties:
            return dict(schema)
        return {**schema, "properties": {name: fields[name] for name in properties if name in fields}}
    if names[0] not in properties:
        return {**schema, "properties": {}}
    return {**schema, "properties": {names[0]: _outline(properties[names[0]], names[1:], fields)}}


def _is_object(node: Schema) -> bool:
    types = node.get("type", ())
    return "object" in ([types] if isinstance(types, str) else types)


def _required(node: Schema) -> dict[str, Any]:
    types = node.get("type", ["string"])
    return {**node, "type": [each for each in ([types] if isinstance(types, str) else types) if each != "null"]}


def _optional(node: Schema) -> dict[str, Any]:
    types = node.get("type", ["string"])
    listed = [types] if isinstance(types, str) else list(types)
    return {**node, "type": listed if "null" in listed else [*listed, "null"]}
