"""How tables stand beside the shop's lists, in a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.places import cluster_of
from demo.postgres import Database, running
from examples.check import tables
from examples.check.tables import remembering, table_of
from sample_store import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop.generate(orders=20)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with running(cluster_of(tmp_path), fresh=True) as database:
        with database.cursor() as cursor:
            cursor.execute(b"CREATE SCHEMA magento")
            cursor.execute(b"CREATE TABLE carts (id bigint PRIMARY KEY, body jsonb)")
            cursor.execute(b"CREATE TABLE deletions (stream text, key text, restored_at timestamptz)")
        yield database


def load(database: Database, shop: Shop) -> None:
    """Fill a table as a loader does, but for its columns: the shop's rows are cut down to these."""
    shop.put_all("carts", [{"id": row["id"], "body": {"updated": row["updated_at"]}} for row in shop.rows("carts")])
    with database.cursor() as cursor:
        cursor.execute(b"TRUNCATE carts")
        rows = [(row["id"], json.dumps(row["body"])) for row in shop.rows("carts")]
        cursor.executemany(b"INSERT INTO carts VALUES (%s, %s)", rows)


@pytest.mark.parametrize("part", [7, 5_000])
def test_rows_are_compared_in_parts_of_any_size(
    part: int, shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_PART", part)
    load(database, shop)
    first, *_, last = keys = shop.keys("carts")
    assert table_of(shop, database, "carts").equal == len(keys)
    assert table_of(shop, database, "carts").is_right

    with database.cursor() as cursor:
        cursor.execute(b"DELETE FROM carts WHERE id = %s", (last,))
        cursor.execute(b"INSERT INTO carts VALUES (%s, '{}'), (%s, '{}')", (int(last) + 1, int(last) + 2))
        cursor.execute(b"UPDATE carts SET body = '{}' WHERE id = %s", (first,))
    found = table_of(shop, database, "carts")
    assert (found.equal, found.surplus, found.is_right) == (len(keys) - 2, 2, False)


def test_a_row_that_was_found_deleted_does_not_count(shop: Shop, database: Database) -> None:
    load(database, shop)
    key = shop.keys("carts")[3]
    shop.delete("carts", key)
    assert table_of(shop, database, "carts").surplus == 1
    with database.cursor() as cursor:
        cursor.execute(b"INSERT INTO deletions VALUES ('carts', %s, NULL)", (str(key),))
    assert table_of(shop, database, "carts").is_right


def test_rows_are_remembered_as_they_were_before_their_first_change(shop: Shop) -> None:
    key = shop.keys("orders")[0]
    row = shop.row("orders", key) or {}
    with remembering(shop) as before:
        shop.put("orders", {**row, "status": "first"})
        shop.put("orders", {**row, "status": "second"})
        shop.put("orders", {**row, "entity_id": 1_000_000})
    (kept,) = before["orders"]
    assert kept["status"] == row["status"]
    shop.put("orders", row)
    assert len(before["orders"]) == 1


def test_a_change_that_no_time_tells_of_is_told_apart(shop: Shop, database: Database) -> None:
    load(database, shop)
    with remembering(shop) as before:
        shop.put("carts", {"id": shop.keys("carts")[0], "body": {"updated": "in silence"}})
    assert not table_of(shop, database, "carts").is_right
    found = table_of(shop, database, "carts", before["carts"])
    assert (found.unseen, found.is_right) == (1, True)
