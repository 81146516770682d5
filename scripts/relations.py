"""How the tables relate: which column of a table names a row of which other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

_FILE = Path(__file__).with_name("relations.yaml")


@cache
def relations() -> Mapping[str, Mapping[str, str]]:
    """Read the relations.

    Returns:
        Table to its columns that name rows of others, each to ``table.column``.
    """
    found: dict[str, dict[str, str]] = YAML(typ="safe").load(_FILE)
    return found


def edges_from(table: str) -> Iterator[tuple[str, str, str]]:
    """Give the relations of a table.

    Args:
        table: Its name.

    Yields:
        A column, the table whose rows it names, and that table's column.
    """
    for column, reference in relations().get(table, {}).items():
        parent, _, key = reference.partition(".")
        yield column, parent, key
