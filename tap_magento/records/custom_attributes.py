"""Magento's list of attribute codes and values, made the object that the schema says.

A shop sends `[{"attribute_code": "color", "value": "49"}, ...]`: every value a text, but for lists
like `category_ids` (docs/MAGENTO.md, Attributes). A schema made by `tap_magento.schema.attributes.with_attributes`
wants `{"color": 49, ...}`. The schema says all there is to know, so that a catalog written at discovery is
enough to read with. Where a schema keeps the list (`product_attributes`), the list is kept.

A value that does not fit becomes null, and its text is kept in `custom_attributes_unparsed`. So is a
day with a time of day that is not midnight: as a date it would lose the time without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap_magento.records import values
from tap_magento.records.transform import CONVERSIONS, Prepare, Report, Row, Shape, listed
from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES
from tap_magento.schema.nodes import Schema, kind_of

#: Attribute code to option id to label.
OptionLabels = Mapping[str, Mapping[str, str]]


def compile_custom_attributes(*, labels: OptionLabels | None = None, on_unparsed: Report | None = None) -> Prepare:
    """Prepare rows for shaping: turn each list of attributes into the object of its schema.

    Attributes that the schema does not know go into the object as they are: shaping drops and
    reports them as it does any unknown field.

    Args:
        labels: The labels for `custom_attribute_labels`, where the schema has such a field. An id
            without a label has null for one.
        on_unparsed: Called with the path (`addresses[].custom_attributes.color`) of every value that
            became null because it did not fit, and with `custom_attributes[]` for every entry that
            has no code.

    Returns:
        What `tap_magento.records.transform.compile_transform` takes as `prepare`. Rows that are prepared already,
        or shaped, stay as they are.
    """

    def prepare(schema: Schema, path: str) -> Callable[[Row], None] | None:
        properties: Mapping[str, Schema] = schema["properties"]
        if kind_of(properties.get(VALUES, {})) != "object":
            return None
        where = f"{path}.{VALUES}" if path else VALUES
        read = _reader(properties[VALUES], where, on_unparsed or (lambda _path: None))
        label = _labeller(properties[LABELS], labels or {}) if LABELS in properties else None
        keeps_unparsed = UNPARSED in properties

        def spread(row: Row) -> None:
            entries = _entries(row.get(VALUES))
            if entries is None:
                return
            found, unparsed = read(entries)
            row[VALUES] = found
            if keeps_unparsed:
                row[UNPARSED] = unparsed or None
            if label:
                row[LABELS] = label(found) or None

        return spread

    return prepare


def code_of(entry: object) -> str | None:
    """Give the code of an entry of Magento's list; None if it has none, or is no entry at all."""
    code = entry.get("attribute_code") if isinstance(entry, dict) else None
    return code if isinstance(code, str) else None


def _entries(value: object) -> list[Any] | None:
    """Tell the raw list, also PHP's list with gaps, from the object it becomes, which holds no objects."""
    if isinstance(value, dict) and value and all(isinstance(entry, dict) for entry in value.values()):
        return listed(value)
    return value if isinstance(value, list) else None


def _reader(
    schema: Schema, path: str, report: Report
) -> Callable[[list[Any]], tuple[dict[str, Any], dict[str, str | None]]]:
    """Compile the loop over the some thirty attributes of a product.

    Texts are left to shaping, which makes a text of anything.
    """
    kinds: Mapping[str, Schema] = schema.get("properties") or {}
    conversions = {code: _conversion(node) for code, node in kinds.items() if kind_of(node) != "string"}

    def read(entries: list[Any]) -> tuple[dict[str, Any], dict[str, str | None]]:
        found: dict[str, Any] = {}
        unparsed: dict[str, str | None] = {}
        for entry in entries:
            code = code_of(entry)
            if code is None:
                report(f"{path}[]")
                continue
            value = entry.get("value")
            convert = conversions.get(code)
            if convert and value is not None:
                try:
                    value = convert(value)
                except ValueError:
                    unparsed[code] = values.to_string(value)
                    value = None
                    report(f"{path}.{code}")
            found[code] = value
        return found, unparsed

    return read


def _labeller(schema: Schema, labels: OptionLabels) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    known = {code: labels[code] for code in schema.get("properties") or {} if code in labels}

    def label(found: Mapping[str, Any]) -> dict[str, Any]:
        return {
            code: _labels(known[code], value) for code, value in found.items() if code in known and value is not None
        }

    return label


def _labels(options: Mapping[str, str], value: Any) -> str | list[str | None] | None:
    return [options.get(str(id_)) for id_ in value] if isinstance(value, list) else options.get(str(value))


def _conversion(schema: Schema) -> Shape | None:
    kind = kind_of(schema)
    if kind == "array":
        return _ids(CONVERSIONS[kind_of(schema["items"])])
    return _to_day if kind == "date" else CONVERSIONS.get(kind)


def _to_day(value: object) -> str | None:
    day = values.to_date(value)
    if day and isinstance(value, str) and value.strip()[11:19] not in ("", "00:00:00"):
        raise ValueError("a moment, not a day")
    return day


def _ids(convert: Shape) -> Shape:
    """Make a list of ids: of "394,397", of a list, or of a single id; empty ids are none."""

    def split(value: Any) -> list[Any] | None:
        if isinstance(value, str):
            if values.is_empty(value):
                return None
            value = value.split(",")
        elif isinstance(value, dict):
            value = listed(value)
            if value is None:
                raise ValueError("an object")
        elif not isinstance(value, list):
            value = [value]
        return [convert(id_) for id_ in value if id_ is not None and id_ != ""]

    return split
