"""The custom attributes of a row as rows of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from tap_magento.records.custom_attributes import code_of
from tap_magento.records.values import to_string
from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES


def attribute_values(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the values of a row's attributes, one at a time.

    Args:
        row: A transformed row; its attributes are an object of typed values, or Magento's list.

    Yields:
        For each value its `attribute_code`, its `position` among the attribute's values, the `value` as text, and the
        `label` of an option's id, as far as the row has labels. Values that did not fit their type are among them.
    """
    labels = row.get(LABELS) or {}
    for code, value in _pairs(row):
        listed = value if isinstance(value, list) else [value]
        label = labels.get(code)
        shown = label if isinstance(label, list) else [label]
        for position, (each, name) in enumerate(zip_longest(listed, shown[: len(listed)])):
            if each is not None:
                yield {"attribute_code": code, "position": position, "value": to_string(each), "label": name}


def _pairs(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    values = row.get(VALUES) or {}
    if isinstance(values, list):
        yield from ((code, entry.get("value")) for entry in values if (code := code_of(entry)) is not None)
        return
    unparsed = row.get(UNPARSED) or {}
    yield from ((code, value) for code, value in values.items() if code not in unparsed)
    yield from unparsed.items()
