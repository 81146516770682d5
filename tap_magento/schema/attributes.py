"""What the shop says of its EAV attributes, and the JSON Schema that follows from it.

`/V1/products/attributes` and `/V1/categories/attributes` tell a type twice: `frontend_input` is what
a person sees, `backend_type` the table the values are in. `/V1/attributeMetadata/customer` and
`.../customerAddress` tell the same in fewer words. Values themselves come as text, whatever the type
(docs/MAGENTO.md, Attributes); `tap_magento.records.custom_attributes` makes them what is said here.

How a type is found:

1. What a person sees decides where it can: a price or weight is a number, a date a day, a date-time
   a moment, a yes or no a boolean, a multiselect a list of its options' ids.
2. A select has its id's type, by the table: `int` a whole number, `decimal` a number, `varchar` or
   `text` a text, today's options being all numbers or not: tomorrow's may not be.
3. Everything else is by the table: `decimal`, `int`, `datetime`, and text.
4. `static` attributes are columns of the entity's own table, of a type that nobody tells: those of
   Magento's own that are no text are listed here. A select among them has the type of its options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from tap_magento.schema.annotations import annotations_of
from tap_magento.schema.nodes import Schema

_Word = TypeVar("_Word", bound=str)

Row = Mapping[str, Any]
Scope = Literal["global", "website", "store"]
Type = Literal["array of integers", "array of strings", "boolean", "date", "date-time", "integer", "number", "string"]

#: The field of a row that holds them, and its two companions.
VALUES = "custom_attributes"
UNPARSED = "custom_attributes_unparsed"
LABELS = "custom_attribute_labels"

_SCOPES: Mapping[str, Scope] = {"global": "global", "website": "website", "store": "store"}
_BY_INPUT: Mapping[str, Type] = {
    "boolean": "boolean",
    "date": "date",
    "datetime": "date-time",
    "multiselect": "array of strings",
    "price": "number",
    "weight": "number",
}
_BY_TABLE: Mapping[str, Type] = {"datetime": "date-time", "decimal": "number", "int": "integer"}
# Columns of the products', customers' and addresses' own tables, from the db_schema.xml of Magento's
# modules (its smallint flags hold 0 and 1), and those of categories as the recorded rows have them.
_COLUMNS: Mapping[str, Type] = {
    "category_ids": "array of integers",  # no column; ["3", "4"], which is no text either
    "children_count": "integer",
    "created_at": "date-time",
    "disable_auto_group_change": "boolean",
    "failures_num": "integer",
    "first_failure": "date-time",
    "has_options": "boolean",
    "level": "integer",
    "lock_expires": "date-time",
    "position": "integer",
    "region_id": "integer",
    "required_options": "boolean",
    "rp_token_created_at": "date-time",
    "updated_at": "date-time",
    "vat_is_valid": "integer",
    "vat_request_success": "integer",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """An EAV attribute.

    Attributes:
        code: Its name, `color`.
        type: What its values are; the ids of options for a select or multiselect.
        scope: Whose values may differ: nobody's, the websites' or the store views'. Customers'
            attributes are global: `attributeMetadata` tells of no scope.
        has_labels: Whether its values are ids of options, with labels: a select or a multiselect.
        options: Option id to label, without the empty option, in the shop's order.
    """

    code: str
    type: Type
    scope: Scope = "global"
    has_labels: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False, repr=False)


def attribute_from(row: Row) -> Attribute:
    """Read a row of `/V1/products/attributes`, `/V1/categories/attributes` or `/V1/attributeMetadata/...`.

    Args:
        row: The row, at least its `attribute_code`; nothing of it is kept but texts.

    Returns:
        The attribute. What cannot be told leaves it a text, global and without options.

    Raises:
        ValueError: The row has no `attribute_code`.
    """
    code = row.get("attribute_code")
    if not isinstance(code, str) or not code:
        raise ValueError("an attribute without attribute_code")
    shown, table = row.get("frontend_input"), row.get("backend_type")
    options = dict(_options(row.get("options")))
    return Attribute(
        code=code,
        type=_type(code, shown, table, options),
        scope=_told(row.get("scope"), _SCOPES) or "global",
        has_labels=shown in ("select", "multiselect"),
        options=MappingProxyType(options),
    )


def _type(code: str, shown: object, table: object, options: Mapping[str, str]) -> Type:
    is_column = table in ("static", None)
    if is_column and code in _COLUMNS:
        return _COLUMNS[code]
    if is_column and shown == "select":
        return "integer" if options and all(map(_is_id, options)) else "string"
    return _told(shown, _BY_INPUT) or _told(table, _BY_TABLE) or "string"


def _told(word: object, meanings: Mapping[str, _Word]) -> _Word | None:
    return meanings.get(word) if isinstance(word, str) else None


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _options(rows: object) -> Iterator[tuple[str, str]]:
    """Walk options, grouped ones too (a customer's `store_id`: website, group, store view)."""
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, Mapping):
            continue
        value, label = row.get("value"), row.get("label")
        if isinstance(value, (str, int)) and value != "":
            # Labels of groups are indented with no-break spaces, which `strip` takes too.
            yield str(value), str(label if label is not None else value).strip()
        yield from _options(row.get("options"))


def custom_attributes_schema(attributes: Iterable[Attribute]) -> Schema:
    """Say what `custom_attributes` holds as an object, `{code: typed value}`.

    Args:
        attributes: The shop's attributes in any order; of several with one code the last counts.

    Returns:
        A JSON Schema with the properties in the order of their codes, all nullable. Without any
        attribute, as in the bundled schemas, an object of any codes whose values are texts.
    """
    return _object({attribute.code: _value_schema(attribute.type) for attribute in attributes})


def labels_schema(attributes: Iterable[Attribute]) -> Schema:
    """Say what `custom_attribute_labels` holds: a label a select, a list of labels a multiselect.

    Args:
        attributes: As for `custom_attributes_schema`; only those with options' ids for values count.

    Returns:
        A JSON Schema like that of `custom_attributes_schema`.
    """
    return _object(
        {
            attribute.code: _value_schema("array of strings" if attribute.type.startswith("array") else "string")
            for attribute in attributes
            if attribute.has_labels
        }
    )


def with_attributes(
    schema: Schema, attributes: Iterable[Attribute], *, labels: bool = False, below: tuple[str, ...] = ()
) -> Schema:
    """Say of an entity's rows that their custom attributes are objects of typed values.

    Args:
        schema: The entity's schema; it stays as it is.
        attributes: The entity's attributes; none where they are not known.
        labels: Whether the rows carry `custom_attribute_labels`.
        below: The field whose objects carry the attributes, `("addresses",)`; the row itself if empty.

    Returns:
        A schema whose `custom_attributes` are an object, followed by `custom_attributes_unparsed` and,
        if asked for, `custom_attribute_labels`. Where there are no `custom_attributes`, none are added.
    """
    if "items" in schema:
        return {**schema, "items": with_attributes(schema["items"], attributes, labels=labels, below=below)}
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    if below:
        name, *rest = below
        if name not in properties:
            return schema
        inner = with_attributes(properties[name], attributes, labels=labels, below=tuple(rest))
        return {**schema, "properties": {**properties, name: inner}}
    known = tuple(attributes)
    fields: dict[str, Schema] = {}
    for name, node in properties.items():
        fields[name] = node
        if name == VALUES:
            notes = annotations_of(node)
            fields[VALUES] = {**custom_attributes_schema(known), **notes}
            fields[UNPARSED] = {**_object({}), **notes}
            if labels:
                fields[LABELS] = {**labels_schema(known), **notes}
    return {**schema, "properties": fields}


def as_listed(schema: Schema, raw: Schema, *, below: tuple[str, ...] = ()) -> Schema:
    """Say of an entity's rows that their custom attributes are Magento's list: the reverse of `with_attributes`.

    Args:
        schema: A part of what `with_attributes` made; it stays as it is.
        raw: The entity's schema as its rows come.
        below: The field whose objects carry the attributes; the row itself if empty.

    Returns:
        A schema with the whole list where the part has any of what is made of it.
    """
    if "items" in schema:
        return {**schema, "items": as_listed(schema["items"], raw.get("items", {}), below=below)}
    properties: Mapping[str, Schema] = schema.get("properties") or {}
    had: Mapping[str, Schema] = raw.get("properties") or {}
    if below:
        name, *rest = below
        if name not in properties:
            return schema
        inner = as_listed(properties[name], had.get(name, {}), below=tuple(rest))
        return {**schema, "properties": {**properties, name: inner}}
    made = (VALUES, UNPARSED, LABELS)
    listed = {VALUES: had[VALUES]} if VALUES in had and any(properties.get(name) for name in made) else {}
    return {**schema, "properties": {**{name: properties[name] for name in properties if name not in made}, **listed}}


def without_columns(attributes: Iterable[Attribute], schema: Schema) -> tuple[Attribute, ...]:
    """Leave out the attributes that an entity's rows have as fields of their own.

    The lists of attributes name an entity's columns too, and a few come twice: a category's `path` is a field and
    a custom attribute of the same value.

    Args:
        attributes: The entity's attributes.
        schema: JSON Schema of the entity's rows.

    Returns:
        Those that `custom_attributes` alone holds, in their order.
    """
    columns = schema.get("properties", {})
    return tuple(attribute for attribute in attributes if attribute.code not in columns)


def _object(properties: Mapping[str, Schema]) -> Schema:
    if not properties:
        return {"type": ["object", "null"], "additionalProperties": _value_schema("string")}
    return {"type": ["object", "null"], "properties": dict(sorted(properties.items()))}


def _value_schema(type_: Type) -> Schema:
    if type_ in ("date", "date-time"):
        return {"type": ["string", "null"], "format": type_}
    if type_ == "array of integers":
        return {"type": ["array", "null"], "items": _value_schema("integer")}
    if type_ == "array of strings":
        return {"type": ["array", "null"], "items": _value_schema("string")}
    return {"type": [type_, "null"]}
