"""Whether a table holds what the shop holds, compared field by field, without the tap's own code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, Any]
Key = tuple[Any, ...]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d)?")
# Fields that name another row, and are null in the table where the shop says 0 for none.
_REFERENCES = {"orig_order_id", "parent_id", "parent_item_id", "region_id", "root_category_id", "tax_region_id"}
# Of these types, equal values mean the same.
_PLAIN = (str, int, type(None))
# The table's field for values that are not of their attribute's type; the shop has but one list of them all.
_ATTRIBUTES, _UNPARSED = "custom_attributes", "custom_attributes_unparsed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a table stands beside the shop's list.

    Attributes:
        equal: Keys of the rows that are equal in every field.
        wrong: Key to the fields that differ.
        unseen: Keys of rows that Magento changed without moving their `updated_at`, and which the table holds as they
            were before.
        deleted: Keys of rows that are in the table and no longer in the shop.
        doubled: How many rows too many the table has for its keys.
    """

    equal: frozenset[Key]
    wrong: Mapping[Key, Sequence[str]]
    unseen: frozenset[Key]
    deleted: frozenset[Key]
    doubled: int

    @property
    def is_right(self) -> bool:
        """Whether the table is all that `updated_at` lets anyone know."""
        return not self.wrong and not self.doubled


def compare(table: Sequence[Row], shop: Sequence[Row], keys: Sequence[str], before: Sequence[Row] = ()) -> Comparison:
    """Compare a table with the shop's list.

    Args:
        table: The table's rows.
        shop: The shop's rows, as its API answers them.
        keys: Names of the key fields.
        before: The shop's rows at an earlier run, to tell what it has since changed or deleted in silence.

    Returns:
        What was found.
    """
    loaded, earlier, now = _by_key(table, keys), _by_key(before, keys), _by_key(shop, keys)
    equal, unseen, wrong = set(), set(), {}
    for key, row in now.items():
        found, then = loaded.get(key), earlier.get(key)
        fields = different(found, row) if found else ["(the whole row)"]
        if not fields:
            equal.add(key)
        elif found and then and then.get("updated_at") == row.get("updated_at") and not different(found, then):
            unseen.add(key)
        else:
            wrong[key] = fields
    return Comparison(
        equal=frozenset(equal),
        wrong=wrong,
        unseen=frozenset(unseen),
        deleted=frozenset(loaded.keys() - now.keys()),
        doubled=len(table) - len(loaded),
    )


def key_of(row: Row, keys: Sequence[str]) -> Key:
    """Give a row's key.

    Args:
        row: The row.
        keys: Names of the key fields.

    Returns:
        Their values, numbers also where the shop writes texts for them.
    """
    values = (row[key] for key in keys)
    return tuple(int(value) if isinstance(value, str) and value.isdecimal() else value for value in values)


def _by_key(rows: Sequence[Row], keys: Sequence[str]) -> dict[Key, Row]:
    return {key_of(row, keys): row for row in rows}


def different(loaded: Row, raw: Row) -> list[str]:
    """Find the fields in which a row of a table is not what the shop answered.

    Args:
        loaded: The table's row; the loader's own columns (`_sdc_...`) do not count.
        raw: The shop's.

    Returns:
        Names of the fields.
    """
    own = {name: value for name, value in loaded.items() if not name.startswith("_sdc_") and name != _UNPARSED}
    if loaded.get(_UNPARSED):
        own[_ATTRIBUTES] = {**own[_ATTRIBUTES], **loaded[_UNPARSED]}
    if isinstance(own.get(_ATTRIBUTES), dict):
        raw = {**raw, _ATTRIBUTES: [each for each in raw.get(_ATTRIBUTES) or () if not _is_field(each, raw)]}
    return sorted(name for name in own.keys() | raw.keys() if not _same_field(name, own, raw))


def _is_field(entry: Row, raw: Row) -> bool:
    """Tell whether an attribute is a field of the row too, as a category's `path`: the table has it once."""
    code = entry["attribute_code"]
    return code in raw and same(raw[code], entry.get("value"))


def same(loaded: Any, raw: Any) -> bool:
    """Tell whether a value means what the shop answered: times in UTC, amounts as numbers, PHP's nothing as null.

    Magento's list of attribute codes and values means an object, a text of ids with commas a list.

    Args:
        loaded: The value in the table.
        raw: The value that the shop answered; None if it left it out.

    Returns:
        Whether both mean the same.
    """
    return (type(loaded) is type(raw) and loaded == raw) or _means_the_same(loaded, raw)


def _means_the_same(loaded: Any, raw: Any) -> bool:
    if loaded is None:
        return raw in (None, "", [], {}) or str(raw).startswith("0000-00-00")
    if isinstance(loaded, dict):
        given = raw if isinstance(raw, dict) else _values(raw)
        return all(_same_field(name, loaded, given) for name in loaded.keys() | given.keys())
    if isinstance(loaded, list):
        items = raw.split(",") if isinstance(raw, str) and raw else raw
        return isinstance(items, list) and len(loaded) == len(items) and all(map(same, loaded, _ordered(items)))
    if isinstance(loaded, str):
        return _same_text(loaded, raw)
    try:
        return Decimal(str(loaded + 0)) == Decimal(str(raw + 0 if isinstance(raw, bool) else raw))
    except InvalidOperation:
        return False


def _ordered(items: list[Any]) -> list[Any]:
    """Order the values of a configurable product's option, which come in another order in each response."""
    if all(isinstance(item, dict) and isinstance(item.get("value_index"), int) for item in items):
        return sorted(items, key=lambda item: item["value_index"])
    return items


def _same_field(name: str, loaded: Row, raw: Row) -> bool:
    mine, theirs = loaded.get(name), raw.get(name)
    if isinstance(mine, _PLAIN) and mine == theirs:  # as most are
        return True
    return (mine is None and theirs == 0 and name in _REFERENCES) or same(mine, theirs)


def _values(raw: Any) -> dict[str, Any]:
    entries = raw if isinstance(raw, list) else []
    is_of_attributes = all(isinstance(entry, dict) and "attribute_code" in entry for entry in entries)
    return {entry["attribute_code"]: entry.get("value") for entry in entries} if is_of_attributes else {}


def _same_text(loaded: str, raw: Any) -> bool:
    if not isinstance(raw, str):
        return loaded == str(raw) or loaded == json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
    if loaded == raw.replace("\0", ""):
        return True
    moment = _MOMENT.match(loaded)
    return moment is not None and raw.startswith(moment[0].replace("T", " "))
