"""All tables in PostgreSQL: their keys join, and rows that are gone from a parent are told apart."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from demo.truth import compare
from sample_store import Shop, serve
from scripts.relations import edges_from, relations
from tests.e2e.warehouse import Warehouse
from tests.streams.test_tables import OTHERS, true_rows
from tests.support.in_process import discover, selecting, settings

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)

_DANGLING = """
SELECT count(*) FROM {child} AS child
WHERE child.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {parent} WHERE {parent}.{key}::text = child.{column}::text)
"""
# The rows of a nested table that its parent's last version holds.
_CURRENT = """
SELECT count(*) FROM {child} JOIN products ON products.id = product_id
WHERE {child}._sdc_extracted_at >= products._sdc_extracted_at
"""


def test_all_tables_are_the_shop_s_and_join_after_two_runs(warehouse: Warehouse) -> None:
    clock = [NOON]
    shop = Shop.generate(orders=12, seed=7, clock=lambda: clock[0], module=True)
    with serve(shop) as server:
        config = settings(server)
        catalog = discover(config)
        names = [entry["tap_stream_id"] for entry in catalog["streams"]]
        state = warehouse.load(config, selecting(catalog, names))
        for table in set(warehouse.database.tables()) - OTHERS:
            rows = true_rows(shop, table) or []
            found = compare(warehouse.database.rows(table), rows, warehouse.database.keys(table))
            assert not found.wrong, table
            assert not found.deleted, table
            assert not found.doubled, table
        clock[0] = NOON + timedelta(hours=1)
        gone = shorten_a_product(shop)
        warehouse.load(config, selecting(catalog, ["products", *gone]), state)
    tables = set(warehouse.database.tables())
    edges = [(child, *edge) for child in relations() for edge in edges_from(child) if {child, edge[1]} <= tables]
    assert len(edges) > 80
    for child, column, parent, key in edges:
        dangling = _DANGLING.format(child=child, column=column, parent=parent, key=key)
        assert warehouse.database.query(dangling) == [(0,)], f"{child}.{column} -> {parent}.{key}"
    for child, number in gone.items():
        assert number > 0, child
        ((rows,),) = warehouse.database.query(f"SELECT count(*) FROM {child}")
        ((current,),) = warehouse.database.query(_CURRENT.format(child=child))
        assert rows - current == number, child
        assert current == len(true_rows(shop, child) or ())


def shorten_a_product(shop: Shop) -> dict[str, int]:
    """Take tier prices, links and categories off products, and tell how many."""
    gone = dict.fromkeys(("product_tier_prices", "product_links", "product_categories"), 0)
    for row in shop.rows("products"):
        links = row["extension_attributes"].get("category_links", [])
        if not (row["tier_prices"] or row["product_links"] or len(links) > 1):
            continue
        gone["product_tier_prices"] += len(row["tier_prices"])
        gone["product_links"] += len(row["product_links"])
        gone["product_categories"] += len(links[1:])
        extension = {**row["extension_attributes"], "category_links": links[:1]}
        changed = {"tier_prices": [], "product_links": [], "extension_attributes": extension, "updated_at": shop.now()}
        shop.put("products", row | changed)
    return gone
