"""The bundled schemas, compared with what a real shop answered (recorded, see MEASURED.md)."""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from jsonschema import Draft202012Validator

from tap_magento.records.transform import compile_transform
from tap_magento.schema import bundled as schemas
from tap_magento.schema.annotations import (
    EXCLUDED,
    PERSONAL,
    ZERO_IS_NULL,
    PersonalData,
    annotated,
    without_annotations,
)

Json = dict[str, Any]

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "magento" / "recorded"
BUNDLED: dict[str, Json] = {
    file.name.removesuffix(".json"): json.loads(file.read_text())
    for file in resources.files(schemas).iterdir()
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
TEXT_KEYS = {
    *("attribute_code", "base_currency_code", "currency_to", "customer_group", "name", "sku", "source_code"),
    *("website_code", "countries.id"),
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
# The names of what is somebody's wherever it is, but for a warehouse's address.
PERSONAL_NAMES = {
    *("city", "comment", "company", "customer_dob", "customer_email", "customer_firstname", "customer_lastname"),
    *("customer_middlename", "customer_note", "customer_prefix", "customer_suffix", "customer_taxvat", "dob", "email"),
    *("fax", "firstname", "lastname", "middlename", "postcode", "prefix", "remote_ip", "street", "suffix", "taxvat"),
    *("telephone", "vat_id", "x_forwarded_for", "additional_information", "cc_last4", "cc_owner", "last_trans_id"),
    *("txn_id", "giftcard_recipient_email", "giftcard_recipient_name", "giftcard_sender_email"),
    *("giftcard_sender_name", "giftcard_message", "company_email", "vat_tax_id", "job_title", "protect_code"),
}
NOT_PERSONAL = {f"inventory_sources.{name}" for name in ("city", "postcode", "street")}
KEYWORDS = ("type", "properties", "items", "format", "additionalProperties", "description")
DECODER = msgspec.json.Decoder(float_hook=Decimal)
NAIVE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def nodes(schema: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Walk the properties and items of a schema, below its root."""
    for name, node in schema.get("properties", {}).items():
        yield f"{path}.{name}", node
        yield from nodes(node, f"{path}.{name}")
    if "items" in schema:
        yield f"{path}[]", schema["items"]
        yield from nodes(schema["items"], f"{path}[]")


def raw_rows(stream: str) -> Iterator[Json]:
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded rows in {RECORDED}")
    name = FILES.get(stream, stream)
    for file in sorted(RECORDED.glob(f"{name}.jsonl.gz")) + sorted(RECORDED.glob(f"{name}@*")):
        with gzip.open(file) as lines:
            yield from map(DECODER.decode, lines)
    for url, body in exchanged():
        if re.search(rf"/V1/{PATHS[stream]}(\?|$)", url):
            found = body if isinstance(body, list) else body.get("items")
            # With `fields=` a row may lack its key.
            yield from (row for row in copy.deepcopy(found) or () if row and all(key in row for key in KEYS[stream]))


@cache
def exchanged() -> list[tuple[str, Any]]:
    """Read the recorded responses of lists, once."""
    with gzip.open(RECORDED / "exchanges.jsonl.gz") as lines:
        exchanges = [exchange for exchange in map(DECODER.decode, lines) if exchange["status"] == HTTPStatus.OK]
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


@pytest.mark.parametrize("stream", KEYS)
def test_every_property_has_one_concrete_type_and_may_be_null_but_for_the_keys(stream: str) -> None:
    schema = BUNDLED[stream]
    assert schema["type"] == "object"
    for path, node in nodes(schema):
        concrete, *null = node["type"]
        assert null == ([] if path[1:] in KEYS[stream] else ["null"]), path
        assert concrete in {"array", "boolean", "integer", "number", "object", "string"}
        assert ("items" in node) == (concrete == "array"), path
        assert {*without_annotations(node)} <= {*KEYWORDS}, path
    for key in KEYS[stream]:
        kind = "string" if {key, f"{stream}.{key}"} & TEXT_KEYS else "number" if key == "quantity" else "integer"
        assert schema["properties"][key]["type"] == [kind]
    Draft202012Validator.check_schema(schema)


def test_names_of_personal_data_are_marked_wherever_they_occur() -> None:
    seen = set()
    for stream, schema in BUNDLED.items():
        marked = annotated(schema, PERSONAL)
        for path in paths(schema):
            if path[-1] in PERSONAL_NAMES:
                seen.add(path[-1])
                is_marked = any(path[: len(each)] == each for each in marked)
                assert is_marked == (f"{stream}.{path[-1]}" not in NOT_PERSONAL), (stream, path)
    assert seen == PERSONAL_NAMES


def paths(schema: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk the ways to a schema's fields, through objects and arrays alike."""
    for name, node in schema.get("properties", {}).items():
        yield (*path, name)
        yield from paths(node, (*path, name))
    if "items" in schema:
        yield from paths(schema["items"], path)


def test_personal_data_is_of_a_known_kind_and_joins_and_places_stay() -> None:
    kinds = set(get_args(PersonalData))
    for stream, schema in BUNDLED.items():
        for path, kind in annotated(schema, PERSONAL).items():
            assert kind in kinds, (stream, path)
            assert path[-1] not in {"country_id", "region", "region_code", "region_id", "customer_id"}, (stream, path)
            assert path not in {(key,) for key in KEYS[stream]}, (stream, path)


@pytest.mark.parametrize(
    "stream",
    ["products", "categories", "product_attributes", "sales_rules", "coupons", "store_views", "tax_rates", "cms_pages"],
)
def test_streams_of_things_hold_nothing_personal(stream: str) -> None:
    assert not annotated(BUNDLED[stream], PERSONAL)


def test_customers_own_attributes_are_personal() -> None:
    marked = annotated(BUNDLED["customers"], PERSONAL)
    assert marked["custom_attributes",] == marked["addresses", "custom_attributes"] == "text"
    assert marked["addresses", "street"] == "address"


def test_zero_is_none_only_of_ids_that_no_row_has() -> None:
    found = {(stream, *path) for stream, schema in BUNDLED.items() for path in annotated(schema, ZERO_IS_NULL)}
    assert {
        ("categories", "parent_id"),
        ("customers", "addresses", "region_id"),
        ("order_items", "parent_item_id"),
        ("orders", "billing_address", "region_id"),
        ("orders", "items", "parent_item_id"),
        ("store_groups", "root_category_id"),
    } <= found
    # Rows of these have the key 0: the group of guests, the views and websites of the admin.
    zero = {"customer_group_id", "group_id", "store_id", "website_id", "default_group_id", "default_store_id"}
    assert not {path[-1] for path in found} & zero
    for stream, *path in found:
        assert path[-1] not in KEYS[stream]


def test_files_and_codes_that_are_money_are_excluded() -> None:
    found = {(stream, path[-1]) for stream, schema in BUNDLED.items() for path in annotated(schema, EXCLUDED)}
    assert found == {
        ("carts", "base64_encoded_data"),
        ("carts", "giftcard_created_codes"),
        ("gift_card_accounts", "code"),
        ("gift_wrappings", "image_base64_content"),
        ("order_items", "base64_encoded_data"),
        ("order_items", "giftcard_created_codes"),
        ("orders", "base64_encoded_data"),
        ("orders", "code"),
        ("orders", "giftcard_created_codes"),
        ("shipments", "shipping_label"),
    }


@pytest.mark.parametrize("stream", ["orders", "order_items", "products", "customers", "categories"])
def test_no_recorded_row_has_a_value_in_a_field_that_is_excluded(stream: str) -> None:
    for row in raw_rows(stream):
        held = {re.sub(r"\[\d+\]", "", path) for path, value in leaves(row) if value is not None}
        assert not held & {"." + ".".join(path) for path in annotated(BUNDLED[stream], EXCLUDED)}


def test_each_stream_has_a_schema() -> None:
    assert set(BUNDLED) == set(KEYS)


def test_timestamps_are_moments_and_amounts_are_numbers() -> None:
    amount = re.compile(r"_(amount|total|price|rate|percent|qty)$|^(price|weight|qty)(_|$)")
    # Flags, and in Adobe Commerce codes of how a price was agreed upon.
    flags = {"price_type", "use_config_min_sale_qty", "negotiated_price_type", "applicable_shipping_method"}
    for stream, schema in BUNDLED.items():
        for path, node in nodes(schema):
            name = path.rpartition(".")[2]
            if name in {"created_at", "updated_at"}:
                assert node["format"] == "date-time", (stream, path)
            if amount.search(name) and name not in flags:
                assert node["type"][0] != "integer", (stream, path)


@pytest.mark.parametrize("stream", PATHS)
def test_every_recorded_value_has_its_declared_type(stream: str) -> None:
    def look(value: object, schema: Json, path: str) -> None:
        declared = schema["type"]
        kind = declared if isinstance(declared, str) else declared[0]
        if value is None:
            return
        if isinstance(value, dict):
            assert kind == "object", path
            if "properties" in schema:
                for name, item in value.items():
                    look(item, schema["properties"][name], f"{path}.{name}")
        elif isinstance(value, list) and kind == "array":
            for item in value:
                look(item, schema["items"], f"{path}[]")
        elif isinstance(value, list):
            assert kind == "object" and not value or path.endswith(".value"), path
        elif value == "" or (kind == "string" and path.endswith(".value")):
            assert kind in {"string", "array"}, path
        elif kind == "integer" and isinstance(value, str):
            # An id that is a text here and a number where it joins.
            assert path.endswith("id") or ".default_" in path, path
            assert value.isdigit(), path
        else:
            types: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "number": (int, Decimal)}
            assert isinstance(value, types[kind]), path
            assert isinstance(value, bool) == (kind == "boolean"), path

    for row in raw_rows(stream):
        look(row, BUNDLED[stream], "")


@pytest.mark.parametrize("stream", PATHS)
def test_recorded_rows_are_valid_once_shaped_and_lose_nothing(stream: str) -> None:
    schema = BUNDLED[stream]
    lost: list[str] = []
    shape = compile_transform(schema, stream=stream, on_unknown=lost.append, on_type_mismatch=lost.append)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    count = 0
    for row in raw_rows(stream):
        raw = dict(leaves(row))
        shaped = shape(row)
        validator.validate(shaped)
        after = dict(leaves(shaped))
        texts = {path: value for path, value in raw.items() if path not in after}
        for path in raw.keys() & after.keys():
            assert after[path] == raw[path] or justified(path, raw[path], after[path]), path
        # What is gone as a leaf was a list and is the same list as JSON text.
        for path, value in texts.items():
            whole = re.sub(r"\[\d+\]$", "", path)
            assert whole.endswith(".value"), path
            assert value in json.loads(str(after[whole]))
        count += 1
    assert count
    assert not lost


def justified(path: str, raw: object, shaped: object) -> bool:
    """Tell whether a value was changed for a good reason."""
    if isinstance(raw, str) and raw.startswith("0000-00-00"):
        return shaped is None
    if isinstance(raw, str) and NAIVE.fullmatch(raw):
        moment = raw.replace(" ", "T") + "+00:00"
        return shaped == (raw[:10] if path.endswith("dob") else moment)
    if path.endswith(".value"):  # of any type, as JSON text: `category_ids` without a category, a rule's number
        return bool(json.loads(str(shaped)) == raw)
    if isinstance(raw, str) and isinstance(shaped, int):  # an id
        return raw == str(shaped)
    return raw in ([], "") and shaped is None  # PHP's empty object, or list
