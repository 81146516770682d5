"""Attributes as the shop lists them, and the schemas that follow."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from tap_magento.schema.attributes import (
    Attribute,
    attribute_from,
    custom_attributes_schema,
    labels_schema,
    with_attributes,
    without_columns,
)
from tests.support.recorded_attributes import attribute_rows
from tests.support.shared import each_recording

Json = dict[str, Any]


def nullable(kind: str, **more: object) -> Json:
    return {"type": [kind, "null"], **more}


TEXTS = nullable("array", items=nullable("string"))
ANY_TEXTS = nullable("object", additionalProperties=nullable("string"))


def row(shown: object, table: object = None, *values: object, code: str = "acme") -> Json:
    options = [{"label": f"<{value}>", "value": value} for value in values]
    return {
        "attribute_code": code,
        "frontend_input": shown,
        "backend_type": table,
        "scope": "store",
        "options": options,
    }


@pytest.mark.parametrize(
    ("shown", "table", "expected"),
    [
        ("price", "decimal", "number"),
        ("weight", "decimal", "number"),
        ("text", "decimal", "number"),
        ("text", "int", "integer"),
        (None, "int", "integer"),
        ("boolean", "int", "boolean"),
        ("boolean", "varchar", "boolean"),
        ("date", "datetime", "date"),
        ("datetime", "datetime", "date-time"),
        ("text", "datetime", "date-time"),
        ("multiselect", "text", "array of strings"),
        ("multiselect", "varchar", "array of strings"),
        ("select", "int", "integer"),
        ("select", "varchar", "string"),
        ("select", "decimal", "number"),
        ("text", "varchar", "string"),
        ("textarea", "text", "string"),
        ("media_image", "varchar", "string"),
        ("multiline", "text", "string"),
        ("text", "static", "string"),
        ("weee", "static", "string"),
        ("acme_input", "acme_table", "string"),
        (["select"], {"int": 1}, "string"),
        (None, None, "string"),
    ],
)
def test_the_type_follows_from_what_is_shown_and_from_the_table(shown: object, table: object, expected: str) -> None:
    assert attribute_from(row(shown, table)).type == expected


@pytest.mark.parametrize("table", ["static", None])
@pytest.mark.parametrize(
    ("options", "expected"),
    [(("", "1", "20"), "integer"), (("", "AF", "20"), "string"), (("",), "string"), ((1, 2), "integer")],
)
def test_a_select_of_a_column_has_the_type_of_its_options(table: object, options: Any, expected: str) -> None:
    assert attribute_from(row("select", table, *options)).type == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("category_ids", "array of integers"),
        ("has_options", "boolean"),
        ("children_count", "integer"),
        ("updated_at", "date-time"),
        ("rp_token_created_at", "date-time"),
        ("dob", "date"),
        ("path", "string"),
    ],
)
def test_columns_have_the_types_they_have_in_the_database(code: str, expected: str) -> None:
    assert attribute_from(row("date" if code == "dob" else "text", "static", code=code)).type == expected


def test_an_attribute_of_a_shop_that_is_named_like_a_column_is_its_own() -> None:
    assert attribute_from(row("text", "varchar", code="position")).type == "string"


def test_options_are_kept_without_the_empty_one_and_without_their_groups() -> None:
    grouped = {
        "label": "Website",
        "options": [{"label": "\xa0\xa0Group", "options": [{"label": "\xa0\xa0View", "value": "4"}]}],
    }
    options = [
        {"label": " ", "value": ""},
        grouped,
        {"label": None, "value": 5},
        {"label": "x"},
        {"value": []},
        None,
        7,
    ]
    attribute = attribute_from({**row("select", "int"), "options": options})
    assert dict(attribute.options) == {"4": "View", "5": "5"}
    assert attribute.has_labels
    with pytest.raises(TypeError):
        attribute.options["6"] = "x"  # type: ignore[index]  # the point
    assert attribute_from({**row("text", "int"), "options": {"0": 1}}).options == {}


def test_what_cannot_be_told_is_a_global_text() -> None:
    assert attribute_from({"attribute_code": "acme"}) == Attribute("acme", "string", "global")
    assert attribute_from({"attribute_code": "acme", "scope": 7}).scope == "global"
    assert attribute_from(row("text")).scope == "store"


@pytest.mark.parametrize("code", [None, "", 7, ["x"]])
def test_a_row_without_a_code_is_an_error(code: object) -> None:
    with pytest.raises(ValueError, match="attribute_code"):
        attribute_from({"attribute_code": code})


KINDS = [
    Attribute("note", "string"),
    Attribute("ids", "array of integers"),
    Attribute("colors", "array of strings", has_labels=True),
    Attribute("day", "date"),
    Attribute("moment", "date-time"),
    Attribute("price", "number"),
    Attribute("size", "integer", has_labels=True),
    Attribute("is_new", "boolean"),
]


def test_the_schema_has_the_codes_in_order_whatever_the_shops_order() -> None:
    expected = {
        "colors": TEXTS,
        "day": nullable("string", format="date"),
        "ids": nullable("array", items=nullable("integer")),
        "is_new": nullable("boolean"),
        "moment": nullable("string", format="date-time"),
        "note": nullable("string"),
        "price": nullable("number"),
        "size": nullable("integer"),
    }
    written = json.dumps(nullable("object", properties=expected))
    for _ in range(10):
        assert json.dumps(custom_attributes_schema(random.sample(KINDS, len(KINDS)))) == written
    assert labels_schema(KINDS) == nullable("object", properties={"colors": TEXTS, "size": nullable("string")})


def test_without_attributes_any_code_is_a_text() -> None:
    assert custom_attributes_schema([]) == labels_schema([]) == ANY_TEXTS


def test_rows_get_their_companions_beside_the_attributes() -> None:
    raw = {"type": "array", "items": {}}
    schema = {"type": "object", "properties": {"id": {"type": ["integer"]}, "custom_attributes": raw, "last": raw}}
    typed: Any = with_attributes(schema, iter(KINDS), labels=True)
    assert list(typed["properties"]) == [
        "id",
        "custom_attributes",
        "custom_attributes_unparsed",
        "custom_attribute_labels",
        "last",
    ]
    assert typed["properties"]["custom_attributes"] == custom_attributes_schema(KINDS)
    assert typed["properties"]["custom_attributes_unparsed"] == ANY_TEXTS
    assert typed["properties"]["custom_attribute_labels"] == labels_schema(KINDS)
    assert "custom_attribute_labels" not in with_attributes(schema, KINDS)["properties"]
    assert schema["properties"]["custom_attributes"] is raw  # type: ignore[index]  # a dict of a dict


def test_attributes_may_be_those_of_objects_in_a_row() -> None:
    address = nullable("object", properties={"custom_attributes": {"type": "array"}})
    schema = {"type": "object", "properties": {"addresses": nullable("array", items=address)}}
    typed: Any = with_attributes(schema, KINDS, below=("addresses",))
    inner = typed["properties"]["addresses"]["items"]["properties"]
    assert inner["custom_attributes"] == custom_attributes_schema(KINDS)
    assert with_attributes(schema, KINDS) == schema
    assert with_attributes(schema, KINDS, below=("nothing",)) == schema


def test_whose_data_attributes_are_is_still_said_of_what_is_made_of_them() -> None:
    schema = {"type": "object", "properties": {"custom_attributes": nullable("array", **{"x-personal": "text"})}}
    typed: Any = with_attributes(schema, KINDS, labels=True)
    assert {node["x-personal"] for node in typed["properties"].values()} == {"text"}


def test_attributes_that_are_fields_of_the_row_are_left_out() -> None:
    schema = {"type": "object", "properties": {"path": nullable("string"), "custom_attributes": {"type": "array"}}}
    attributes = [Attribute("path", "string"), Attribute("color", "integer"), Attribute("size", "integer")]
    assert [attribute.code for attribute in without_columns(iter(attributes), schema)] == ["color", "size"]
    assert without_columns(attributes, {"type": "object"}) == tuple(attributes)


@each_recording
@pytest.mark.parametrize("entity", ["products", "categories", "customer", "customerAddress"])
def test_every_attribute_of_a_recorded_shop_is_typed(recording: Path, entity: str) -> None:
    rows = attribute_rows(recording, entity)
    attributes = [attribute_from(row) for row in rows]
    schema: Any = custom_attributes_schema(attributes)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"].keys() == {row["attribute_code"] for row in rows}
    for attribute, told in zip(attributes, rows, strict=True):
        assert attribute.scope == told.get("scope", "global")
        assert attribute.has_labels == (told.get("frontend_input") in {"select", "multiselect"})


@each_recording
def test_every_kind_of_a_shops_own_attributes_is_typed(recording: Path) -> None:
    rows = attribute_rows(recording, "products")
    types = {attribute.code: attribute.type for attribute in map(attribute_from, rows)}
    assert {code: type_ for code, type_ in types.items() if code.startswith("lab_")} == {
        "lab_brand": "integer",
        "lab_features": "array of strings",
        "lab_list_price": "number",
        "lab_is_organic": "boolean",
        "lab_release_date": "date",
        "lab_avail_at": "date-time",
        "lab_short_note": "string",
        "lab_long_note": "string",
        "lab_numeric_text": "string",
    }
    assert types["category_ids"] == "array of integers"


def pages(attributes: int, options: int) -> Iterator[bytes]:
    """Pages of 100 attributes, as a large shop answers them, at some size a row."""
    for start in range(0, attributes, 100):
        rows = [
            {
                **row("select", "int", code=f"attribute_{number}"),
                "note": "x" * 800,
                "options": [{"label": f"Label {number} {id_}", "value": f"{number}{id_:04}"} for id_ in range(options)],
            }
            for number in range(start, start + 100)
        ]
        yield msgspec.json.encode({"items": rows})


def test_a_large_shop_is_kept_in_little_memory() -> None:
    count, options = 1_500, 134
    bodies = list(pages(count, options))
    gc.collect()
    tracemalloc.start()
    try:
        attributes = [attribute_from(row) for body in bodies for row in msgspec.json.decode(body)["items"]]
        schema = custom_attributes_schema(attributes)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(schema["properties"]) == count
    assert sum(len(attribute.options) for attribute in attributes) == count * options
    assert held < 200 * count * options  # bytes an option: two short texts and a place in a table
    assert most < 1.5 * held
