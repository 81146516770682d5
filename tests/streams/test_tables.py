"""All tables, held against what the sample store holds: lists, documents, and what is nested in them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft7Validator, FormatChecker

from demo.nested import NESTED
from demo.shops import truth
from demo.truth import compare
from sample_store import Server, Shop, prices, salable, serve
from sample_store.criteria import parse_criteria
from tap_magento.streams import STREAMS, hidden_streams
from tap_magento.streams.base import MagentoStream
from tap_magento.streams.deletions import Deletions
from tap_magento.streams.nested import NestedStream
from tests.support.in_process import (
    discover,
    discover_some,
    make_tap,
    requests_of,
    schema_of,
    selecting,
    settings,
    sync,
)
from tests.support.messages import Messages

#: Streams whose truth the store computes.
PRICES = {
    "base_prices": prices.base_prices,
    "special_prices": prices.special_prices,
    "tier_prices": prices.tier_prices,
    "costs": prices.costs,
}
#: Streams that have a truth, or tests, of their own.
OTHERS = {"deletions", "modules", "product_attribute_values", "product_stock_items"}
ORDER_TABLES = [name for name, nested in NESTED.items() if nested.parent == "orders"]


@pytest.fixture(scope="module")
def store() -> Iterator[Server]:
    with serve(Shop.generate(orders=40, module=True)) as running:
        yield running


@pytest.fixture(scope="module")
def catalog(store: Server) -> dict[str, Any]:
    return discover(settings(store))


@pytest.fixture(scope="module")
def names(catalog: dict[str, Any]) -> list[str]:
    return [entry["tap_stream_id"] for entry in catalog["streams"]]


@pytest.fixture(scope="module")
def lines(store: Server, catalog: dict[str, Any], names: list[str]) -> Messages:
    """All streams, those that are not selected by default too."""
    return sync(settings(store, page_size=15), selecting(catalog, names))


def true_rows(shop: Shop, stream: str) -> list[dict[str, Any]] | None:
    skus = [row["sku"] for row in shop.rows("products")]
    if stream in PRICES:
        return list(PRICES[stream](shop, skus))
    if stream == "inventory_salable_quantities":
        codes = [row["code"] for row in truth(shop, "websites") or () if row["code"] != "admin"]
        return [{"website_code": code, **row} for code in codes for row in salable.indexed(shop, ("website", code))]
    return truth(shop, stream)


def keys_of(catalog: dict[str, Any], stream: str) -> list[str]:
    entry = next(each for each in catalog["streams"] if each["tap_stream_id"] == stream)
    keys: list[str] = entry["key_properties"]
    return keys


def test_all_of_open_source_is_offered(names: list[str]) -> None:
    declared = {stream.declared_name() for stream in STREAMS if not (stream.is_commerce or stream.needs_setting)}
    of_commerce = {"return_items", "return_comments", "return_tracks"}
    assert set(names) == declared - of_commerce
    assert len(names) > 70


def test_every_table_is_the_shop_s(store: Server, catalog: dict[str, Any], names: list[str], lines: Messages) -> None:
    empty = []
    for stream in names:
        if stream in OTHERS:
            continue
        rows = true_rows(store.shop, stream)
        assert rows is not None, stream
        found = compare(lines.records(stream), rows, keys_of(catalog, stream))
        assert not found.wrong, stream
        assert not found.deleted, stream
        assert not found.doubled, stream
        assert len(found.equal) == len(rows), stream
        empty += [stream] if not rows else []
    assert empty == [], "the store has no rows to test these with"
    assert lines.keys("modules", "name") == [(name,) for name in json.loads(store.shop.documents["modules"])]


def test_every_record_is_valid(lines: Messages, names: list[str]) -> None:
    for stream in names:
        if not lines.records(stream):
            continue
        (schema,) = lines.of("SCHEMA", stream)
        validator = Draft7Validator(schema["schema"], format_checker=FormatChecker())
        errors = [error for record in lines.records(stream) for error in validator.iter_errors(record)]
        assert not errors, (stream, errors[0].json_path)


def test_a_nested_row_is_extracted_when_its_parent_is(lines: Messages) -> None:
    for stream in STREAMS:
        if not issubclass(stream, NestedStream) or stream.declared_name() not in NESTED:
            continue
        parent = stream.parent_stream_type.declared_name()  # type: ignore[union-attr]
        column, (_, name) = next(iter(NESTED[stream.declared_name()].columns.items()))
        times = {line["record"][name]: line["time_extracted"] for line in lines.of("RECORD", parent)}
        for line in lines.of("RECORD", stream.declared_name()):
            assert line["time_extracted"] == times[line["record"][column]]


def test_attributes_of_customers_and_addresses_are_typed(catalog: dict[str, Any], lines: Messages) -> None:
    typed = schema_of(catalog, "customers")["custom_attributes"]["properties"]
    assert typed["acme_credit"]["type"] == ["number", "null"]
    assert typed["acme_is_member"]["type"] == ["boolean", "null"]
    assert typed["acme_member_since"]["format"] == "date"
    assert schema_of(catalog, "customer_addresses")["custom_attributes"]["properties"]["acme_floor"] == {
        "type": ["integer", "null"]
    }
    floors = [row["custom_attributes"]["acme_floor"] for row in lines.records("customer_addresses") if row["id"] % 2]
    assert floors
    assert all(isinstance(floor, int) for floor in floors)
    assert not any(row.get("custom_attributes_unparsed") for row in lines.records("customer_addresses"))


def test_additional_information_is_exact(store: Server, lines: Messages) -> None:
    for stream in ("transactions", "order_payments"):
        raw = {row[keys]: row for row in truth(store.shop, stream) or () for keys in row if keys in _KEYS[stream]}
        for record in lines.records(stream):
            assert record["additional_information"] == raw[record[_KEYS[stream]]]["additional_information"]


_KEYS = {"transactions": "transaction_id", "order_payments": "entity_id"}


def test_every_value_of_an_attribute_is_a_row(store: Server, lines: Messages) -> None:
    found: dict[tuple[int, str], list[str]] = {}
    for row in lines.records("product_attribute_values"):
        found.setdefault((row["product_id"], row["attribute_code"]), []).append(row["value"])
    by_product = {row["id"]: row["custom_attributes"] for row in store.shop.rows("products")}
    assert {key for key, _ in found} == {key for key, attributes in by_product.items() if attributes}
    allergens = [(key, codes) for key, codes in found.items() if key[1] == "acme_allergens"]
    assert any(len(codes) == 2 for _, codes in allergens)
    for (key, code), values in allergens:
        raw = next(each["value"] for each in by_product[key] if each["attribute_code"] == code)
        assert values == raw.split(",")


def test_labels_of_values_come_where_labels_are_wanted(store: Server) -> None:
    config = settings(store, option_labels=True)
    lines = sync(config, discover_some(config, ["product_attribute_values"]))
    labels = {(row["attribute_code"], row["value"]): row["label"] for row in lines.records("product_attribute_values")}
    assert labels["acme_origin", "3001"] == "Germany"
    assert labels["acme_allergens", "3013"] == "Egg"
    assert labels["acme_batch", "000001"] is None


@pytest.mark.parametrize("parent", ["orders", "products", "invoices", "customers"])
def test_nested_tables_are_the_same_where_the_catalog_lacks_their_parent(store: Server, parent: str) -> None:
    config = settings(store, option_labels=True, audit="off")
    nested = [each.declared_name() for each in STREAMS if _parent_of(each) == parent]
    whole = discover_some(config, nested)
    alone = {**whole, "streams": [each for each in whole["streams"] if each["tap_stream_id"] in nested]}
    with_parent, without_parent = sync(config, whole), sync(config, alone)
    for name in nested:
        assert without_parent.records(name) == with_parent.records(name)
    assert any(with_parent.records(name) for name in nested)


def _parent_of(stream: type[MagentoStream]) -> str | None:
    parent: Any = stream.parent_stream_type
    return None if parent is None else str(parent.declared_name())


@pytest.mark.parametrize("parent", ["orders", "products", "invoices", "customers"])
def test_nested_tables_cost_no_request(store: Server, catalog: dict[str, Any], parent: str) -> None:
    config = settings(store, schema_source="bundled", page_size=10, max_concurrency=1, audit="off")
    nested = [name for name, each in NESTED.items() if each.parent == parent]
    counts = []
    for chosen in ([parent], [parent, *nested]):
        store.clear()
        sync(config, selecting(catalog, chosen))
        counts.append(requests_of(store))
    assert counts[0] == counts[1]


def test_one_nested_table_alone_requests_what_it_needs(store: Server, catalog: dict[str, Any]) -> None:
    config = settings(store, schema_source="bundled", audit="off")
    store.clear()
    lines = sync(config, selecting(catalog, ["order_addresses"]))
    assert {line["stream"] for line in lines.lines if line["type"] == "RECORD"} == {"order_addresses"}
    queries = [unquote(request.query) for request in store.requests if request.entity == "orders"]
    fields = [query.split("fields=")[1].split("&")[0] for query in queries if "fields=items" in query]
    assert fields
    needed = {"items", "total_count", "entity_id", "updated_at", "billing_address"}
    needed |= {"extension_attributes", "shipping_assignments", "shipping", "address"}
    for wanted in fields:
        assert set(re.findall(r"[a-z_]+", wanted)) <= needed


def test_a_deselected_copy_is_requested_for_the_nested_table_alone(store: Server, catalog: dict[str, Any]) -> None:
    config = settings(store, schema_source="bundled", audit="off")
    deselected = {"orders": [["properties", "payment"], ["properties", "status_histories"]]}
    store.clear()
    lines = sync(config, selecting(catalog, ["orders", "order_payments"], deselected))
    assert not any({"payment", "status_histories"} & record.keys() for record in lines.records("orders"))
    assert len(lines.records("order_payments")) == len(truth(store.shop, "order_payments") or ())
    queries = [unquote(request.query) for request in store.requests if request.entity == "orders"]
    assert any("payment" in query for query in queries)
    assert not any("status_histories" in query for query in queries)


def test_a_role_with_sales_only_is_offered_sales_only(store: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tap-magento")
    roles = dict(store.shop.roles)
    sales = {
        "Magento_Sales::actions_view",
        "Magento_Sales::sales_invoice",
        "Magento_Sales::shipment",
        "Magento_Sales::sales_creditmemo",
        "Magento_Sales::transactions_fetch",
    }
    store.shop.roles["admin"] = frozenset(sales)
    try:
        catalog = discover(settings(store))
        tap = make_tap(settings(store, audit="off"))
        findings = {finding.stream: finding for finding in tap.probe()}
    finally:
        store.shop.roles.update(roles)
    offered = {entry["tap_stream_id"] for entry in catalog["streams"]}
    lists = {"orders", "order_items", "invoices", "shipments", "credit_memos", "transactions"}
    nested = {name for name, each in NESTED.items() if each.parent in lists}
    assert offered == lists | nested | {"currencies", "countries", "regions", Deletions.declared_name()}
    (line,) = {record.getMessage() for record in caplog.records if record.getMessage().startswith("Not offered")}
    assert "products" in line
    assert "Magento_Catalog::products (Catalog > Inventory > Products)" in line
    assert "Magento_Customer::customer (Customers)" in line
    hidden = hidden_streams({}, offered)
    assert not hidden.keys() & offered
    assert hidden["products"] == hidden["product_media"] == "Magento_Catalog::products (Catalog > Inventory > Products)"
    assert not {"returns", "return_items", "product_store_values"} & hidden.keys()
    assert "product_store_values" in hidden_streams({"store_views": ["de"]}, offered)
    assert findings.keys() <= offered
    assert findings.keys() >= lists
    assert not any(finding.problem for finding in findings.values())


@pytest.mark.parametrize("stream", [each for each in STREAMS if issubclass(each, NestedStream)])
def test_a_nested_stream_is_keyed_by_its_own_fields_and_names_its_parent(stream: type[NestedStream]) -> None:
    assert stream.columns
    assert stream.declared_keys()
    assert (
        (stream.declared_name() in NESTED)
        or stream.declared_name() in {*OTHERS, "attribute_options"}
        or (stream.declared_name().startswith(("return_", "negotiable_")))
    )


def test_prices_come_in_batches_of_skus(
    store: Server, catalog: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_magento.streams.prices._BATCH", 10)
    store.clear()
    lines = sync(settings(store, schema_source="bundled"), selecting(catalog, ["base_prices"]))
    products = len(store.shop.rows("products"))
    assert requests_of(store, "base-prices-information") == -(-products // 10) > 3
    assert not compare(
        lines.records("base_prices"), true_rows(store.shop, "base_prices") or [], ["sku", "store_id"]
    ).wrong


def test_salable_quantities_can_be_computed_now(
    store: Server, catalog: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_magento.streams.inventory._BATCH", 10)
    config = settings(store, schema_source="bundled", salable_quantities="exact")
    records = sync(config, selecting(catalog, ["inventory_salable_quantities"])).records("inventory_salable_quantities")
    codes = [row["code"] for row in truth(store.shop, "websites") or () if row["code"] != "admin"]
    every = parse_criteria({"searchCriteria": {"pageSize": "1000"}})
    expected = [
        {"website_code": code, **row}
        for code in codes
        for row in salable.computed(store.shop, ("website", code), every)["items"]
    ]
    found = compare(records, expected, ["website_code", "sku"])
    assert not found.wrong
    assert not found.deleted
    assert not found.doubled
    index = {
        (row["website_code"], row["sku"]): row["qty"]
        for row in true_rows(store.shop, "inventory_salable_quantities") or ()
    }
    assert any(index[row["website_code"], row["sku"]] != row["qty"] for row in records), "reservations are subtracted"
