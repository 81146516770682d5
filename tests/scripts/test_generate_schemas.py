"""The script that makes the bundled schemas."""

from __future__ import annotations

import json

import pytest

from scripts import generate_schemas as script

Json = dict[str, object]

ROW = script.Place("row")


@pytest.fixture(autouse=True)
def _no_descriptions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "committed" not in request.node.name:
        monkeypatch.setattr(script, "DESCRIPTIONS", {})


def declared(kind: str, **more: object) -> Json:
    return {"type": [kind, "null"], **more}


def test_the_committed_schemas_are_up_to_date() -> None:
    assert script.committed() == script.generate()


def test_the_committed_schemas_are_those_of_the_streams_listed() -> None:
    assert script.committed().keys() == {f"{stream}.json" for stream in script.SETTINGS["streams"]}


def test_names_and_types_are_all_that_is_taken_over() -> None:
    node = declared(
        "object",
        properties={"weight": {**declared("number"), "x-declared-required": True}},
        additionalProperties=True,
        **{"x-php": "A"},
    )
    assert script.convert(node, ROW) == {"type": ["object", "null"], "properties": {"weight": script.NUMBER}}


def test_an_object_without_known_fields_is_open() -> None:
    assert script.convert(declared("object", properties={}), ROW) == script.ANY_OBJECT


def test_an_interface_inside_itself_is_written_out_once_and_described_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "DESCRIPTIONS", {"code": "A name."})
    item = declared(
        "object",
        properties={"code": declared("string"), "parent_item": declared("object", **{"x-php": "Item"})},
        **{"x-php": "Item"},
    )
    properties = script.convert(item, ROW)["properties"]
    assert properties["code"] == {**script.STRING, "description": "A name."}
    assert properties["parent_item"]["properties"] == {"code": script.STRING, "parent_item": script.ANY_OBJECT}


def test_the_keys_may_not_be_null() -> None:
    node = declared("object", properties={name: declared("integer") for name in ("a", "b", "c")})
    assert script.stream_schema("row", node, ["a", "b"]) == {
        "type": "object",
        "properties": {"a": {"type": ["integer"]}, "b": {"type": ["integer"]}, "c": {"type": ["integer", "null"]}},
    }


def test_untyped_values_are_texts() -> None:
    assert script.convert({"x-untyped": True}, ROW) == script.STRING


def test_a_text_that_looks_like_a_time_has_to_be_decided() -> None:
    with pytest.raises(ValueError, match="'sent_at'"):
        script.convert_property("sent_at", declared("string"), ROW)
    assert script.convert_property("updated_at", declared("string"), ROW)["format"] == "date-time"


@pytest.mark.parametrize(
    ("interface", "entity"),
    [
        ("Magento\\Sales\\Api\\Data\\OrderItemInterface", "sales-order-item"),
        ("Magento\\Downloadable\\Api\\Data\\File\\ContentInterface", "downloadable-file-content"),
        ("rma-data-rma-interface", "rma-rma"),
        ("company-credit-data-history-data-interface", "company-credit-history-data"),
        ("gift-card-account-api-data-gift-card-account-data-interface", "gift-card-account-api-gift-card-account-data"),
    ],
)
def test_an_entity_is_named_as_in_the_shops_document(interface: str, entity: str) -> None:
    assert script.entity_of(interface) == entity


def test_the_more_special_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "TYPES", {"id": "string", "card.id": "integer", "a-card.id": "number"})

    def kind(**more: object) -> object:
        node = declared("object", properties={"id": declared("string")}, **more)
        row = declared("object", properties={"card": node})
        return script.convert(row, ROW)["properties"]["card"]["properties"]["id"]["type"][0]

    assert kind(**{"x-php": "Magento\\A\\Api\\Data\\CardInterface"}) == "number"
    assert kind() == "integer"
    assert script.convert_property("id", declared("boolean"), ROW) == script.STRING


def test_notes_are_beside_the_type_and_a_name_can_be_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "NOTES", {"x-personal": {"city": "address", "shop.city": None}})
    assert script.convert_property("city", declared("string"), ROW) == {**script.STRING, "x-personal": "address"}
    assert script.convert_property("city", declared("string"), script.Place("shop")) == script.STRING


def test_an_amount_is_described_once_for_both_currencies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "DESCRIPTIONS", {"total": "Sum, {currency}.", "level": "A level."})
    assert script.describe("total", ROW) == "Sum, in the order's currency."
    assert script.describe("base_total", ROW) == "Sum, in the website's base currency."
    assert script.describe("level", ROW) == "A level."
    assert script.describe("base_level", ROW) is None


def test_what_adobe_commerce_adds_goes_where_it_says_and_leaves_open_what_was_open() -> None:
    row = declared("object", properties={"items": declared("array", items=declared("object", properties={}))})
    for path, kind in [
        ("items[].extension_attributes", "object"),
        ("items[].extension_attributes.codes", "array<string>"),
        ("items[].extension_attributes.gw_price", "string"),
        ("items[].attributes", "array<object>"),
        ("items[].attributes[].value", "any"),
    ]:
        script.add_field(row, path, kind)
    item = script.convert(row, ROW)["properties"]["items"]["items"]["properties"]
    assert item["extension_attributes"] == {
        "type": ["object", "null"],
        "properties": {"codes": {"type": ["array", "null"], "items": script.STRING}, "gw_price": script.NUMBER},
        "additionalProperties": True,
        "x-edition": "commerce",
    }
    assert item["attributes"]["x-edition"] == "commerce"
    assert item["attributes"]["items"] == {"type": ["object", "null"], "properties": {"value": script.STRING}}


def test_the_text_of_a_schema_is_the_schema_and_a_plain_field_is_a_line() -> None:
    inner = {"type": ["object", "null"], "properties": {"b": script.STRING}}
    schema = {
        "type": "object",
        "properties": {"a": {**script.STRING, "description": "é"}, "list": {"type": ["array", "null"], "items": inner}},
    }
    text = script.render(schema)
    assert json.loads(text) == schema
    assert '  "a": {"type": ["string", "null"], "description": "é"},\n' in text
    assert text.endswith("}\n")


def test_check_tells_what_is_outdated(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(script, "generate", lambda: {"orders.json": "{}"})
    monkeypatch.setattr(script, "committed", lambda: {"orders.json": "{ }", "gone.json": "{}"})
    assert script.main(["--check"]) == 1
    assert capsys.readouterr().out == "outdated: gone.json\noutdated: orders.json\n"


def test_every_name_that_is_described_or_noted_is_that_of_a_committed_field() -> None:
    """A misspelt name would say nothing, silently."""
    fields = {name for text in script.committed().values() for name in names(json.loads(text))}
    told = {*script.DESCRIPTIONS, *script.TYPES, *(name for notes in script.NOTES.values() for name in notes)}
    assert not {name for name in told if name.rpartition(".")[2] not in fields}


def names(schema: script.Json) -> set[str]:
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return set(schema.get("properties", {})).union(*map(names, inner))
