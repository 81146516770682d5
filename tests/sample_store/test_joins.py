"""Data that joins up: every id and code that a row names is that of a row the shop has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sample_store import Shop
from sample_store.entities import BY_NAME
from tests.sample_store.asking import Clock

ADDRESS = "extension_attributes.shipping_assignments[].shipping.address"
EXTENSION = "extension_attributes"
ATTRIBUTES = "product_attributes.attribute_id"
BUNDLE = f"{EXTENSION}.bundle_product_options[]"
CONFIGURABLE = f"{EXTENSION}.configurable_product_options[]"

EDGES = {
    "orders.customer_id": "customers.id",
    "orders.customer_group_id": "customer_groups.id",
    "orders.store_id": "store/storeViews.id",
    "orders.quote_id": "carts.id",
    "orders.billing_address_id": "orders.billing_address.entity_id",
    "orders.billing_address.parent_id": "orders.entity_id",
    f"orders.{ADDRESS}.parent_id": "orders.entity_id",
    f"orders.{ADDRESS}.region_id": "directory/countries.available_regions[].id",
    "orders.billing_address.country_id": "directory/countries.id",
    "orders.billing_address.customer_address_id": "customers.addresses[].id",
    "orders.payment.parent_id": "orders.entity_id",
    "orders.status_histories[].parent_id": "orders.entity_id",
    "orders.applied_rule_ids": "sales_rules.rule_id",
    "orders.coupon_code": "coupons.code",
    "orders.items[].item_id": "order_items.item_id",
    f"orders.{EXTENSION}.taxes[].code": "tax_rates.code",
    f"orders.{EXTENSION}.item_applied_taxes[].item_id": "order_items.item_id",
    f"orders.items[].{EXTENSION}.itemized_taxes[].tax_id": f"orders.{EXTENSION}.taxes[].tax_id",
    "order_items.order_id": "orders.entity_id",
    "order_items.parent_item_id": "order_items.item_id",
    "order_items.product_id": "products.id",
    "order_items.store_id": "store/storeViews.id",
    "invoices.order_id": "orders.entity_id",
    "invoices.store_id": "store/storeViews.id",
    "invoices.billing_address_id": "orders.billing_address.entity_id",
    "invoices.shipping_address_id": f"orders.{ADDRESS}.entity_id",
    "invoices.items[].order_item_id": "order_items.item_id",
    "invoices.items[].parent_id": "invoices.entity_id",
    "invoices.items[].product_id": "products.id",
    "invoices.comments[].parent_id": "invoices.entity_id",
    "shipments.order_id": "orders.entity_id",
    "shipments.customer_id": "customers.id",
    "shipments.shipping_address_id": f"orders.{ADDRESS}.entity_id",
    "shipments.items[].order_item_id": "order_items.item_id",
    "shipments.items[].parent_id": "shipments.entity_id",
    "shipments.tracks[].parent_id": "shipments.entity_id",
    "shipments.tracks[].order_id": "orders.entity_id",
    "shipments.comments[].parent_id": "shipments.entity_id",
    f"shipments.{EXTENSION}.source_code": "inventory_sources.source_code",
    "credit_memos.order_id": "orders.entity_id",
    "credit_memos.invoice_id": "invoices.entity_id",
    "credit_memos.items[].order_item_id": "order_items.item_id",
    "credit_memos.items[].parent_id": "credit_memos.entity_id",
    "credit_memos.comments[].parent_id": "credit_memos.entity_id",
    "transactions.order_id": "orders.entity_id",
    "transactions.payment_id": "orders.payment.entity_id",
    "transactions.parent_id": "transactions.transaction_id",
    "transactions.parent_txn_id": "transactions.txn_id",
    "transactions.child_transactions[].transaction_id": "transactions.transaction_id",
    "carts.customer.id": "customers.id",
    "carts.store_id": "store/storeViews.id",
    "carts.items[].quote_id": "carts.id",
    "carts.items[].product_option.extension_attributes.configurable_item_options[].option_value": (
        f"products.{CONFIGURABLE}.values[].value_index"
    ),
    "customers.group_id": "customer_groups.id",
    "customers.website_id": "store/websites.id",
    "customers.store_id": "store/storeViews.id",
    "customers.default_billing": "customers.addresses[].id",
    "customers.default_shipping": "customers.addresses[].id",
    "customers.addresses[].customer_id": "customers.id",
    "customers.addresses[].country_id": "directory/countries.id",
    "customers.addresses[].region.region_id": "directory/countries.available_regions[].id",
    "customer_groups.tax_class_id": "tax_classes.class_id",
    "products.attribute_set_id": "attribute_sets.attribute_set_id",
    f"products.{EXTENSION}.website_ids[]": "store/websites.id",
    f"products.{EXTENSION}.category_links[].category_id": "categories.id",
    "products.product_links[].sku": "products.sku",
    "products.product_links[].linked_product_sku": "products.sku",
    "products.options[].product_sku": "products.sku",
    "products.tier_prices[].customer_group_id": "customer_groups.id",
    f"products.{CONFIGURABLE}.product_id": "products.id",
    f"products.{CONFIGURABLE}.attribute_id": ATTRIBUTES,
    f"products.{EXTENSION}.configurable_product_links[]": "products.id",
    f"products.{BUNDLE}.sku": "products.sku",
    f"products.{BUNDLE}.product_links[].sku": "products.sku",
    f"products.{BUNDLE}.product_links[].option_id": f"products.{BUNDLE}.option_id",
    "categories.parent_id": "categories.id",
    "attribute_groups.attribute_set_id": "attribute_sets.attribute_set_id",
    "attribute_sets.attribute_set_id": "eav_attribute_sets.attribute_set_id",
    "inventory_source_items.sku": "products.sku",
    "inventory_source_items.source_code": "inventory_sources.source_code",
    "inventory_sources.country_id": "directory/countries.id",
    "inventory_sources.region_id": "directory/countries.available_regions[].id",
    "inventory_stock_source_links.stock_id": "inventory_stocks.stock_id",
    "inventory_stock_source_links.source_code": "inventory_sources.source_code",
    f"inventory_stocks.{EXTENSION}.sales_channels[].code": "store/websites.code",
    "sales_rules.website_ids[]": "store/websites.id",
    "sales_rules.customer_group_ids[]": "customer_groups.id",
    "sales_rules.store_labels[].store_id": "store/storeViews.id",
    "coupons.rule_id": "sales_rules.rule_id",
    "tax_rates.tax_country_id": "directory/countries.id",
    "tax_rates.tax_region_id": "directory/countries.available_regions[].id",
    "tax_rates.titles[].store_id": "store/storeViews.id",
    "tax_rules.tax_rate_ids[]": "tax_rates.id",
    "tax_rules.customer_tax_class_ids[]": "tax_classes.class_id",
    "tax_rules.product_tax_class_ids[]": "tax_classes.class_id",
    "store/storeViews.website_id": "store/websites.id",
    "store/storeViews.store_group_id": "store/storeGroups.id",
    "store/storeGroups.root_category_id": "categories.id",
    "store/storeConfigs.id": "store/storeViews.id",
}
"""By column what it names."""
NOBODY = {"tax_rates.tax_region_id": "0", "categories.parent_id": "0", "store/storeGroups.root_category_id": "0"}
ALL_GROUPS = "32000"

KEYS = (
    "orders.billing_address.entity_id",
    f"orders.{ADDRESS}.entity_id",
    "orders.payment.entity_id",
    "orders.status_histories[].entity_id",
    f"orders.{EXTENSION}.taxes[].tax_id",
    f"orders.items[].{EXTENSION}.itemized_taxes[].tax_item_id",
    "invoices.items[].entity_id",
    "invoices.comments[].entity_id",
    "shipments.items[].entity_id",
    "shipments.tracks[].entity_id",
    "shipments.comments[].entity_id",
    "credit_memos.items[].entity_id",
    "credit_memos.comments[].entity_id",
    "carts.items[].item_id",
    "customers.addresses[].id",
    "products.media_gallery_entries[].id",
    "products.options[].option_id",
    "products.options[].values[].option_type_id",
    f"products.{CONFIGURABLE}.id",
    f"products.{BUNDLE}.option_id",
    f"products.{BUNDLE}.product_links[].id",
    f"products.{EXTENSION}.downloadable_product_links[].id",
    f"products.{EXTENSION}.downloadable_product_samples[].id",
    "transactions.txn_id",
)
"""Keys of rows inside of others, each of which is there once in the whole list."""


def _values(shop: Shop, column: str) -> Iterator[str]:
    """Read all values of a column, written as texts."""
    name, _, path = column.partition(".")
    rows = shop.rows(name) if name in BY_NAME else json.loads(shop.documents[name])
    for row in rows:
        yield from map(str, _inside(row, path.split(".")))


def _inside(node: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield node
        return
    found = node.get(path[0].removesuffix("[]")) if isinstance(node, dict) else None
    if found is None:
        return
    for inner in found if path[0].endswith("[]") else [found]:
        yield from _inside(inner, path[1:])


@pytest.fixture(scope="module")
def shop() -> Shop:
    shop = Shop.generate(orders=120, seed=3, clock=Clock())
    for seed in range(3):
        shop.live(seed)
    return shop


@pytest.mark.parametrize("column", EDGES)
def test_what_a_row_names_is_there(shop: Shop, column: str) -> None:
    named = set(_values(shop, column)) - {NOBODY.get(column, "")}
    assert named
    assert named - {ALL_GROUPS} <= set(_values(shop, EDGES[column]))


@pytest.mark.parametrize("column", KEYS)
def test_rows_inside_of_others_have_keys_of_their_own(shop: Shop, column: str) -> None:
    counts = Counter(_values(shop, column))
    assert counts
    assert set(counts.values()) == {1}
