"""Whether the tables are the shop's lists, however long these are: compared in parts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from demo.postgres import Database
from demo.shops import truth, without_copies
from demo.truth import Row, compare
from sample_store import Shop
from sample_store.entities import BY_NAME, Entity
from sample_store.tables import Record

_ROW = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
# Decoded rows take ten times their bytes of memory.
_PART = 5_000

#: Rows as they were before they were changed, by list.
Before = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """How a table stands beside the shop's list.

    Attributes:
        name: Its name.
        in_shop: How many rows the shop has.
        equal: How many of these the table has, equal in every field.
        unseen: How many it has as they were before a change that no `updated_at` told of.
        surplus: How many it has that the shop does not, or has twice.
    """

    name: str
    in_shop: int
    equal: int
    unseen: int
    surplus: int

    @property
    def is_right(self) -> bool:
        """Whether it is all that the shop tells."""
        return self.equal + self.unseen == self.in_shop and not self.surplus

    def __str__(self) -> str:
        unseen = f", {self.unseen} changed without a new updated_at" if self.unseen else ""
        surplus = f", {self.surplus} too many" if self.surplus else ""
        return f"{self.name}: {self.equal:,} of {self.in_shop:,} rows are equal to the shop's{unseen}{surplus}"


@contextmanager
def remembering(shop: Shop) -> Iterator[Before]:
    """Keep the rows that are replaced while the context lasts, as they were before.

    Args:
        shop: The shop.

    Yields:
        These rows.
    """
    before: dict[str, dict[Any, dict[str, Any]]] = defaultdict(dict)
    kept: dict[str, Sequence[Row]] = {}
    put = shop.tables.put

    def keep(entity: Entity, records: Iterable[Record]) -> None:
        records = list(records)
        for record in records:
            body = shop.tables.get(entity, record.key)
            if body is not None:
                before[entity.name].setdefault(record.key, json.loads(body))
        put(entity, records)

    shop.tables.put = keep  # type: ignore[method-assign]  # every change goes through it
    try:
        yield kept
    finally:
        shop.tables.put = put  # type: ignore[method-assign]
        for name, rows in before.items():
            kept[name] = without_copies(name, list(rows.values()))


def table_of(shop: Shop, database: Database, name: str, before: Sequence[Row] = ()) -> Table:
    """Compare a table with the shop's list, without the rows that the table `deletions` names.

    Args:
        shop: The shop.
        database: Has the table.
        name: Its name.
        before: Rows of the shop before they were changed.

    Returns:
        How it stands.
    """
    keys = database.keys(name)
    gone = _deleted(database, name)
    in_shop = equal = unseen = surplus = 0
    for loaded, rows in _parts(shop, database, name, keys):
        found = compare([row for row in loaded if str(row[keys[0]]) not in gone], rows, keys, before)
        in_shop += len(rows)
        equal += len(found.equal)
        unseen += len(found.unseen)
        surplus += len(found.deleted) + found.doubled
    return Table(name, in_shop, equal, unseen, surplus)


def count_in(shop: Shop, database: Database, name: str) -> tuple[int, int]:
    """Count a table's rows and those of the shop's list.

    Args:
        shop: The shop.
        database: Has the table.
        name: Its name.

    Returns:
        Both numbers, without the rows that the table `deletions` names.
    """
    in_shop = len(shop.keys(name)) if name in BY_NAME else len(truth(shop, name) or ())
    ((loaded,),) = database.query(f"SELECT count(*) FROM {name}")  # noqa: S608  our own name
    return int(loaded) - len(_deleted(database, name)), in_shop


def _parts(
    shop: Shop, database: Database, name: str, keys: Sequence[str]
) -> Iterator[tuple[Sequence[Row], Sequence[Row]]]:
    """Read a table and the list beside it, by ranges of keys where these are numbers."""
    numbers = [key for key in shop.keys(name) if isinstance(key, int)] if name in BY_NAME else []
    if len(numbers) <= _PART:
        yield database.rows(name), truth(shop, name) or []
        return
    (key,) = keys
    for place in range(0, len(numbers), _PART):
        part = numbers[place : place + _PART]
        first = part[0] if place else 0
        beyond = numbers[place + _PART] if place + _PART < len(numbers) else None
        rows = [_ROW.decode(shop.tables.get(BY_NAME[name], each) or b"") for each in part]
        yield database.rows(name, (key, first, beyond)), without_copies(name, rows)


def _deleted(database: Database, name: str) -> set[str]:
    """Give the keys of the rows that the tap found deleted."""
    if "deletions" not in database.tables():
        return set()
    statement = f"SELECT key FROM deletions WHERE stream = '{name}' AND restored_at IS NULL"  # noqa: S608  our own name
    return {key for (key,) in database.query(statement)}
