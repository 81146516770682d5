"""The bundled schemas, and the rows of a real shop beside the project that they are to fit."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import Any

import msgspec

from sample_store.recorded import lines
from tap_magento.schema import bundled
from tests.support.shared import RECORDED

Json = dict[str, Any]

BUNDLED: dict[str, Json] = {
    file.name.removesuffix(".json"): json.loads(file.read_text())
    for file in resources.files(bundled).iterdir()
    if file.name.endswith(".json")
}
KEYS = {
    "attribute_groups": ("attribute_group_id",),
    "attribute_sets": ("attribute_set_id",),
    "base_prices": ("sku", "store_id"),
    "carts": ("id",),
    "categories": ("id",),
    "category_attributes": ("attribute_id",),
    "checkout_agreements": ("agreement_id",),
    "cms_blocks": ("id",),
    "cms_pages": ("id",),
    "companies": ("id",),
    "company_credit_histories": ("id",),
    "company_credits": ("id",),
    "company_roles": ("id",),
    "company_teams": ("id",),
    "costs": ("sku", "store_id"),
    "countries": ("id",),
    "coupons": ("coupon_id",),
    "credit_memos": ("entity_id",),
    "currencies": ("base_currency_code", "currency_to"),
    "customer_address_attributes": ("attribute_code",),
    "customer_attributes": ("attribute_code",),
    "customer_groups": ("id",),
    "customer_segments": ("id",),
    "customers": ("id",),
    "gift_card_accounts": ("account_id",),
    "gift_wrappings": ("wrapping_id",),
    "inventory_salable_quantities": ("website_code", "sku"),
    "inventory_source_items": ("sku", "source_code"),
    "inventory_sources": ("source_code",),
    "inventory_stock_source_links": ("stock_id", "source_code"),
    "inventory_stocks": ("stock_id",),
    "invoices": ("entity_id",),
    "modules": ("name",),
    "negotiable_quotes": ("quote_id",),
    "order_items": ("item_id",),
    "orders": ("entity_id",),
    "product_attributes": ("attribute_id",),
    "products": ("id",),
    "returns": ("entity_id",),
    "sales_rules": ("rule_id",),
    "shared_catalogs": ("id",),
    "shipments": ("entity_id",),
    "special_prices": ("sku", "store_id"),
    "store_configs": ("id",),
    "store_groups": ("id",),
    "store_views": ("id",),
    "tax_classes": ("class_id",),
    "tax_rates": ("id",),
    "tax_rules": ("id",),
    "tier_prices": ("sku", "website_id", "customer_group", "quantity"),
    "transactions": ("transaction_id",),
    "websites": ("id",),
}
# The path of each list in the recorded exchanges. These hold what has no file of its own, and odd rows: bare,
# without items, with zero dates.
PATHS = {
    "attribute_groups": "products/attribute-sets/groups/list",
    "attribute_sets": "products/attribute-sets/sets/list",
    "carts": "carts/search",
    "categories": "categories/list",
    "category_attributes": "categories/attributes",
    "cms_blocks": "cmsBlock/search",
    "cms_pages": "cmsPage/search",
    "countries": "directory/countries",
    "coupons": "coupons/search",
    "credit_memos": "creditmemos",
    "customer_address_attributes": "attributeMetadata/customerAddress",
    "customer_attributes": "attributeMetadata/customer",
    "customer_groups": "customerGroups/search",
    "customers": "customers/search",
    "inventory_source_items": "inventory/source-items",
    "inventory_sources": "inventory/sources",
    "inventory_stock_source_links": "inventory/stock-source-links",
    "inventory_stocks": "inventory/stocks",
    "invoices": "invoices",
    "order_items": "orders/items",
    "orders": "orders",
    "product_attributes": "products/attributes",
    "products": "products",
    "sales_rules": "salesRules/search",
    "shipments": "shipments",
    "store_configs": "store/storeConfigs",
    "store_groups": "store/storeGroups",
    "store_views": "store/storeViews",
    "tax_classes": "taxClasses/search",
    "tax_rates": "taxRates/search",
    "tax_rules": "taxRules/search",
    "transactions": "transactions",
    "websites": "store/websites",
}
# Recorded under another name.
FILES = {
    "credit_memos": "creditmemos",
    "inventory_source_items": "source_items",
    "inventory_sources": "sources",
    "inventory_stocks": "stocks",
}
DECODER = msgspec.json.Decoder(float_hook=Decimal)


def nodes(schema: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Walk the properties and items of a schema, below its root."""
    for name, node in schema.get("properties", {}).items():
        yield f"{path}.{name}", node
        yield from nodes(node, f"{path}.{name}")
    if "items" in schema:
        yield f"{path}[]", schema["items"]
        yield from nodes(schema["items"], f"{path}[]")


def paths(schema: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk the ways to a schema's fields, through objects and arrays alike."""
    for name, node in schema.get("properties", {}).items():
        yield (*path, name)
        yield from paths(node, (*path, name))
    if "items" in schema:
        yield from paths(schema["items"], path)


def raw_rows(stream: str) -> Iterator[Json]:
    name = FILES.get(stream, stream)
    views = {file.name.partition(".jsonl")[0] for file in RECORDED.glob(f"{name}@*")}
    for each in (name, *sorted(views)):
        yield from map(DECODER.decode, lines(RECORDED, each))
    for url, body in exchanged():
        if re.search(rf"/V1/{PATHS[stream]}(\?|$)", url):
            found = body if isinstance(body, list) else body.get("items")
            # With `fields=` a row may lack its key.
            yield from (row for row in copy.deepcopy(found) or () if row and all(key in row for key in KEYS[stream]))


@cache
def exchanged() -> list[tuple[str, Any]]:
    """Read the recorded responses of lists, once."""
    found = map(DECODER.decode, lines(RECORDED, "exchanges"))
    exchanges = [exchange for exchange in found if exchange["status"] == HTTPStatus.OK]
    return [(each["request"]["url"], DECODER.decode(each["body"])) for each in exchanges]


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Walk what a row holds; an empty list or object is a leaf, a list's place is in its path."""
    children: Iterator[tuple[str, object]]
    if isinstance(value, dict) and value:
        children = ((f"{path}.{name}", item) for name, item in value.items())
    elif isinstance(value, list) and value:
        children = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    else:
        yield path, value
        return
    for child_path, item in children:
        yield from leaves(item, child_path)
