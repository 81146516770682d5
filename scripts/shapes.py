"""Chooses the few rows of many that show all their shapes, with what is odd (docs/MAGENTO.md, Values and types)."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

Row = dict[str, Any]
Shape = set[Hashable]
ODD = ("zero date", "JSON", "signs", "control")


def shape(value: Any, path: str = "") -> Shape:
    """Tell the fields and types below a value, and what is odd in its texts.

    Args:
        value: A decoded JSON value.
        path: Where it is.

    Returns:
        What a row has in common with another of the same shape.
    """
    return set(_shape(value, path))


def _shape(value: Any, path: str) -> Iterator[Hashable]:
    yield path, type(value).__name__, value in ([], {}, "")
    if isinstance(value, dict):
        for name, inner in value.items():
            # Attributes are told apart by their codes: that one is there is part of the shape.
            yield from _shape(inner, f"{path}.{value.get('attribute_code', '')}{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _shape(inner, f"{path}[]")
    elif isinstance(value, str):
        json_text = value.startswith(("{", "[")) and value != "[]"
        found = (value.startswith("0000-00-00"), json_text, not value.isascii(), not value.isprintable())
        yield from ((path, name) for name, is_odd in zip(ODD, found, strict=True) if is_odd)


def pick(rows: Sequence[Row], most: int, shape_of: Callable[[Row], Shape] = shape) -> list[Row]:
    """Choose the rows that show the most shapes.

    Args:
        rows: The rows to choose from.
        most: How many to choose at most; rows that show nothing new are not chosen.
        shape_of: What a row shows.

    Returns:
        The chosen rows in their order.
    """
    shapes = [shape_of(row) for row in rows]
    sizes = [len(json.dumps(row)) for row in rows]
    chosen: list[int] = []
    seen: Shape = set()
    while len(chosen) < most:
        best = max(range(len(rows)), key=lambda at: _worth(shapes[at] - seen) / sizes[at] ** 0.5, default=None)
        if best is None or not shapes[best] - seen:
            break
        chosen.append(best)
        seen |= shapes[best]
    return [rows[at] for at in sorted(chosen)]


def _worth(new: Shape) -> int:
    """Weigh what a row would show: what is odd in a text is rarer than a field."""
    return sum(10 if isinstance(each, tuple) and each[-1] in ODD else 1 for each in new)


def cut(value: Any, longest: int = 2) -> Any:
    """Shorten the lists below a value, but for those of attributes by code.

    Args:
        value: A decoded JSON value.
        longest: How many entries a list keeps.

    Returns:
        The value with shorter lists.
    """
    if isinstance(value, dict):
        return {name: inner if name == "custom_attributes" else cut(inner, longest) for name, inner in value.items()}
    if isinstance(value, list):
        return [cut(inner, longest) for inner in value[:longest]]
    return value
