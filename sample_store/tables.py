"""The shop's rows in SQLite: one table a list, a row being its key, its times and its JSON.

A page is the stored JSON of its rows, joined: nothing is decoded or encoded to serve it.
Everything lives in memory on one connection behind one lock; pages are read in a millisecond or
two, and what a real shop would cost is slept by the server, outside of the lock.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sample_store import errors
from sample_store.conditions import Where, column, where
from sample_store.entities import BY_NAME
from sample_store.php import encode
from sample_store.ranks import Ranks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sample_store.criteria import Criteria
    from sample_store.entities import Entity
    from sample_store.php import Row

Key = int | str

_SHUFFLES = (2654435761, 40503)
"""Multipliers that put keys in no useful order: one for near pages, one for far ones."""

_WALKS = 20
"""Counts of an unchanged table before it is worth sorting its keys for all counts to come."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its key, its times as Magento writes them, its JSON; times empty where it has none.

    `body` is None for a made-up row whose JSON is put together when it is read (`fill`).
    """

    key: Key
    updated_at: str
    created_at: str
    body: bytes | None

    @classmethod
    def of(cls, entity: Entity, row: Row) -> Record:
        """Make the record of a row as the API answers it, and hide the key where the API does."""
        key = row[entity.key_field or entity.key_column]
        shown = row
        if entity.key_field is None:
            shown = {name: value for name, value in row.items() if name != entity.key_column}
        return cls(
            key if entity.text_key else int(key),
            row.get(entity.time_column or "", ""),
            row.get(entity.created_column or "", ""),
            encode(shown),
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: keys and JSON of its rows, and how many rows match on all pages."""

    keys: tuple[Key, ...]
    bodies: tuple[bytes, ...]
    total: int


class Tables:
    """The tables of one shop, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._db.close)
        self._db.text_factory = bytes
        for entity in BY_NAME.values():
            kind = "TEXT" if entity.text_key else "INTEGER"
            self._db.execute(
                f"CREATE TABLE {entity.name} (key {kind} PRIMARY KEY, updated_at TEXT NOT NULL,"
                " created_at TEXT NOT NULL, body TEXT)"
            )
            self._db.execute(f"CREATE INDEX {entity.name}_time ON {entity.name} (updated_at, key)")
        self._db.execute(
            "CREATE TABLE views (entity TEXT, view TEXT, key, body TEXT, PRIMARY KEY (entity, view, key)) WITHOUT ROWID"
        )
        self._db.execute("CREATE TABLE fillings (entity TEXT PRIMARY KEY, head TEXT, rest TEXT)")
        self._overridden: set[tuple[str, str]] = set()
        self._filled: set[str] = set()
        self._ranks: dict[str, Ranks] = {}
        self._counted: Counter[str] = Counter()
        self._deleted: Counter[str] = Counter()

    def put(self, entity: Entity, records: Iterable[Record]) -> None:
        """Insert rows or replace those of the same key, all in one transaction."""
        with self._lock:
            self._changed(entity)
            self._db.execute("BEGIN")
            self._db.executemany(
                f"INSERT OR REPLACE INTO {entity.name} VALUES (?, ?, ?, ?)",
                ((r.key, r.updated_at, r.created_at, r.body and r.body.decode()) for r in records),
            )
            self._db.execute("COMMIT")

    def put_view(self, entity: Entity, view: str, rows: Iterable[tuple[Key, bytes]]) -> None:
        """Set what rows look like in the scope of a store view."""
        with self._lock:
            self._overridden.add((entity.name, view))
            self._db.executemany(
                "INSERT OR REPLACE INTO views VALUES (?, ?, ?, ?)",
                ((entity.name, view, key, body.decode()) for key, body in rows),
            )

    def fill(self, entity: Entity, head: str, rest: str) -> None:
        """Set the JSON of rows put without one.

        Args:
            entity: The list.
            head: Start of the JSON, up to the key's value.
            rest: End of the JSON, from behind the two times on.
        """
        with self._lock:
            self._filled.add(entity.name)
            self._db.execute("INSERT OR REPLACE INTO fillings VALUES (?, ?, ?)", (entity.name, head, rest))

    def delete(self, entity: Entity, key: Key) -> None:
        """Remove a row; nothing is left of it, as in a real shop."""
        with self._lock:
            self._changed(entity)
            self._db.execute(f"DELETE FROM {entity.name} WHERE key = ?", (key,))
            if isinstance(key, int):
                self._deleted[entity.name] = max(self._deleted[entity.name], key)
            self._db.execute("DELETE FROM views WHERE entity = ? AND key = ?", (entity.name, key))

    def delete_range(self, entity: Entity, first: int, last: int) -> int:
        """Remove the rows with keys from `first` to `last`, and tell how many there were."""
        with self._lock:
            self._changed(entity)
            self._deleted[entity.name] = max(self._deleted[entity.name], min(last, self.last_key(entity)))
            gone = self._db.execute(f"DELETE FROM {entity.name} WHERE key BETWEEN ? AND ?", (first, last))
            bounds = (entity.name, first, last)
            self._db.execute("DELETE FROM views WHERE entity = ? AND key BETWEEN ? AND ?", bounds)
            return gone.rowcount

    def get(self, entity: Entity, key: Key, view: str = "all") -> bytes | None:
        """Read one row's JSON by its key, None when there is none."""
        return self._one(f"SELECT {self._body(entity, view)} FROM {entity.name} WHERE key = ?", key)

    def find(self, entity: Entity, field: str, value: str, view: str = "all") -> bytes | None:
        """Read one row's JSON by a field of its JSON, None when there is none."""
        body = self._body(entity, view)
        return self._one(f"SELECT {body} FROM {entity.name} WHERE json_extract({body}, '$.{field}') = ?", value)

    def last_key(self, entity: Entity) -> int:
        """Tell the greatest key a list with numbers for keys ever had, 0 for none: no key comes twice."""
        with self._lock:
            (key,) = self._db.execute(f"SELECT max(key) FROM {entity.name}").fetchone()
        return max(key or 0, self._deleted[entity.name])

    def keys(self, entity: Entity) -> list[Key]:
        """Read every row's key, in order."""
        with self._lock:
            found = self._db.execute(f"SELECT key FROM {entity.name} ORDER BY key").fetchall()
        return [_key(key) for (key,) in found]

    def bodies(self, entity: Entity) -> list[bytes]:
        """Read every row's JSON in key order, in scope `all`."""
        with self._lock:
            found = self._db.execute(f"SELECT {self._body(entity, 'all')} FROM {entity.name} ORDER BY key").fetchall()
        return [body for (body,) in found]

    def page(
        self,
        entity: Entity,
        criteria: Criteria,
        view: str = "all",
        attributes: frozenset[str] = frozenset(),
    ) -> Page:
        """Read a page of a list.

        Args:
            entity: The list.
            criteria: Filters, order and page.
            view: Store view whose values are answered, `all` for the global ones.
            attributes: Attribute codes to be found in `custom_attributes`.

        Returns:
            The rows and the number of rows on all pages.

        Raises:
            ApiError: For columns that do not exist, as `conditions.where` says.
        """
        body = self._body(entity, view)
        found = where(criteria, entity, body, attributes)
        table = f"{entity.name} WHERE {found.sql}"
        with self._lock:
            total = self._count(entity, criteria, found)
            order = self._order(entity, criteria, body, attributes, total)
            if criteria.offset >= total:
                return Page((), (), total)
            table, offset = self._skipped(entity, criteria, table)
            limit = f"ORDER BY {order} LIMIT {criteria.page_size or -1} OFFSET {offset}"
            if criteria.offset:  # walk the index alone up to the page, and only then fetch JSON
                chosen = f"SELECT key FROM {table} {limit}"
                query = f"SELECT key, {body} FROM {entity.name} WHERE key IN ({chosen})"
                query = f"{query} ORDER BY {order}"
            else:
                query = f"SELECT key, {body} FROM {table} {limit}"
            rows = self._db.execute(query, found.values).fetchall()
        return Page(tuple(_key(row[0]) for row in rows), tuple(row[1] for row in rows), total)

    def _count(self, entity: Entity, criteria: Criteria, found: Where) -> int:
        """Count what matches: by walking, or by bisection in a table counted often enough."""
        ranks = self._ranks.get(entity.name)
        if ranks is None:
            self._counted[entity.name] += 1
            if self._counted[entity.name] > _WALKS and not entity.text_key:
                ranks = self._ranks[entity.name] = Ranks.of(self._db, entity)
        total = None if ranks is None else ranks.count(entity, criteria)
        if total is not None:
            return total
        query = f"SELECT count(*) FROM {entity.name} WHERE {found.sql}"
        (walked,) = self._db.execute(query, found.values).fetchone()
        return int(walked)

    def _skipped(self, entity: Entity, criteria: Criteria, table: str) -> tuple[str, int]:
        """Leave out most rows before a deep page of the whole table in order of time, if they can be found quickly."""
        ranks = self._ranks.get(entity.name)
        sorts = [(sort.field, sort.descending) for sort in criteria.sorts]
        if ranks is None or criteria.groups or sorts != [(entity.time_column, False)]:
            return table, criteria.offset
        time, before = ranks.second_at(criteria.offset)
        return f"{table} AND updated_at >= '{time}'", criteria.offset - before

    def _changed(self, entity: Entity) -> None:
        self._ranks.pop(entity.name, None)
        self._counted[entity.name] = 0

    def _one(self, query: str, value: Key) -> bytes | None:
        with self._lock:
            found = self._db.execute(query, (value,)).fetchone()
        return None if found is None else found[0]

    def _body(self, entity: Entity, view: str) -> str:
        """Write the expression of a row's JSON, as it is in a scope."""
        name = entity.name
        body = f"{name}.body"
        if name in self._filled:
            filling = f"FROM fillings WHERE entity = '{name}')"
            body = (
                f"""ifnull({body}, (SELECT head {filling} || key || ',"increment_id":"' || key"""
                f""" || '","{entity.created_column}":"' || created_at"""
                f""" || '","{entity.time_column}":"' || updated_at || (SELECT rest {filling})"""
            )
        if (name, view) in self._overridden:
            body = (
                f"ifnull((SELECT v.body FROM views v WHERE v.entity = '{name}'"
                f" AND v.view = '{view}' AND v.key = {name}.key), {body})"
            )
        return body

    def _order(
        self,
        entity: Entity,
        criteria: Criteria,
        body: str,
        attributes: frozenset[str],
        total: int,
    ) -> str:
        """Write the order; what it leaves open is as arbitrary as in MySQL (docs/MAGENTO.md, Paging).

        MySQL changes its plan from the near pages of a list to the far ones, and with it the order
        of whatever the sort does not settle. So do the shuffles here.
        """
        terms = []
        for sort in criteria.sorts:
            found = column(entity, sort.field, body, attributes)
            if found is None and not entity.eav:
                raise errors.internal()
            if found is None:
                continue
            terms.append(f"{found.sql} {'DESC' if sort.descending else 'ASC'}")
            if found.sql == "key":
                return ", ".join(terms)
        shuffle = _SHUFFLES[2 * criteria.offset >= total]
        terms.append(f"(rowid * {shuffle}) & 65535, rowid")
        return ", ".join(terms)


def _key(value: int | bytes) -> Key:
    return value.decode() if isinstance(value, bytes) else value
