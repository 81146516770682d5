"""What the bundled schemas note of a field beside its type, for the tap alone.

- `x-personal`: whose data it holds, a kind of `PersonalData`. What is inside a marked object or array is
  marked with it.
- `x-zero-is-null`: an id of which Magento writes 0 for none, where no row has the key 0.
- `x-excluded`: never read; `binary` for files, `secret` for codes that are as good as money.
- `x-edition`: `commerce` for what Adobe Commerce adds to a row of Magento Open Source.

A SCHEMA message carries none of them. `description` is JSON Schema's own, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

Schema = Mapping[str, Any]
Path = tuple[str, ...]
PersonalData = Literal["email", "name", "phone", "address", "ip", "birth_date", "tax_id", "text", "payment", "id"]

PERSONAL = "x-personal"
ZERO_IS_NULL = "x-zero-is-null"
EXCLUDED = "x-excluded"
EDITION = "x-edition"

_PREFIX = "x-"


def annotated(schema: Schema, annotation: str) -> dict[tuple[str, ...], Any]:
    """Find the fields that carry an annotation.

    Args:
        schema: JSON Schema of a row.
        annotation: `PERSONAL`, `ZERO_IS_NULL`, `EXCLUDED` or `EDITION`.

    Returns:
        What it says, by the names that lead to the field, through objects and arrays alike. What is inside a
        field that carries it is not looked at.
    """
    return dict(_annotated(schema, annotation, ()))


def _annotated(schema: Schema, annotation: str, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if annotation in schema:
        yield path, schema[annotation]
        return
    for name, node in schema.get("properties", {}).items():
        yield from _annotated(node, annotation, (*path, name))
    if "items" in schema:
        yield from _annotated(schema["items"], annotation, path)


def personal_fields(schema: Schema, kept: Collection[Path] = ()) -> dict[Path, PersonalData]:
    """Find the personal fields that are not to be kept as they are.

    Args:
        schema: JSON Schema of a row.
        kept: Fields to keep, with all that is inside of them. Of a marked object that holds one, the other fields are
            personal one by one.

    Returns:
        The names that lead to each, to whose data it holds.
    """
    return dict(_personal(schema, (), None, kept))


def _personal(
    schema: Schema, path: Path, above: PersonalData | None, kept: Collection[Path]
) -> Iterator[tuple[Path, PersonalData]]:
    if path in kept:
        return
    kind = schema.get(PERSONAL, above)
    is_whole = not any(each[: len(path)] == path for each in kept) or not schema.keys() & {"properties", "items"}
    if kind is not None and is_whole:
        yield path, kind
        return
    for name, node in schema.get("properties", {}).items():
        yield from _personal(node, (*path, name), kind, kept)
    if "items" in schema:
        yield from _personal(schema["items"], path, kind, kept)


def marked_by(schema: Schema, known: Schema) -> dict[str, Any]:
    """Mark the fields of a catalog's schema, which has no marks of its own.

    Args:
        schema: JSON Schema of a row.
        known: Another one of the same rows, with marks.

    Returns:
        The first, its fields marked as they are in the other. What the other does not have is a personal text.
    """
    if PERSONAL in known:
        return {**schema, PERSONAL: known[PERSONAL]}
    if "items" in schema:
        return {**schema, "items": marked_by(schema["items"], known.get("items", {}))}
    others = known.get("properties", {})
    fields = schema.get("properties", {})
    marked = {
        name: marked_by(node, others[name]) if name in others else {**node, PERSONAL: "text"}
        for name, node in fields.items()
    }
    return {**schema, "properties": marked} if marked else dict(schema)


def with_unknown_marked(schema: Schema, bundled: Schema) -> dict[str, Any]:
    """Mark the fields of a stream of people that Magento does not have: a module may keep anything in them.

    Args:
        schema: JSON Schema of the shop's rows.
        bundled: The bundled schema of the same rows.

    Returns:
        The schema, its unknown fields and its objects of any fields marked as personal texts, at any depth; unchanged
        where the bundled schema marks nothing as personal.
    """
    return _marked(schema, bundled) if annotated(bundled, PERSONAL) else dict(schema)


def _marked(schema: Schema, bundled: Schema) -> dict[str, Any]:
    if PERSONAL in schema:
        return dict(schema)
    if "items" in schema:
        return {**schema, "items": _marked(schema["items"], bundled.get("items", {}))}
    if "properties" not in schema:
        types = schema.get("type", ())
        is_open = "object" in ([types] if isinstance(types, str) else types)
        return {**schema, PERSONAL: "text"} if is_open else dict(schema)
    known: Schema = bundled.get("properties", {})
    return {
        **schema,
        "properties": {
            name: _marked(node, known[name]) if name in known else {**node, PERSONAL: "text"}
            for name, node in schema["properties"].items()
        },
    }


def annotations_of(schema: Schema) -> dict[str, Any]:
    """Give what is noted of a field itself: what stays when its type is made anew."""
    return {name: value for name, value in schema.items() if name.startswith(_PREFIX)}


def without_annotations(schema: Schema) -> dict[str, Any]:
    """Leave out what only the tap understands.

    Args:
        schema: JSON Schema of a row.

    Returns:
        The same schema without annotations, at any depth, for a SCHEMA message.
    """
    kept = {name: value for name, value in schema.items() if not name.startswith(_PREFIX)}
    return _each(kept, without_annotations)


def without_excluded(schema: Schema) -> dict[str, Any]:
    """Leave out the fields that are never read.

    Args:
        schema: JSON Schema of a row.

    Returns:
        The schema without the fields that `x-excluded` marks, at any depth.
    """
    return _without(schema, EXCLUDED)


def without_commerce(schema: Schema) -> dict[str, Any]:
    """Leave out what Adobe Commerce adds, for a shop of Magento Open Source.

    Args:
        schema: JSON Schema of a row.

    Returns:
        The schema without the fields that `x-edition` marks, at any depth. An object that has no other
        fields is one of any fields.
    """
    return _without(schema, EDITION)


def _without(schema: Schema, annotation: str) -> dict[str, Any]:
    kept = dict(schema)
    if "properties" in schema:
        kept["properties"] = {name: node for name, node in schema["properties"].items() if annotation not in node}
        if not kept["properties"] and schema["properties"]:
            del kept["properties"]
            kept["additionalProperties"] = True
    return _each(kept, lambda node: _without(node, annotation))


def _each(schema: dict[str, Any], change: Callable[[Schema], dict[str, Any]]) -> dict[str, Any]:
    """Change the schemas of an object's fields and of an array's items."""
    if "properties" in schema:
        schema["properties"] = {name: change(node) for name, node in schema["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            schema[name] = change(schema[name])
    return schema
