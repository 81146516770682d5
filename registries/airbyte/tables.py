"""The tables that PyAirbyte filled, beside the shop itself and beside what the Singer tap emits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.shops import truth
from demo.truth import Comparison, compare
from sample_store import Server, Shop
from tap_magento.streams import STREAMS
from tests.support.in_process import discover, selecting
from tests.support.singer import run_tap

Rows = list[dict[str, Any]]
Tables = Mapping[str, Rows]

_KEYS = {stream.declared_name(): stream.declared_keys() for stream in STREAMS}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.0+)?(?:Z|\+00:?00)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# Tables whose deleted rows are counted.
_COUNTED = ("orders", "order_items", "customers", "products")
# Columns that tell when a run was.
_OF_THE_RUN = {"deletions": {"noticed_at", "last_known_at", "restored_at"}}


def tables_in(folder: Path, *, by_pandas: bool = False) -> Tables:
    """Read what `read_pyairbyte.py` left.

    Args:
        folder: Where.
        by_pandas: Whether PyAirbyte loaded by pandas, which reads a number up to its last digits: it is rounded.

    Returns:
        Table to rows, without PyAirbyte's own columns.
    """
    number = _rounded if by_pandas else Decimal
    return {path.stem: [*_rows_in(path, number)] for path in folder.glob("*.jsonl")}


def _rows_in(path: Path, number: Callable[[str], Decimal]) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line, parse_float=number)
        yield {name: value for name, value in row.items() if not name.startswith("_airbyte_")}


def _rounded(text: str) -> Decimal:
    return Decimal(f"{float(text):.15g}")


def with_texts_of(reference: Tables, tables: Tables) -> tuple[Tables, list[str]]:
    """Undo what PyAirbyte's way into PostgreSQL does to texts: pandas takes those that look like numbers for numbers.

    Args:
        reference: The tables as they should be.
        tables: What PyAirbyte made.

    Returns:
        The tables with a text of `reference` where theirs is the same number, and the names of the columns.
    """
    columns: dict[str, None] = {}
    undone = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for name, rows in reference.items():
        wanted = {_key(row, _KEYS[name]): row for row in rows}
        for row in undone.get(name, ()):
            for column, text in wanted.get(_key(row, _KEYS[name]), {}).items():
                if row.get(column) != text and _is_number(text) and _is_same_number(row.get(column), text):
                    row[column] = text
                    columns[f"{name}.{column}"] = None
    return undone, list(columns)


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _is_same_number(value: Any, text: str) -> bool:
    return _is_number(value) and Decimal(value) == Decimal(text)


def truths(shop: Shop, streams: Sequence[str]) -> Tables:
    """Read from a sample store what tables should hold.

    Args:
        shop: The shop.
        streams: Their names.

    Returns:
        Those that it knows.
    """
    found = {name: truth(shop, name) for name in streams}
    return {name: rows for name, rows in found.items() if rows is not None}


@dataclass
class Singer:
    """The Singer tap, run beside, and the tables that a loader makes of what it emits.

    Attributes:
        folder: Where its files go.
        tables: Table to its rows by key, so far.
        state: The state of its last run.
    """

    folder: Path
    tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = field(default_factory=dict)
    state: Mapping[str, Any] | None = None

    def run(self, server: Server) -> None:
        """Read on from the last time.

        Args:
            server: The shop.
        """
        config = {"store_url": server.url, "username": server.shop.username, "password": server.shop.password}
        self.folder.mkdir(parents=True, exist_ok=True)
        catalog = selecting(discover(config), [*_KEYS])
        path = self.folder / "catalog.json"
        path.write_text(json.dumps(catalog), encoding="utf-8")
        output = run_tap(self.folder, config, "--catalog", str(path), state=self.state)
        assert output.code == 0, output.log[-2000:]
        self.state = output.states[-1]
        for name in output.schemas:
            table = self.tables.setdefault(name, {})
            table |= {_key(row, _KEYS[name]): row for row in output.records[name]}

    @property
    def rows(self) -> Tables:
        """The tables."""
        return {name: [*rows.values()] for name, rows in self.tables.items()}

    def check(self, tables: Tables) -> None:
        """See that tables are what a loader would have made of the tap's records.

        Args:
            tables: What PyAirbyte made.

        Raises:
            AssertionError: If one is not.
        """
        filled = {name for name, rows in self.tables.items() if rows} ^ {name for name, rows in tables.items() if rows}
        assert not filled, f"only one of both has rows of {sorted(filled)}"
        for name, rows in self.tables.items():
            found = {_key(row, _KEYS[name]): row for row in tables.get(name, ())}
            assert len(found) == len(tables.get(name, ())), f"{name}: rows of one key"
            assert found.keys() == rows.keys(), f"{name}: {sorted(found.keys() ^ rows.keys())[:5]}"
            for key, row in rows.items():
                different = [
                    column
                    for column in sorted(row.keys() | found[key].keys())
                    if column not in _OF_THE_RUN.get(name, ())
                    and _plain(row.get(column)) != _plain(found[key].get(column))
                ]
                assert not different, f"{name} {key}: " + "; ".join(
                    f"{column}: Singer {row.get(column)!r}, here {found[key].get(column)!r}" for column in different
                )


def check_truth(tables: Tables, shop: Shop, before: Tables, *, deletions: bool = True) -> int:
    """See that tables are the shop.

    Args:
        tables: What PyAirbyte made.
        shop: The shop.
        before: The tables as they should have been at an earlier read.
        deletions: Whether all rows that are gone must be named.

    Returns:
        How many tables were compared.

    Raises:
        AssertionError: If one is not.
    """
    now = truths(shop, [*tables])
    for name, rows in now.items():
        found = compare(tables[name], rows, _KEYS[name], before.get(name, ()))
        assert found.is_right, f"{name}: {found.wrong}, {found.doubled} doubled"
        if deletions and name in _COUNTED:
            _check_deletions(name, found, tables["deletions"])
    return len(now)


def _check_deletions(name: str, found: Comparison, deletions: Rows) -> None:
    told = {row["key"] for row in deletions if row["stream"] == name and row["restored_at"] is None}
    missing = {str(key[0]) for key in found.deleted}
    assert told == missing, f"{name}: deleted {sorted(missing)}, told {sorted(told)}"


def _key(row: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(_plain(row[name]) for name in names)


def _plain(value: Any) -> Any:
    """Give a value as both write it: numbers without zeros at their ends, times of UTC."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        moment = _MOMENT.fullmatch(value)
        return f"{moment[1]}T{moment[2]}" if moment else value
    return Decimal(str(value)).normalize()
