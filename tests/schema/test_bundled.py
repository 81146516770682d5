"""The bundled schemas, compared with what a real shop answered (recorded, see docs/MAGENTO.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tap_magento.records.transform import compile_transform
from tap_magento.schema.annotations import without_annotations
from tests.support.bundled import BUNDLED, KEYS, PATHS, Json, leaves, nodes, raw_rows

TEXT_KEYS = {
    *("attribute_code", "base_currency_code", "currency_to", "customer_group", "name", "sku", "source_code"),
    *("website_code", "countries.id"),
}
DESCRIBED = [
    *("carts", "categories", "countries", "coupons", "credit_memos", "currencies", "customer_groups", "customers"),
    *("inventory_source_items", "inventory_sources", "invoices", "order_items", "orders", "products", "sales_rules"),
    *(
        "shipments",
        "store_configs",
        "store_groups",
        "store_views",
        "tax_rates",
        "tax_rules",
        "transactions",
        "websites",
    ),
]
KEYWORDS = ("type", "properties", "items", "format", "additionalProperties", "description")
NAIVE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


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


def test_each_stream_has_a_schema() -> None:
    assert set(BUNDLED) == set(KEYS)


@pytest.mark.parametrize("stream", DESCRIBED)
def test_every_column_of_the_main_streams_is_described_in_one_sentence(stream: str) -> None:
    for name, node in BUNDLED[stream]["properties"].items():
        text = node.get("description", "")
        assert re.fullmatch(r"\S.*[^.]\.", text), name
        assert "{" not in text


def test_the_base_amounts_and_the_orders_own_are_told_apart() -> None:
    orders = BUNDLED["orders"]["properties"]
    assert "base currency" in orders["base_grand_total"]["description"]
    assert "order's currency" in orders["grand_total"]["description"]


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
    for row in raw_rows(stream):
        assert not list(misfits(row, BUNDLED[stream]))


def misfits(value: object, schema: Json, path: str = "") -> Iterator[str]:
    """Walk the paths of what is of another type than declared, and may not be."""
    kind, *_ = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if isinstance(value, dict) and kind == "object":
        for name, item in value.items() if "properties" in schema else ():
            yield from misfits(item, schema["properties"][name], f"{path}.{name}")
    elif isinstance(value, list) and kind == "array":
        for item in value:
            yield from misfits(item, schema["items"], f"{path}[]")
    elif value is not None and not fits(value, kind, path):
        yield path


def fits(value: object, kind: str, path: str) -> bool:
    """Tell whether a value is of a type, or of another for a known reason."""
    if value == "" or (kind == "string" and path.endswith(".value")):  # PHP's empty list, and what may be anything
        return kind in {"string", "array"}
    if kind == "integer" and isinstance(value, str):  # an id that is a text here and a number where it joins
        return value.isdigit() and (path.endswith("id") or ".default_" in path)
    if kind == "object":  # PHP's empty object
        return value == []
    types: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "number": (int, Decimal)}
    return isinstance(value, types.get(kind, ())) and isinstance(value, bool) == (kind == "boolean")


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
