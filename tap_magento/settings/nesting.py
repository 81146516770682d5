"""How deep JSON is nested: what is deeper than anything of use exhausts Python's stack somewhere."""

from __future__ import annotations

from collections.abc import Mapping


def is_deeper(value: object, levels: int) -> bool:
    """Tell whether a value of JSON is nested deeper than a limit.

    Args:
        value: The value.
        levels: The limit: how many lists and objects within each other are fine.

    Returns:
        Whether it is.
    """
    if not isinstance(value, (Mapping, list)):
        return False
    within = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(is_deeper(each, levels - 1) for each in within)
