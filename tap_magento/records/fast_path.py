"""A quick way through shaping for the rows that fit, which nearly all do.

To look at each of an order's some 500 values in Python takes longer than to decode them. Where all is as the schema
says, moments apart, msgspec tells so in half of that time, and only the moments remain to be made. What does not fit
takes the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from tap_magento.records.transform import CONVERSIONS, Path, Row, Shape
from tap_magento.schema.nodes import Schema, is_nullable, kind_of, others_of

_SCALARS: Mapping[str, Any] = {
    "boolean": bool,
    "date": str,
    "date-time": str,
    "integer": int,
    "number": int | Decimal,
    "string": str,
}
_POSITIVE = Annotated[int, msgspec.Meta(gt=0)]
_NEVER = Annotated[dict[str, Any], msgspec.Meta(min_length=1, max_length=0)]


def with_fast_path(
    schema: Schema, shape: Callable[[Row], Row], zero_is_null: Collection[Path] = ()
) -> Callable[[Row], Row]:
    """Spare the rows that fit the long way.

    Args:
        schema: JSON Schema of a row, as `tap_magento.records.transform.compile_transform` takes it.
        shape: What that made of it, without `prepare`.
        zero_is_null: What that was given as `zero_is_null`.

    Returns:
        A function that does the same to a row as `shape`.
    """
    fitting = _object_type(schema, (), zero_is_null)
    make_moments = _moments_in_object(schema)

    def shape_quickly(row: Row) -> Row:
        try:
            msgspec.convert(row, fitting, builtin_types=(Decimal,))
            return make_moments(row) if make_moments else row
        except ValueError:  # msgspec's error is one
            return shape(row)

    return shape_quickly


def _type(schema: Schema, path: Path, zero_is_null: Collection[Path]) -> Any:
    """Give the type of the values that stay as they are, timestamps apart."""
    kind = kind_of(schema)
    if not kind:
        return Any
    if kind == "object":
        found = _object_type(schema, path, zero_is_null)
    elif kind == "array":
        found = list[_type(schema.get("items") or {}, path, zero_is_null)]  # type: ignore[misc]
    else:
        found = _POSITIVE if path in zero_is_null else _SCALARS[kind]
    return found | None if is_nullable(schema) else found


def _object_type(schema: Schema, path: Path, zero_is_null: Collection[Path]) -> Any:
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    others = others_of(schema)
    if others is not None:
        return _NEVER if properties else dict[str, _type(others, (*path, "*"), zero_is_null)]  # type: ignore[misc]
    names = {f"_{number}": name for number, name in enumerate(properties)}
    fields = [
        (
            field,
            _type(properties[name], (*path, name), zero_is_null),
            *([None] if is_nullable(properties[name]) else []),
        )
        for field, name in names.items()
    ]
    return msgspec.defstruct("Fields", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False)


def _moments(schema: Schema) -> Shape | None:
    """Compile what makes the moments in a value that fits; None if there are none."""
    kind = kind_of(schema)
    if kind in ("date", "date-time"):
        return CONVERSIONS[kind] if is_nullable(schema) else _demanded(CONVERSIONS[kind])
    if kind == "array":
        make = _moments(schema.get("items") or {})
        return make and (lambda items: [item if item is None else make(item) for item in items])
    return _moments_in_object(schema) if kind == "object" else None


def _moments_in_object(schema: Schema) -> Callable[[Row], Row] | None:
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    of_fields = [(name, make) for name, node in properties.items() if (make := _moments(node))]
    of_others = _moments(others_of(schema) or {})
    if of_others:
        return lambda row: {name: item if item is None else of_others(item) for name, item in row.items()}
    if not of_fields:
        return None

    def make_in(row: Row) -> Row:
        for name, make in of_fields:
            item = row.get(name)
            if item is not None:
                row[name] = make(item)
        return row

    return make_in


def _demanded(convert: Shape) -> Shape:
    def make(value: str) -> str:
        moment: str | None = convert(value)
        if moment is None:
            raise ValueError("a moment that must be there is none")
        return moment

    return make
