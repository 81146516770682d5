"""The script that makes the bundled schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import generate_schemas as script


def declared(kind: str, **more: object) -> dict[str, object]:
    return {"type": [kind, "null"], **more}


def test_the_committed_schemas_are_up_to_date(magento: Path) -> None:
    assert script.committed() == script.generate(magento / "item-schemas")


def test_names_and_types_are_all_that_is_taken_over() -> None:
    node = declared(
        "object",
        properties={"qty": {**declared("number"), "x-declared-required": True}},
        additionalProperties=True,
        **{"x-php": "A"},
    )
    assert script.convert(node) == {
        "type": ["object", "null"],
        "properties": {"qty": {"type": ["number", "null"]}},
    }


def test_an_object_without_known_fields_is_open() -> None:
    assert script.convert(declared("object", properties={})) == script.ANY_OBJECT


def test_an_interface_inside_itself_is_written_out_once() -> None:
    item = declared(
        "object",
        properties={
            "sku": declared("string"),
            "parent_item": declared("object", **{"x-php": "Item"}),
        },
        **{"x-php": "Item"},
    )
    parent = script.convert(item)["properties"]["parent_item"]
    assert parent["properties"] == {"sku": script.STRING, "parent_item": script.ANY_OBJECT}


def test_the_key_may_not_be_null() -> None:
    node = declared("object", properties={"id": declared("integer"), "code": declared("string")})
    assert script.stream_schema(node, "id") == {
        "type": "object",
        "properties": {"id": {"type": ["integer"]}, "code": script.STRING},
    }


def test_untyped_values_are_texts() -> None:
    assert script.convert({"x-untyped": True}) == script.STRING


def test_a_text_that_looks_like_a_time_has_to_be_decided() -> None:
    with pytest.raises(ValueError, match="'sent_at'"):
        script.convert_property("sent_at", declared("string"), {})
    assert script.convert_property("updated_at", declared("string"), {}) == script.DATE_TIME


def test_a_type_stands_on_one_line() -> None:
    text = script.render({"type": "object", "properties": {"a": script.STRING}})
    assert '    "a": {\n      "type": ["string", "null"]\n    }\n' in text
    assert text.endswith("}\n")


def test_check_tells_what_is_outdated(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(script, "generate", lambda _folder: {"orders.json": "{}"})
    monkeypatch.setattr(script, "committed", lambda: {"orders.json": "{ }", "gone.json": "{}"})
    assert script.main(["--check"]) == 1
    assert capsys.readouterr().out == "outdated: gone.json\noutdated: orders.json\n"
