"""A JSON Schema compiled into a function that makes a raw row of Magento's clean.

Rows come as PHP encodes them: `[]` where an object is empty, `"0000-00-00 00:00:00"`, numbers as
text, timestamps without a zone (docs/MAGENTO.md, Values and types). They leave as their schema says:

- `date-time`, `date`, `number`, `integer`, `boolean`: `tap_magento.records.values` says what is understood.
- `string`: what is no text becomes its compact JSON text. So a field that is a text in one row and
  a list in another (`custom_attributes[].value`) is a string that loses nothing.
- `object`: unknown fields are dropped and reported, or kept where the schema lists no fields or has
  `additionalProperties`: as they are if that is `true`, as it says if that is a schema.
- `array`: also of PHP's list with gaps, an object of numbered names.
- No type, or several: kept as it is.

What PHP means by null (`""`, a zero date, `[]` for an object) becomes null. What does not fit
becomes null too, and is reported. Shaping a shaped row changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tap_magento.records import values
from tap_magento.schema.nodes import Schema, is_nullable, kind_of, others_of

Row = dict[str, Any]
Shape = Callable[[Any], Any]
Path = tuple[str, ...]
Report = Callable[[str], None]
Prepare = Callable[[Schema, str], Callable[[Row], None] | None]


class TransformError(ValueError):
    """A row lacks what its stream cannot do without: a key, or being an object at all.

    The message names the stream and the field, never a value: rows are customers' data.
    """


class _MissingError(Exception):
    """A property that may not be null is; the argument is its path."""


#: The field of a row that keeps the texts of values that did not fit their type, by the path of their field.
UNPARSED_ROW = "_unparsed"


@dataclass(frozen=True, slots=True)
class _Hooks:
    """What is called with what was taken away, by the field's path, and what prepares objects."""

    unknown: Report
    type_mismatch: Callable[[str, Any], None]
    prepare: Prepare
    zero_is_null: Collection[Path]


#: How a value of a kind is made; see `tap_magento.records.values`.
CONVERSIONS: Mapping[str, Shape] = {
    "boolean": values.to_boolean,
    "date": values.to_date,
    "date-time": values.to_date_time,
    "integer": values.to_integer,
    "number": values.to_number,
    "string": values.to_string,
}


def compile_transform(  # noqa: PLR0913  each hook is one of its own
    schema: Schema,
    *,
    stream: str = "row",
    on_unknown: Report | None = None,
    on_type_mismatch: Report | None = None,
    prepare: Prepare | None = None,
    zero_is_null: Collection[Path] = (),
) -> Callable[[Row], Row]:
    """Compile a stream's schema into the function that shapes its rows.

    Args:
        schema: JSON Schema of a row: an object whose properties have one concrete type each, with
            `"null"` beside it where null is allowed.
        stream: The stream's name, for errors.
        on_unknown: Called with the path (`items[].foo`) of a field that was dropped because the
            schema does not know it, once a path in the life of the shaper.
        on_type_mismatch: Called with the path of every value that became null because it did not fit.
        prepare: Called once with the schema and the path (`addresses[]`, "" for the row) of each
            object that has fields. What it returns is called with every such object before the
            fields are shaped, and may change and add some: what two fields of a row share is
            decided there. None leaves the objects alone.
        zero_is_null: The names that lead to ids of which Magento writes 0 for none, through objects and arrays alike.

    Returns:
        A function that shapes a decoded row (numbers as int and Decimal) in place and returns it.
        It raises `TransformError` for a row without a property that may not be null.
    """
    seen: set[str] = set()

    def report_unknown(path: str) -> None:
        if path not in seen:
            seen.add(path)
            if on_unknown:
                on_unknown(path)

    unparsed: dict[str, Any] = {}

    def report_type_mismatch(path: str, value: Any) -> None:
        # Of an array's items there may be several.
        kept = values.to_string(value)
        unparsed[path] = [*unparsed.get(path, ()), kept] if "[]" in path else kept
        if on_type_mismatch:
            on_type_mismatch(path)

    hooks = _Hooks(report_unknown, report_type_mismatch, prepare or (lambda _schema, _path: None), zero_is_null)
    shape_object = _object(schema, "", hooks)
    keeps_unparsed = UNPARSED_ROW in (schema.get("properties") or {})

    def shape(row: Row) -> Row:
        unparsed.clear()
        try:
            shaped: Row | None = shape_object(row)
        except _MissingError as error:
            raise TransformError(f"{stream}: a row without a usable {error}") from None
        if shaped is None:
            raise TransformError(f"{stream}: a row is not a JSON object")
        if keeps_unparsed and unparsed:
            shaped[UNPARSED_ROW] = {path: values.to_string(value) for path, value in unparsed.items()}
        return shaped

    return shape


def _property(schema: Schema, path: str, hooks: _Hooks) -> Shape:
    kind = kind_of(schema)
    if kind == "object":
        return _object(schema, path, hooks)
    if kind == "array":
        return _array(schema, path, hooks)
    if not kind:
        return _as_it_is
    if names_of(path) in hooks.zero_is_null:
        return _scalar(_zero_is_null(CONVERSIONS[kind]), path, hooks)
    return _scalar(CONVERSIONS[kind], path, hooks)


def _scalar(convert: Shape, path: str, hooks: _Hooks) -> Shape:
    def shape(value: Any) -> Any:
        try:
            return convert(value)
        except ValueError:
            hooks.type_mismatch(path, value)
            return None

    return shape


def names_of(path: str) -> Path:
    """Give the names that lead to a field, through objects and arrays alike, of its path."""
    return tuple(path.replace("[]", "").split("."))


def _zero_is_null(convert: Shape) -> Shape:
    def shape(value: Any) -> Any:
        converted = convert(value)
        return None if converted == 0 else converted

    return shape


def _as_it_is(value: Any) -> Any:
    return value


def _array(schema: Schema, path: str, hooks: _Hooks) -> Shape:
    shape_item = _property(schema.get("items") or {}, f"{path}[]", hooks)

    def shape(value: Any) -> list[Any] | None:
        items = value if type(value) is list else listed(value)
        if items is None:
            if not values.is_empty(value):
                hooks.type_mismatch(path, value)
            return None
        for index, item in enumerate(items):
            if item is not None:
                items[index] = shape_item(item)
        return items

    return shape


def listed(value: object) -> list[Any] | None:
    """Make a list of PHP's list with gaps, an object whose names are numbers; None of anything else."""
    if isinstance(value, dict) and all(name.isascii() and name.isdigit() for name in value):
        return list(value.values())
    return None


def _object(schema: Schema, path: str, hooks: _Hooks) -> Shape:
    prefix = f"{path}." if path else ""
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    prepare = hooks.prepare(schema, path) if properties else None
    others = others_of(schema)
    shape_unknown = None if others is None else _property(others, f"{prefix}*", hooks)
    walk = _walk(properties, prefix, hooks)
    required = [name for name, item in properties.items() if not is_nullable(item)]

    def shape(row: Any) -> Row | None:
        if type(row) is not dict:
            if not values.is_empty(row):
                hooks.type_mismatch(path, row)
            return None
        if prepare:
            prepare(row)
        for name in walk(row):
            if shape_unknown is None:
                del row[name]
                hooks.unknown(prefix + name)
            elif row[name] is not None:
                row[name] = shape_unknown(row[name])
        for name in required:
            if row.get(name) is None:
                raise _MissingError(prefix + name)
        return row

    return shape


def _walk(properties: Mapping[str, Schema], prefix: str, hooks: _Hooks) -> Callable[[Row], list[str]]:
    """Compile the hottest loop of the tap, some 500 values an order.

    Most values are right already and cost a look at their type and one into a set of names; only
    values are replaced, so the dict may be walked meanwhile.

    Returns:
        A function that shapes the known fields of an object and returns the unknown ones' names.
    """
    shapers = {name: _property(item, prefix + name, hooks) for name, item in properties.items()}
    kinds = {name: kind_of(item) for name, item in properties.items()}
    texts = {name for name, kind in kinds.items() if kind == "string"}
    numbers = {name for name, kind in kinds.items() if kind == "number"}
    never_zero = {name for name in kinds if names_of(prefix + name) in hooks.zero_is_null}
    integers = ({name for name, kind in kinds.items() if kind == "integer"} | numbers) - never_zero

    def walk(row: Row) -> list[str]:
        unknown = []
        for name, item in row.items():
            kind = type(item)
            if kind is int:
                if name in integers:
                    continue
            elif kind is str:
                if name in texts:
                    continue
            elif kind is Decimal and name in numbers:
                continue
            shape = shapers.get(name)
            if shape is None:
                unknown.append(name)
            elif item is not None:
                row[name] = shape(item)
        return unknown

    return walk
