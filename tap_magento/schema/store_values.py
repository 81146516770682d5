"""What differs between store views: of an entity's schema the values of narrower scope alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tap_magento.schema.attributes import LABELS, UNPARSED, VALUES, Attribute

#: The field that names the store view of a row.
STORE_CODE = "store_code"
# What is in every row: what tells the rows apart and when they changed.
_ALWAYS = ("id", "sku", "updated_at")
# Where the attributes are not known: the fields of narrower scope in 2.4.7.
_USUAL = frozenset({"name", "price", "status", "visibility", "is_active", "include_in_menu", "available_sort_by"})


def narrowed(schema: Mapping[str, Any], attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Leave out what cannot differ between store views.

    Args:
        schema: JSON Schema of the entity's rows as they leave.
        attributes: The entity's attributes; none if they are not known.

    Returns:
        JSON Schema of the rows of one store view.
    """
    codes = frozenset(each.code for each in attributes if each.scope != "global") if attributes else _USUAL
    properties = {
        name: _with_codes(node, codes) if name in (VALUES, LABELS) else node
        for name, node in schema["properties"].items()
        if name in {*_ALWAYS, VALUES, UNPARSED, LABELS, *codes}
    }
    return {**schema, "properties": {STORE_CODE: {"type": ["string"]}, **properties}}


def _with_codes(node: Mapping[str, Any], codes: frozenset[str]) -> dict[str, Any]:
    if "properties" not in node:
        return dict(node)
    return {**node, "properties": {code: each for code, each in node["properties"].items() if code in codes}}
