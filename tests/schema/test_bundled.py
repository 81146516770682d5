"""The bundled schemas, compared with what a real shop answered (recorded, see MEASURED.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from sample_store.recorded import lines
from tap_magento.records.transform import compile_transform
from tap_magento.schema import bundled as schemas
from tests.support.shared import each_recording, recorded_rows

Json = dict[str, Any]

BUNDLED: dict[str, Json] = {
    file.name.removesuffix(".json"): json.loads(file.read_text())
    for file in resources.files(schemas).iterdir()
    if file.name.endswith(".json")
}
KEYS = {
    "categories": "id",
    "invoices": "entity_id",
    "order_items": "item_id",
    "orders": "entity_id",
    "product_attributes": "attribute_id",
    "products": "id",
    "store_configs": "id",
    "store_groups": "id",
    "store_views": "id",
    "websites": "id",
}
# The exchanges hold what has no file of its own, and odd rows: bare, without items, with zero dates.
EXCHANGED = {
    "orders": r"/V1/orders\?",
    "order_items": r"/V1/orders/items\?",
    "invoices": r"/V1/invoices\?",
    "products": r"/V1/products\?",
    "categories": r"/V1/categories/list\?",
    "store_configs": r"/V1/store/storeConfigs$",
    "store_groups": r"/V1/store/storeGroups$",
    "store_views": r"/V1/store/storeViews$",
    "websites": r"/V1/store/websites$",
}
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


def raw_rows(recording: Path, stream: str) -> Iterator[Json]:
    yield from recorded_rows(recording, stream)
    for exchange in map(DECODER.decode, lines(recording, "exchanges")):
        if exchange["status"] == 200 and re.search(EXCHANGED.get(stream, "$^"), exchange["request"]["url"]):
            body = DECODER.decode(exchange["body"])
            found = body if isinstance(body, list) else body.get("items")
            # With `fields=` a row may lack its key.
            yield from (row for row in found or () if row and KEYS[stream] in row)


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
def test_every_property_has_one_concrete_type_and_may_be_null_but_for_the_key(stream: str) -> None:
    schema = BUNDLED[stream]
    assert schema["type"] == "object"
    for path, node in nodes(schema):
        if path == f".{KEYS[stream]}":
            assert node["type"] == ["integer"]
            continue
        concrete, null = node["type"]
        assert null == "null"
        assert concrete in {"array", "boolean", "integer", "number", "object", "string"}
        assert ("items" in node) == (concrete == "array"), path
        assert set(node) <= {"type", "properties", "items", "format", "additionalProperties"}, path
    Draft202012Validator.check_schema(schema)


def test_each_stream_has_a_schema() -> None:
    assert set(BUNDLED) == set(KEYS)


def test_timestamps_are_moments_and_amounts_are_numbers() -> None:
    amount = re.compile(r"_(amount|total|price|rate|percent|qty)$|^(price|weight|qty)(_|$)")
    flags = {"price_type", "use_config_min_sale_qty"}
    for stream, schema in BUNDLED.items():
        for path, node in nodes(schema):
            name = path.rpartition(".")[2]
            if name in {"created_at", "updated_at"}:
                assert node["format"] == "date-time", (stream, path)
            if amount.search(name) and name not in flags:
                assert node["type"][0] != "integer", (stream, path)


@each_recording
@pytest.mark.parametrize("stream", KEYS)
def test_every_recorded_value_has_its_declared_type(recording: Path, stream: str) -> None:
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
            justified = kind == "object" and not value, path.endswith("custom_attributes[].value")
            assert any(justified), path
        else:
            types: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "number": (int, Decimal)}
            assert isinstance(value, types[kind]), path
            assert isinstance(value, bool) == (kind == "boolean"), path

    for row in raw_rows(recording, stream):
        look(row, BUNDLED[stream], "")


@each_recording
@pytest.mark.parametrize("stream", KEYS)
def test_recorded_rows_are_valid_once_shaped_and_lose_nothing(recording: Path, stream: str) -> None:
    schema = BUNDLED[stream]
    lost: list[str] = []
    shape = compile_transform(schema, stream=stream, on_unknown=lost.append, on_type_mismatch=lost.append)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    count = 0
    for row in raw_rows(recording, stream):
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
        return shaped == (raw[:10] if path == ".customer_dob" else moment)
    if path.endswith(".value"):  # `category_ids` without a category
        return (raw, shaped) == ([], "[]")
    return raw == [] and shaped is None  # PHP's empty object
