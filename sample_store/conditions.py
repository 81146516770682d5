"""Filters as SQL: the comparisons MySQL would make, written for SQLite.

MySQL compares a number with a text by the text's leading digits (`abc` is 0), a time with a text
by the date and time in it and ignores a zone behind it, and text without regard to case
(docs/MAGENTO.md, Search criteria; Timestamps). What is no date at all counts as the zero date, which sorts first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sample_store import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sample_store.criteria import Criteria, Filter
    from sample_store.entities import Entity

ZERO_DATE = "0000-00-00 00:00:00"
_OPERATORS = {
    "eq": "=",
    "neq": "<>",
    "gt": ">",
    "gteq": ">=",
    "from": ">=",
    "lt": "<",
    "lteq": "<=",
    "to": "<=",
}
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LINKS = {
    ("products", "category_id"): (
        "json_each({body}, '$.extension_attributes.category_links') a",
        "json_extract(a.value, '$.category_id')",
    ),
    ("products", "website_id"): ("json_each({body}, '$.extension_attributes.website_ids') a", "a.value"),
    ("product_attributes", "attribute_set_id"): ("attribute_sets a", "a.key"),
    ("tax_rules", "tax_calculation_rate_id"): ("json_each({body}, '$.tax_rate_ids') a", "a.value"),
    ("cms_pages", "store_id"): ("json_each('[0, 1, 2, 3, 4]') a", "a.value"),
    ("cms_blocks", "store_id"): ("json_each('[0, 1, 2, 3, 4]') a", "a.value"),
}
"""What rows are filtered by though it is in no table of theirs: the values that each has, and one of them.

Each product attribute is in each attribute set here, each page and block in each store view."""

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Where:
    """A condition in SQL and the values of its `?`."""

    sql: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A filterable column: its SQL expression and how MySQL would compare it."""

    sql: str
    kind: str
    """`number`, `text`, `time`, or `any` where only the value tells."""
    among: str = ""
    """SQL of the values (table `a`) of which any one has to match, where a row has many."""


def column(entity: Entity, name: str, body: str, attributes: frozenset[str]) -> Column | None:
    """Find a column by the name filters and sorts use.

    Args:
        entity: The list.
        name: Database column or attribute code.
        body: SQL expression of a row's JSON.
        attributes: Attribute codes that stand in `custom_attributes`.

    Returns:
        The column, None when there is none of that name.
    """
    field = dict(entity.aliases).get(name, name)
    if name == entity.key_column or (field != name and field == entity.key_field):
        return Column("key", "text" if entity.text_key else "number")
    if name in {entity.time_column, entity.created_column}:
        return Column("updated_at" if name == entity.time_column else "created_at", "time")
    if name in entity.columns or field != name:
        return Column(f"json_extract({body}, '$.{field}')", "any")
    if (entity.name, name) in _LINKS:
        among, value = _LINKS[entity.name, name]
        return Column(value, "any", among.format(body=body))
    if name not in attributes:
        return None
    return Column(
        f"(SELECT json_extract(a.value, '$.value') FROM json_each({body}, '$.custom_attributes') a"
        f" WHERE json_extract(a.value, '$.attribute_code') = '{name}')",
        "any",
    )


def where(criteria: Criteria, entity: Entity, body: str, attributes: frozenset[str]) -> Where:
    """Write all filter groups as one condition.

    Args:
        criteria: What is asked.
        entity: The list it is asked of.
        body: SQL expression of a row's JSON.
        attributes: Attribute codes that stand in `custom_attributes`.

    Returns:
        The condition, `1` when there are no filters.

    Raises:
        ApiError: For an unknown column: 400 on EAV entities, a masked 500 on flat ones.
    """
    groups: list[str] = []
    values: list[Value] = []
    for group in criteria.groups:
        if not group:
            continue
        parts = []
        for each in group:
            found = column(entity, each.field, body, attributes)
            if found is None:
                raise (errors.unknown_attribute(each.field) if entity.eav else errors.internal())
            part = _compare(found, each)
            parts.append(f"EXISTS (SELECT 1 FROM {found.among} WHERE {part.sql})" if found.among else part.sql)
            values.extend(part.values)
        groups.append(f"({' OR '.join(parts)})")
    return Where(" AND ".join(groups) or "1", tuple(values))


def as_time(value: str) -> str:
    """Read a text as MySQL reads it when it stands beside a timestamp.

    Args:
        value: What the request compares with.

    Returns:
        `YYYY-MM-DD HH:MM:SS`; the zero date for what is no date.
    """
    match = _DATE.match(value.strip())
    if match is None:
        return ZERO_DATE
    clock = match[2] or "00:00:00"
    return f"{match[1]} {clock}" if len(clock) == len("00:00:00") else f"{match[1]} {clock}:00"


def as_number(value: str) -> int | float:
    """Read a text as MySQL reads it beside a number: its leading digits, 0 without any."""
    match = _NUMBER.match(value)
    if match is None:
        return 0
    text = match[0].strip()
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else float(text)


def _compare(target: Column, each: Filter) -> Where:
    sql, value = target.sql, each.value
    if each.condition == "null":
        return Where(f"{sql} IS NULL", ())
    if each.condition == "notnull":
        return Where(f"{sql} IS NOT NULL", ())
    if each.condition in {"like", "nlike"}:
        negation = "NOT " if each.condition == "nlike" else ""
        return Where(f"CAST({sql} AS TEXT) {negation}LIKE ?", (value,))
    if each.condition == "finset":
        return Where(f"instr(',' || {_set(sql)} || ',', ',' || ? || ',') > 0", (value,))
    if each.condition in {"in", "nin"}:
        found = _among(target, value.split(","))
        return Where(f"NOT ({found.sql})", found.values) if each.condition == "nin" else found
    return _plain(target, _OPERATORS.get(each.condition, "="), value)


def _among(target: Column, values: Sequence[str]) -> Where:
    marks = ", ".join("?" * len(values))
    numbers, texts = f"{target.sql} IN ({marks})", f"{target.sql} COLLATE NOCASE IN ({marks})"
    if target.kind == "number":
        return Where(numbers, tuple(map(as_number, values)))
    if target.kind == "time":
        return Where(numbers, tuple(map(as_time, values)))
    if target.kind == "text":
        return Where(texts, tuple(values))
    either = f"CASE WHEN typeof({target.sql}) = 'text' THEN {texts} ELSE {numbers} END"
    return Where(either, (*values, *map(as_number, values)))


def _plain(target: Column, operator: str, value: str) -> Where:
    if target.kind == "number":
        return Where(f"{target.sql} {operator} ?", (as_number(value),))
    if target.kind == "time":
        return Where(f"{target.sql} {operator} ?", (as_time(value),))
    text = f"{target.sql} {operator} ? COLLATE NOCASE"
    if target.kind == "text":
        return Where(text, (value,))
    number = f"{target.sql} {operator} ?"
    return Where(
        f"CASE WHEN typeof({target.sql}) = 'text' THEN {text} ELSE {number} END",
        (value, as_number(value)),
    )


def _set(sql: str) -> str:
    """A multiselect is a text with commas; a list in JSON reads the same without its marks."""
    return f"""replace(replace(replace(CAST({sql} AS TEXT), '[', ''), ']', ''), '"', '')"""
