"""Which fields are read, and how to ask the shop for no others.

Asking for fewer fields saves the shop no time but most of the bytes (docs/MAGENTO.md, Cost of requests).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tap_magento.schema.nodes import Schema, properties_of

Breadcrumb = tuple[str, ...]

# The request line of a usual nginx may have 8 kB, and the criteria need some of it (docs/MAGENTO.md, URL length limits:
# 414).
_LONGEST = 6_000


def selected(schema: Schema, mask: Mapping[Breadcrumb, bool]) -> dict[str, Any]:
    """Leave out what is not selected.

    Args:
        schema: JSON Schema of a row.
        mask: Whether a property is selected, by its breadcrumb in the catalog. Singer has no one way to write the
            breadcrumb of a property inside an array; those with and without ``items`` are understood.

    Returns:
        The schema without the properties that are deselected, at any depth.
    """
    return _selected(schema, mask, ((),))


def without(schema: Schema, *paths: tuple[str, ...]) -> dict[str, Any]:
    """Leave out properties.

    Args:
        schema: JSON Schema of a row.
        *paths: The names that lead to each of them, through objects and arrays alike.

    Returns:
        The schema without them.
    """
    if isinstance(schema.get("items"), Mapping):
        return {**schema, "items": without(schema["items"], *paths)}
    if not paths or "properties" not in schema:
        return dict(schema)
    properties = {}
    for name, node in schema["properties"].items():
        below = [path[1:] for path in paths if path[0] == name]
        if () in below:
            continue
        kept = without(node, *below) if below else node
        if properties_of(kept) or not properties_of(node):
            properties[name] = kept
    return {**schema, "properties": properties}


def has_field(schema: Schema, path: Sequence[str]) -> bool:
    """Tell whether a schema knows a field.

    Args:
        schema: JSON Schema of a row.
        path: The names that lead to it, through objects and arrays alike.

    Returns:
        Whether it does.
    """
    return not path or (path[0] in properties_of(schema) and has_field(properties_of(schema)[path[0]], path[1:]))


def at_field(schema: Schema, name: str) -> Schema:
    """Give the schema of a field, or of the objects in it.

    Args:
        schema: JSON Schema of a row.
        name: The field; empty for the row itself.

    Returns:
        Its schema; empty if there is no such field.
    """
    if not name:
        return schema
    node: Schema = properties_of(schema).get(name, {})
    items = node.get("items")
    return items if isinstance(items, Mapping) else node


def fields_parameter(whole: Schema, part: Schema) -> str | None:
    """Spell the part of a list's rows to ask for as the ``fields`` parameter.

    Args:
        whole: JSON Schema of the rows, as far as known.
        part: The same without what is not wanted; it may know of more than the whole.

    Returns:
        For example ``items[entity_id,payment[method]],total_count``; None if the part is the whole. What would make
        it too long for a URL is asked for with all that is in it.
    """
    for depth in range(_depth(part), -1, -1):
        wanted = _wanted(whole, part, depth)
        if wanted is None:
            return None
        if len(wanted) <= _LONGEST:
            return f"items[{wanted}],total_count"
    return None


def _selected(schema: Schema, mask: Mapping[Breadcrumb, bool], crumbs: tuple[Breadcrumb, ...]) -> dict[str, Any]:
    projected = dict(schema)
    if "properties" in schema:
        projected["properties"] = dict(_selected_properties(schema["properties"], mask, crumbs))
    if isinstance(schema.get("items"), Mapping):
        inside = (*crumbs, *((*crumb, "items") for crumb in crumbs))
        projected["items"] = _selected(schema["items"], mask, inside)
    return projected


def _selected_properties(
    properties: Schema, mask: Mapping[Breadcrumb, bool], crumbs: tuple[Breadcrumb, ...]
) -> Iterator[tuple[str, Any]]:
    for name, schema in properties.items():
        here = tuple((*crumb, "properties", name) for crumb in crumbs)
        # `get`: the SDK's mask makes up what it lacks from breadcrumbs that know no arrays.
        if not all(mask.get(crumb, True) for crumb in here):
            continue
        kept = _selected(schema, mask, here)
        if properties_of(kept) or not properties_of(schema):
            yield name, kept


def _wanted(whole: Schema, part: Schema, depth: int) -> str | None:
    """Name the properties of a part; None where nothing of the whole is left out."""
    had, kept = properties_of(whole), properties_of(part)
    inside = {name: _wanted(had.get(name, {}), schema, depth - 1) if depth else None for name, schema in kept.items()}
    if had.keys() <= kept.keys() and not any(inside.values()):
        return None
    return ",".join(f"{name}[{within}]" if within else name for name, within in inside.items())


def _depth(schema: Schema) -> int:
    return 1 + max(map(_depth, properties_of(schema).values()), default=-1)
