"""The `fields=` parameter: Magento's filter over an answer that is already made (docs/MAGENTO.md, Fields parameter)."""

from __future__ import annotations

import re
from typing import Any

from sample_store import errors

Fields = dict[str, Any]
_ALLOWED = re.compile(r"[\w\[\],]+", re.ASCII)


def parse_fields(text: str) -> Fields | None:
    """Read `items[a,b[c]],total_count` into `{"items": {"a": 1, "b": {"c": 1}}, "total_count": 1}`.

    Args:
        text: The parameter's value.

    Returns:
        The fields as a tree, None when the text is malformed.
    """
    if not _ALLOWED.fullmatch(text):
        return None
    current: Fields = {}
    open_trees: list[tuple[Fields, str]] = []
    name = ""
    for part in re.findall(r"\w+|[\[\],]", text):
        if part == "[":
            open_trees.append((current, name))
            current = {}
        elif part == "]":
            if not open_trees:
                return None
            parent, owner = open_trees.pop()
            parent[owner] = current
            current = parent
        elif part != ",":
            name = part
            current[name] = 1
    return None if open_trees else current


def project(answer: object, text: str) -> object:
    """Keep only the asked fields of an answer.

    An empty list whose fields are asked for becomes null, a record with none of the fields `[]`.

    Args:
        answer: The whole answer.
        text: The parameter's value.

    Returns:
        What is left; `[]` for a malformed parameter or when nothing matches.

    Raises:
        ApiError: 500 as plain text when fields of something are asked that has none.
    """
    fields = parse_fields(text)
    return [] if fields is None else _apply(answer, fields)


def _apply(value: object, fields: Fields) -> object:
    if isinstance(value, dict) and value:
        return _intersect(value, fields)
    if not value:
        return None
    if not isinstance(value, list):
        raise errors.crashed()
    return [_intersect(item, fields) for item in value]


def _intersect(record: object, fields: Fields) -> Fields:
    if record == []:
        return {}
    if not isinstance(record, dict):
        raise errors.crashed()
    return {
        key: _apply(value, fields[key]) if isinstance(value, (dict, list)) and isinstance(fields[key], dict) else value
        for key, value in record.items()
        if key in fields
    }
