"""`meltano run tap-magento target-postgres`, with a real Meltano, loader and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from demo.pipeline import Pipeline, Run
from demo.report import REVENUE
from demo.shops import truth
from demo.truth import Comparison, compare, key_of
from sample_store import Server, Shop, serve
from tests.e2e.conftest import MakePipeline
from tests.support.shared import RECORDED

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
TABLES = {
    "categories",
    "invoices",
    "order_items",
    "orders",
    "product_attributes",
    "products",
    "store_configs",
    "store_groups",
    "store_views",
    "websites",
}
#: These alone, as a loader takes long to make tables of all.
SELECTED = {"TAP_MAGENTO__SELECT": json.dumps([f"{table}.*" for table in (*sorted(TABLES), "deletions")])}
DATED = ("categories", "invoices", "order_items", "orders", "products")

# What PostgreSQL says of the values that a module keeps in its JSON.
ATTRIBUTES = {
    ("acme_deposit", "number"),
    ("acme_is_vegan", "boolean"),
    ("acme_origin", "number"),
    ("acme_grade", "string"),
    ("acme_allergens", "array"),
}
EXTENSIONS = {("acme_is_express", "boolean"), ("acme_gift_wrap_fee", "number"), ("acme_slot", "object")}

Rows = dict[str, list[dict[str, Any]]]


def test_second_run_brings_the_tables_up_to_the_shop_reading_only_what_changed(make_pipeline: MakePipeline) -> None:
    clock = [NOON]
    shop = Shop.generate(orders=60, seed=7, clock=lambda: clock[0], module=True)
    with serve(shop) as server:
        pipeline = make_pipeline(server)
        pipeline = replace(pipeline, settings={**pipeline.settings, **SELECTED})
        first = pipeline.run()
        before = truths(shop, pipeline)
        assert before.keys() == TABLES
        assert_counted(first, before)
        for table in before:
            assert compared(shop, pipeline, table).equal == keys_of(pipeline, table, before[table])
        assert kinds(pipeline, "products", "custom_attributes") >= ATTRIBUTES
        assert kinds(pipeline, "orders", "extension_attributes") >= EXTENSIONS

        server.clear()
        clock[0] = NOON + timedelta(hours=1)
        changes = shop.live(seed=3)
        second = pipeline.run()

    after = truths(shop, pipeline)
    for table in after:
        found = compared(shop, pipeline, table, before)
        assert found.is_right, f"{table}: {found.wrong}, {found.doubled} doubled"
        assert found.deleted == keys_of(pipeline, table, before[table]) - keys_of(pipeline, table, after[table])
        assert len(found.equal) == len(after[table])
    assert revenue_in_sql(pipeline) == shop.revenue_by_day()
    assert changes.orders_partly_shipped, "their time stands still: the items name them"
    assert changes.orders_deleted
    gone = {(table, str(key)) for table in DATED for (key,) in missing(pipeline, table, before, after)}
    assert {(row["stream"], row["key"]) for row in pipeline.database.rows("deletions")} == gone
    named = {row["order_id"] for row in after["order_items"] if row["updated_at"] >= f"{NOON:%Y-%m-%d %H:%M:%S}"}
    for table in DATED:
        assert changed_since(after[table], NOON) <= keys_read(server, table)
        changed = changed_since(after[table], NOON - timedelta(seconds=310))
        assert second.loaded[table] <= len(changed | (named if table == "orders" else set()))
        assert second.loaded[table] < first.loaded[table]


def test_a_recorded_shop_is_loaded_complete(make_pipeline: MakePipeline) -> None:
    shop = Shop.recorded(RECORDED)
    with serve(shop) as server:
        pipeline = make_pipeline(server)
        run = pipeline.run()
    lists = truths(shop, pipeline)
    assert lists.keys() >= TABLES
    assert_counted(run, lists)
    for table, rows in lists.items():
        found = compared(shop, pipeline, table)
        assert not found.wrong
        assert found.equal == keys_of(pipeline, table, rows)
        assert not found.deleted
        assert not found.doubled


def assert_counted(run: Run, lists: Rows) -> None:
    """The rows of each list were loaded once."""
    counts = {table: len(rows) for table, rows in lists.items()}
    assert counts.items() <= run.loaded.items()


def kinds(pipeline: Pipeline, table: str, column: str) -> set[tuple[str, str]]:
    """The names in a column of objects, each with the kind of its values."""
    found = pipeline.database.query(f'SELECT DISTINCT key, jsonb_typeof(value) FROM "{table}", jsonb_each("{column}")')
    return {(name, kind) for name, kind in found if kind != "null"}


def revenue_in_sql(pipeline: Pipeline) -> dict[str, Decimal]:
    return {str(day): total for day, _, total in pipeline.database.query(REVENUE) if day}


def truths(shop: Shop, pipeline: Pipeline) -> Rows:
    lists = {table: truth(shop, table) for table in pipeline.database.tables()}
    return {table: rows for table, rows in lists.items() if rows is not None}


def compared(shop: Shop, pipeline: Pipeline, table: str, before: Rows | None = None) -> Comparison:
    database = pipeline.database
    rows = truth(shop, table) or []
    return compare(database.rows(table), rows, database.keys(table), (before or {}).get(table, ()))


def keys_of(pipeline: Pipeline, table: str, rows: list[dict[str, Any]]) -> frozenset[tuple[Any, ...]]:
    names = pipeline.database.keys(table)
    return frozenset(key_of(row, names) for row in rows)


def missing(pipeline: Pipeline, table: str, before: Rows, after: Rows) -> frozenset[tuple[Any, ...]]:
    return keys_of(pipeline, table, before[table]) - keys_of(pipeline, table, after[table])


def keys_read(server: Server, table: str) -> set[Any]:
    """The rows of a table that were sent, but for the one with each count."""
    requests = [request for request in server.requests if request.entity == table]
    return {key for request in requests if "fields=total_count" not in request.query for key in request.keys}


def changed_since(rows: list[dict[str, Any]], moment: datetime) -> set[Any]:
    keys = ("entity_id", "item_id", "id")
    since = f"{moment:%Y-%m-%d %H:%M:%S}"
    return {next(row[key] for key in keys if key in row) for row in rows if row["updated_at"] >= since}
