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

from collections.abc import Callable, Collection, Mapping, Sequence
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
            shaped: Any = shape_object(row)
        except _MissingError as error:
            raise TransformError(f"{stream}: a row without a usable {error}") from None
        if shaped is None or shaped is _MISMATCH:
            raise TransformError(f"{stream}: a row is not a JSON object")
        if keeps_unparsed and unparsed:
            shaped[UNPARSED_ROW] = {path: values.to_string(value) for path, value in unparsed.items()}
        transformed: Row = shaped
        return transformed

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
            return _MISMATCH

    return shape


# Stands for a value that does not fit its type: a column of the row becomes null; a field inside an object is left out,
# as an object need not have all its fields.
_MISMATCH = object()


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
    item_schema = schema.get("items") or {}
    shape_item = _property(item_schema, f"{path}[]", hooks)
    takes_scalars = kind_of(item_schema) in CONVERSIONS

    def shape(value: Any) -> Any:
        items = value if type(value) is list else listed(value)
        if items is None and values.is_empty(value):
            return None
        if items is None and takes_scalars and not isinstance(value, dict):
            items = [value]  # PHP code that returns one value where it promised a list
        if items is None:
            hooks.type_mismatch(path, value)
            return _MISMATCH
        for index, item in enumerate(items):
            if item is not None:
                shaped = shape_item(item)
                items[index] = None if shaped is _MISMATCH else shaped
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
    leave_out = _remove if path else _make_null

    def shape(row: Any) -> Any:
        if type(row) is not dict:
            if values.is_empty(row):
                return None
            hooks.type_mismatch(path, row)
            return _MISMATCH
        if prepare:
            prepare(row)
        for name in walk(row):
            if row[name] is _MISMATCH:
                leave_out(row, name)
            elif shape_unknown is None:
                del row[name]
                hooks.unknown(prefix + name)
            elif row[name] is not None:
                shaped = shape_unknown(row[name])
                row[name] = None if shaped is _MISMATCH else shaped
        _check_required(row, required, prefix)
        return row

    return shape


def _check_required(row: Row, names: Sequence[str], prefix: str) -> None:
    for name in names:
        if row.get(name) is None:
            raise _MissingError(prefix + name)


def _remove(row: Row, name: str) -> None:
    del row[name]


def _make_null(row: Row, name: str) -> None:
    row[name] = None


def _walk(  # noqa: C901  one loop, for speed
    properties: Mapping[str, Schema], prefix: str, hooks: _Hooks
) -> Callable[[Row], list[str]]:
    """Compile the hottest loop of the tap, some 500 values an order.

    Most values are right already and cost a look at their type and one into a set of names; only
    values are replaced, so the dict may be walked meanwhile.

    Returns:
        A function that shapes the known fields of an object, and returns the names of the unknown ones and of those
        that became `_MISMATCH`.
    """
    shapers = {name: _property(item, prefix + name, hooks) for name, item in properties.items()}
    kinds = {name: kind_of(item) for name, item in properties.items()}
    texts = {name for name, kind in kinds.items() if kind == "string"}
    numbers = {name for name, kind in kinds.items() if kind == "number"}
    never_zero = {name for name in kinds if names_of(prefix + name) in hooks.zero_is_null}
    integers = ({name for name, kind in kinds.items() if kind == "integer"} | numbers) - never_zero

    def walk(row: Row) -> list[str]:
        odd = []
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
                odd.append(name)
            elif item is not None:
                shaped = row[name] = shape(item)
                if shaped is _MISMATCH:
                    odd.append(name)
        return odd

    return walk
