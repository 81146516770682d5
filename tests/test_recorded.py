"""On what a real shop answered: every attribute typed, every record valid, nothing lost without a name."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from importlib import resources
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from sample_store import Shop, serve
from sample_store.entities import BY_NAME
from tap_magento.schema import bundled
from tap_magento.schema.annotations import ZERO_IS_NULL, annotated
from tap_magento.tap import TapMagento
from tests.support.in_process import discover, selecting
from tests.support.recorded_attributes import attribute_rows
from tests.support.shared import RECORDINGS

Rows = list[dict[str, Any]]
Leaf = tuple[tuple[str, ...], Any]

VIEWS = ("default", "store_view_2")
#: Of the documents that are no lists, where the recorded ones lie.
DOCUMENTS = {
    "websites": "store/websites",
    "store_groups": "store/storeGroups",
    "store_views": "store/storeViews",
    "store_configs": "store/storeConfigs",
    "countries": "directory/countries",
    "customer_attributes": "attributeMetadata/customer",
    "customer_address_attributes": "attributeMetadata/customerAddress",
}
#: What a shop computes, of which nothing was recorded.
COMPUTED = {"base_prices", "special_prices", "tier_prices", "costs", "inventory_salable_quantities"}
#: Streams whose list has another name in the store.
LISTS = {"attribute_sets": "eav_attribute_sets"}
ATTRIBUTED = ("products", "categories")

#: What is left out of a record, and why, by the path of the field in the row as it comes.
OMITTED = {
    "orders": {
        r"items\.parent_item\..*": "a copy of the parent, which is an item of the order too",
        r"extension_attributes\.shipping_assignments\.items\..*": "a copy of the order's items",
    },
    "order_items": {r"parent_item\..*": "a copy of the parent, which is a row too"},
    "categories": {r"custom_attributes\.path": "a field of the row too"},
}


@dataclass
class Recorded:
    """What the tap wrote of the recorded shop, and the shop."""

    folder: Path
    shop: Shop
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[str, Rows] = field(default_factory=dict)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lists(self) -> list[str]:
        """The streams whose rows were recorded as they are."""
        whole = BY_NAME.keys() | DOCUMENTS.keys()
        return [stream for stream in self.schemas if stream in whole]

    def raw(self, stream: str) -> Rows:
        """The rows as the shop has them, in the order of their keys."""
        if stream in DOCUMENTS:
            rows: Rows = json.loads(self.shop.documents[DOCUMENTS[stream]], parse_float=Decimal)
            return rows
        bodies = self.shop.tables.bodies(BY_NAME[LISTS.get(stream, stream)])
        return [json.loads(body, parse_float=Decimal) for body in bodies]


@pytest.fixture(scope="module", params=RECORDINGS.values(), ids=list(RECORDINGS))
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """All streams of the recorded shop, read with its own schema."""
    folder: Path = request.param
    shop = Shop.recorded(folder)
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with serve(shop) as server, redirect_stdout(output):
        config = {
            "store_url": server.url,
            "access_token": shop.token(),
            "option_labels": True,
            "store_views": list(VIEWS),
        }
        catalog = discover(config)
        names = [entry["tap_stream_id"] for entry in catalog["streams"] if entry["tap_stream_id"] not in COMPUTED]
        TapMagento(config=config, catalog=selecting(catalog, names)).sync_all()
    result = Recorded(folder, shop)
    output.seek(0)
    for line in output:
        message = json.loads(line, parse_float=Decimal)
        if message["type"] == "SCHEMA":
            result.schemas[message["stream"]] = message["schema"]
            result.keys[message["stream"]] = tuple(message["key_properties"])
        elif message["type"] == "RECORD":
            result.records.setdefault(message["stream"], []).append(message["record"])
    return result


def test_every_list_is_complete(recorded: Recorded) -> None:
    lists = recorded.lists()
    assert len(lists) > 30
    for stream in lists:
        keys = recorded.keys[stream]
        expected = sorted(tuple(str(row.get(name)) for name in keys) for row in recorded.raw(stream))
        records = recorded.records.get(stream, ())
        assert sorted(tuple(str(row[name]) for name in keys) for row in records) == expected, stream


def test_no_key_comes_twice(recorded: Recorded) -> None:
    for stream, rows in recorded.records.items():
        keys = [tuple(str(row[name]) for name in recorded.keys[stream]) for row in rows]
        assert len(set(keys)) == len(keys), stream


def test_every_record_is_valid(recorded: Recorded) -> None:
    for stream, schema in recorded.schemas.items():
        validator = Draft7Validator(schema, format_checker=FormatChecker())
        for record in recorded.records.get(stream, ()):
            errors = [f"{stream} {error.json_path}: {error.validator}" for error in validator.iter_errors(record)]
            assert errors == []


def test_every_property_has_one_concrete_type(recorded: Recorded) -> None:
    for stream, schema in recorded.schemas.items():
        for path, node in nodes(schema):
            assert len(set(node["type"]) - {"null"}) == 1, f"{stream}.{path}"


@pytest.mark.parametrize("stream", ATTRIBUTED)
def test_every_attribute_is_typed_and_every_value_fits_its_type(recorded: Recorded, stream: str) -> None:
    typed = recorded.schemas[stream]["properties"]["custom_attributes"]["properties"]
    columns = recorded.schemas[stream]["properties"].keys()
    assert typed.keys() == {row["attribute_code"] for row in attribute_rows(recorded.folder, stream)} - columns
    codes = {each["attribute_code"] for row in recorded.raw(stream) for each in row["custom_attributes"]} - columns
    assert codes <= typed.keys()
    kinds = Counter(next(kind for kind in typed[code]["type"] if kind != "null") for code in codes)
    assert kinds["string"] < sum(kinds.values())
    assert [row for row in recorded.records[stream] if row["custom_attributes_unparsed"]] == []


def test_the_kinds_of_values_are_those_of_the_attributes(recorded: Recorded) -> None:
    typed = recorded.schemas["products"]["properties"]["custom_attributes"]["properties"]
    assert typed["category_ids"] == {"type": ["array", "null"], "items": {"type": ["integer", "null"]}}
    assert typed["special_price"] == {"type": ["number", "null"]}
    assert typed["color"] == {"type": ["integer", "null"]}
    assert typed["special_from_date"]["format"] == "date"
    assert typed["description"] == {"type": ["string", "null"]}


def test_no_leaf_of_a_row_is_lost(recorded: Recorded) -> None:
    for stream in recorded.lists():
        known = [re.compile(pattern) for pattern in OMITTED.get(stream, {})]
        zeros = zero_is_null(stream)
        lost, used = set(), set()
        keys = recorded.keys[stream]
        by_key = {tuple(str(row[name]) for name in keys): row for row in recorded.records.get(stream, ())}
        for row in recorded.raw(stream):
            for path, value in missing(row, by_key[tuple(str(row[name]) for name in keys)]):
                where = ".".join(name for name in path if not name.isdigit())
                if value == 0 and where in zeros:
                    continue
                reasons = [pattern for pattern in known if pattern.fullmatch(where)]
                used.update(reasons)
                if not reasons:
                    lost.add((where, type(value).__name__))
        assert lost == set(), stream
        assert used == set(known), f"{stream}: an omission that nothing needs"


def test_labels_are_those_of_the_options(recorded: Recorded) -> None:
    options = {(row["attribute_code"], row["value"]): row["label"] for row in recorded.records["attribute_options"]}
    labelled = [row for row in recorded.records["products"] if row["custom_attribute_labels"]]
    assert labelled
    found = 0
    for row in labelled:
        for code, label in row["custom_attribute_labels"].items():
            value = row["custom_attributes"][code]
            if isinstance(label, str) and (code, str(value)) in options:
                assert label == options[code, str(value)].strip()
                found += 1
    assert found


@pytest.mark.parametrize("stream", ATTRIBUTED)
def test_store_values_are_those_of_the_store_view(recorded: Recorded, stream: str) -> None:
    name = {"products": "product_store_values", "categories": "category_store_values"}[stream]
    records = recorded.records[name]
    assert {record["store_code"] for record in records} == set(VIEWS)
    checked = 0
    for record in records:
        raw = recorded.shop.row(stream, record["id"], record["store_code"])
        assert raw is not None
        if "name" in record:
            assert record["name"] == raw["name"]
            checked += 1
        own = {each["attribute_code"]: each["value"] for each in raw["custom_attributes"]}
        for code, value in (record["custom_attributes"] or {}).items():
            assert same(own[code], value), code
            checked += 1
    assert checked > len(records)


def zero_is_null(stream: str) -> set[str]:
    """The fields of which the bundled schema says that 0 stands for none."""
    schema = json.loads((resources.files(bundled) / f"{stream}.json").read_text())
    return {".".join(path) for path in annotated(schema, ZERO_IS_NULL)}


def nodes(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, node in schema.get("properties", {}).items():
        yield f"{path}.{name}", node
        yield from nodes(node, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield f"{path}[]", schema["items"]
        yield from nodes(schema["items"], f"{path}[]")


def missing(raw: Any, record: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Walk a row as it came; yield the leaves that the record does not have."""
    if isinstance(raw, list) and isinstance(record, dict):  # attributes, by their codes
        raw = {each["attribute_code"]: each["value"] for each in raw}
    if isinstance(raw, dict) and raw and isinstance(record, (dict, type(None))):
        for name, value in raw.items():
            yield from missing(value, (record or {}).get(name), (*path, name))
    elif isinstance(raw, list) and raw and isinstance(record, (list, type(None))):
        if path[-1] == "values" and "configurable_product_options" in path:
            raw = sorted(raw, key=itemgetter("value_index"))  # the shop sends them in any order
        if record is not None and len(record) != len(raw):
            yield path, raw
        for number, value in enumerate(raw):
            yield from missing(value, record[number] if record else None, (*path, str(number)))
    elif not same(raw, record):
        yield path, raw


def same(raw: Any, value: Any) -> bool:
    """Tell whether a leaf arrived: as it is, or as null, moment, number or list where PHP writes a text for it."""
    if value is None or value == {}:
        return raw is None or raw in ("", [], {}) or str(raw).startswith("0000-00-00")
    if isinstance(value, list):
        items = raw.split(",") if isinstance(raw, str) else raw
        return isinstance(items, list) and len(items) == len(value) and all(map(same, items, value))
    if isinstance(value, str):
        moment = value.replace("T", " ").removesuffix("+00:00")
        return raw in (value, moment) or raw == f"{value} 00:00:00" or same_json(raw, value)
    try:
        return Decimal(str(raw + 0 if isinstance(raw, bool) else raw)) == Decimal(str(value + 0))
    except InvalidOperation:
        return False


def same_json(raw: Any, text: str) -> bool:
    """Tell whether a text is what is no text, written as JSON."""
    try:
        return not isinstance(raw, str) and bool(json.loads(text, parse_float=Decimal) == raw)
    except ValueError:
        return False
