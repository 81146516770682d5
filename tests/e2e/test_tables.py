"""All tables in PostgreSQL: their keys join, and rows that are gone from a parent are told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from demo.pipeline import Pipeline
from demo.truth import compare
from sample_store import Shop, serve
from tests.e2e.conftest import MakePipeline
from tests.streams.test_tables import OTHERS, true_rows

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
ALL = {"TAP_MAGENTO__SELECT": '["*.*"]'}

#: Column to the column of another table in which each of its values is.
FOREIGN_KEYS = {
    "order_items.order_id": "orders.entity_id",
    "order_addresses.order_id": "orders.entity_id",
    "order_payments.order_id": "orders.entity_id",
    "order_status_histories.order_id": "orders.entity_id",
    "order_taxes.order_id": "orders.entity_id",
    "order_item_taxes.order_id": "orders.entity_id",
    "order_item_taxes.tax_id": "order_taxes.tax_id",
    "orders.customer_id": "customers.id",
    "orders.store_id": "store_views.id",
    "invoices.order_id": "orders.entity_id",
    "invoice_items.invoice_id": "invoices.entity_id",
    "invoice_items.order_item_id": "order_items.item_id",
    "invoice_comments.invoice_id": "invoices.entity_id",
    "shipments.order_id": "orders.entity_id",
    "shipment_items.shipment_id": "shipments.entity_id",
    "shipment_items.order_item_id": "order_items.item_id",
    "shipment_tracks.shipment_id": "shipments.entity_id",
    "credit_memos.order_id": "orders.entity_id",
    "credit_memo_items.credit_memo_id": "credit_memos.entity_id",
    "credit_memo_items.order_item_id": "order_items.item_id",
    "transactions.order_id": "orders.entity_id",
    "transactions.payment_id": "order_payments.entity_id",
    "cart_items.cart_id": "carts.id",
    "customers.group_id": "customer_groups.id",
    "customer_addresses.customer_id": "customers.id",
    "product_categories.product_id": "products.id",
    "product_categories.category_id": "categories.id",
    "product_websites.product_id": "products.id",
    "product_websites.website_id": "websites.id",
    "product_tier_prices.product_id": "products.id",
    "product_links.linked_product_sku": "products.sku",
    "product_media.product_id": "products.id",
    "product_option_values.option_id": "product_options.option_id",
    "configurable_variants.parent_id": "products.id",
    "configurable_variants.child_id": "products.id",
    "configurable_options.attribute_id": "product_attributes.attribute_id",
    "bundle_selections.option_id": "bundle_options.option_id",
    "bundle_selections.sku": "products.sku",
    "product_attribute_values.product_id": "products.id",
    "attribute_options.attribute_id": "product_attributes.attribute_id",
    "attribute_groups.attribute_set_id": "attribute_sets.attribute_set_id",
    "products.attribute_set_id": "attribute_sets.attribute_set_id",
    "base_prices.sku": "products.sku",
    "inventory_source_items.source_code": "inventory_sources.source_code",
    "inventory_stock_source_links.source_code": "inventory_sources.source_code",
    "inventory_stock_source_links.stock_id": "inventory_stocks.stock_id",
    "inventory_stock_channels.code": "websites.code",
    "coupons.rule_id": "sales_rules.rule_id",
    "sales_rule_labels.rule_id": "sales_rules.rule_id",
    "tax_rate_titles.tax_rate_id": "tax_rates.id",
    "regions.country_id": "countries.id",
    "store_views.website_id": "websites.id",
    "store_groups.website_id": "websites.id",
}

_DANGLING = """
SELECT count(*) FROM {child} AS child
WHERE child.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {parent} WHERE {parent}.{key}::text = child.{column}::text)
"""
# The rows of a nested table that its parent's last version holds.
_CURRENT = """
SELECT count(*) FROM {child} JOIN products ON products.id = product_id
WHERE {child}._sdc_extracted_at >= products._sdc_extracted_at
"""


def test_all_tables_are_the_shop_s_and_join_after_two_runs(make_pipeline: MakePipeline) -> None:
    clock = [NOON]
    shop = Shop.generate(orders=40, seed=7, clock=lambda: clock[0], module=True)
    with serve(shop) as server:
        pipeline = make_pipeline(server)
        pipeline = replace(pipeline, settings={**pipeline.settings, **ALL})
        pipeline.run()
        for table in set(pipeline.database.tables()) - OTHERS:
            rows = true_rows(shop, table) or []
            found = compare(pipeline.database.rows(table), rows, pipeline.database.keys(table))
            assert not found.wrong, table
            assert not found.deleted, table
            assert not found.doubled, table
        clock[0] = NOON + timedelta(hours=1)
        gone = shorten_a_product(shop)
        second = pipeline.run()
    assert {table: rows for table, rows in second.loaded.items() if rows} == {
        table: rows for table, rows in second.read.items() if rows
    }
    dangling = {
        f"{child} -> {parent}": number
        for child, parent in FOREIGN_KEYS.items()
        if (number := count(pipeline, _DANGLING, child, parent))
    }
    assert dangling == {}
    for child, number in gone.items():
        assert number > 0, child
        ((rows,),) = pipeline.database.query(f"SELECT count(*) FROM {child}")
        ((current,),) = pipeline.database.query(_CURRENT.format(child=child))
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


def count(pipeline: Pipeline, statement: str, child: str, parent: str) -> int:
    """Fill the names of two columns into a statement that counts, and run it."""
    (child_table, column), (parent_table, key) = child.split("."), parent.split(".")
    filled = statement.format(child=child_table, column=column, parent=parent_table, key=key)
    ((number,),) = pipeline.database.query(filled)
    return int(number)
