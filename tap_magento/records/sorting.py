"""Arrays that the shop sends in another order from request to request, in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


def sorting(transform: Callable[[Row], Row], arrays: Mapping[str, str]) -> Callable[[Row], Row]:
    """Sort arrays of transformed rows.

    Args:
        transform: Transforms a row.
        arrays: Paths of arrays, ``options[].values``, to the field of their objects to sort by.

    Returns:
        A function that transforms a row and sorts its arrays in place.
    """
    paths = [(path.replace("[]", "").split("."), by) for path, by in arrays.items()]

    def transform_and_sort(row: Row) -> Row:
        transformed = transform(row)
        for names, by in paths:
            for array in _arrays_at(transformed, names):
                array.sort(key=lambda item: (item is None or item.get(by) is None, item and item.get(by)))
        return transformed

    return transform_and_sort


def _arrays_at(node: Any, names: Sequence[str]) -> Iterator[list[Any]]:
    if isinstance(node, list) and names:
        for item in node:
            yield from _arrays_at(item, names)
    elif isinstance(node, list):
        yield node
    elif isinstance(node, dict) and names:
        yield from _arrays_at(node.get(names[0]), names[1:])
