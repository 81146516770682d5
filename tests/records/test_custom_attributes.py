"""Lists of attribute codes and values, made objects of typed values."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tap_magento.records.custom_attributes import compile_custom_attributes
from tap_magento.records.transform import compile_transform
from tap_magento.schema import bundled as schemas
from tap_magento.schema.attributes import Attribute, attribute_from, with_attributes
from tests.support.recorded_attributes import attribute_rows
from tests.support.shared import each_recording, recorded_rows

Json = dict[str, Any]

KINDS = [
    Attribute("colors", "array of strings", has_labels=True),
    Attribute("day", "date"),
    Attribute("ids", "array of integers"),
    Attribute("is_new", "boolean"),
    Attribute("moment", "date-time"),
    Attribute("note", "string"),
    Attribute("origin", "string", has_labels=True),
    Attribute("price", "number"),
    Attribute("size", "integer", has_labels=True),
]
OPTIONS = {"colors": {"4": "Red", "5": "Blue"}, "origin": {"DE": "Germany"}, "size": {"91": "XL"}, "note": {"a": "A"}}
RAW: Json = {
    "type": "object",
    "properties": {
        "id": {"type": ["integer", "null"]},
        "custom_attributes": {"type": ["array", "null"], "items": {"type": ["object", "null"]}},
    },
}
TYPED = with_attributes(RAW, KINDS, labels=True)
PLAIN = with_attributes(RAW, KINDS)
UNTYPED = with_attributes(RAW, [], labels=True)


def entry(code: str, value: object) -> Json:
    return {"attribute_code": code, "value": value}


def spec(**raw: object) -> Json:
    return {"custom_attributes": [entry(code, value) for code, value in raw.items()]}


class Ledger:
    """Shapes rows and collects what is reported."""

    def __init__(self, schema: Any = PLAIN) -> None:
        self.unknown: list[str] = []
        self.type_mismatches: list[str] = []
        self.unparsed: list[str] = []
        self.shape = compile_transform(
            schema,
            on_unknown=self.unknown.append,
            on_type_mismatch=self.type_mismatches.append,
            prepare=compile_custom_attributes(labels=OPTIONS, on_unparsed=self.unparsed.append),
        )


@pytest.mark.parametrize(
    ("code", "raw", "expected"),
    [
        ("colors", "394,397", ["394", "397"]),
        ("colors", "394", ["394"]),
        ("colors", 394, ["394"]),
        ("colors", ["394", 397], ["394", "397"]),
        ("colors", {"0": "394", "2": "397"}, ["394", "397"]),
        ("colors", "1,,2,", ["1", "2"]),
        ("colors", "", None),
        ("colors", [], []),
        ("ids", ["3", "4"], [3, 4]),
        ("ids", "3,4", [3, 4]),
        ("ids", [], []),
        ("day", "2024-01-01 00:00:00", "2024-01-01"),
        ("day", "2024-01-01", "2024-01-01"),
        ("day", "0000-00-00 00:00:00", None),
        ("moment", "2025-03-01 10:30:00", "2025-03-01T10:30:00+00:00"),
        ("is_new", "1", True),
        ("is_new", "0", False),
        ("is_new", "", None),
        ("price", "131.450000", Decimal("131.450000")),
        ("price", "12345678901234567890", 12345678901234567890),
        ("price", None, None),
        ("size", "91", 91),
        ("note", "000", "000"),
        ("note", "", ""),
        ("note", ["a", Decimal("1.50")], '["a",1.50]'),
        ("origin", "DE", "DE"),
    ],
)
def test_values_get_their_types(code: str, raw: object, expected: object) -> None:
    ledger = Ledger()
    row = ledger.shape(spec(**{code: raw}))
    assert row == {"custom_attributes": {code: expected}, "custom_attributes_unparsed": None}
    assert type(row["custom_attributes"][code]) is type(expected)
    assert not ledger.unparsed + ledger.type_mismatches + ledger.unknown


@pytest.mark.parametrize(
    ("code", "raw", "text"),
    [
        ("size", "XL", "XL"),
        ("size", "1.5", "1.5"),
        ("price", "n/a", "n/a"),
        ("price", [{"qty": Decimal("1.0")}], '[{"qty":1.0}]'),
        ("is_new", "2", "2"),
        ("day", "2024-02-31", "2024-02-31"),
        ("day", "2024-01-31 10:30:00", "2024-01-31 10:30:00"),
        ("moment", "soon", "soon"),
        ("ids", "3,x", "3,x"),
        ("colors", {"a": "b"}, '{"a":"b"}'),
    ],
)
def test_what_does_not_fit_is_null_and_its_text_is_kept(code: str, raw: object, text: str) -> None:
    ledger = Ledger()
    row = ledger.shape(spec(**{code: raw}, note="x"))
    assert row == {"custom_attributes": {code: None, "note": "x"}, "custom_attributes_unparsed": {code: text}}
    assert ledger.unparsed == [f"custom_attributes.{code}"]
    assert not ledger.type_mismatches + ledger.unknown


def test_every_value_that_does_not_fit_is_reported_and_unknown_codes_once() -> None:
    ledger = Ledger()
    for _ in range(3):
        ledger.shape(spec(size="?", acme="1"))
    assert ledger.unparsed == ["custom_attributes.size"] * 3
    assert ledger.unknown == ["custom_attributes.acme"]


def test_entries_without_a_code_are_left_out_and_reported() -> None:
    ledger = Ledger()
    row = {"custom_attributes": [None, 7, {}, {"value": 1}, entry("size", "1"), {"attribute_code": "note"}]}
    assert ledger.shape(row)["custom_attributes"] == {"size": 1, "note": None}
    assert ledger.unparsed == ["custom_attributes[]"] * 4


@pytest.mark.parametrize("row", [{}, {"custom_attributes": None}, {"custom_attributes": {}}])
def test_no_attributes_are_none(row: Json) -> None:
    assert Ledger(TYPED).shape(copy.deepcopy(row)) == row


def test_an_empty_list_is_an_object_without_attributes() -> None:
    assert Ledger().shape(spec()) == {"custom_attributes": {}, "custom_attributes_unparsed": None}


def test_a_list_with_gaps_is_a_list() -> None:
    row = {"custom_attributes": {"1": entry("size", "91"), "3": entry("note", "x")}}
    assert Ledger().shape(row)["custom_attributes"] == {"size": 91, "note": "x"}


def test_labels_stand_for_ids_one_by_one() -> None:
    row = Ledger(TYPED).shape(spec(colors="5,6,4", size="91", origin="FR", note="a", price="?"))
    assert row["custom_attribute_labels"] == {"colors": ["Blue", None, "Red"], "size": "XL", "origin": None}
    assert Ledger(TYPED).shape(spec(note="a", size="?"))["custom_attribute_labels"] is None


def test_companions_come_only_where_the_schema_has_them() -> None:
    bare: Any = {"properties": {"custom_attributes": PLAIN["properties"]["custom_attributes"]}}
    ledger = Ledger(bare)
    assert ledger.shape(spec(size="?")) == {"custom_attributes": {"size": None}}
    assert ledger.unknown == []


def test_without_known_attributes_every_value_is_a_text() -> None:
    ledger = Ledger(UNTYPED)
    row = ledger.shape(spec(category_ids=["3", "4"], b="x", n=1, none=None))
    assert row["custom_attributes"] == {"category_ids": '["3","4"]', "b": "x", "n": "1", "none": None}
    assert not ledger.unknown + ledger.unparsed + ledger.type_mismatches


def test_where_the_schema_keeps_the_list_the_list_is_kept() -> None:
    row = spec(size="91")
    assert Ledger(RAW).shape(copy.deepcopy(row)) == row


def test_attributes_of_objects_in_a_row() -> None:
    address = {"type": ["object", "null"], "properties": RAW["properties"]}
    schema = {"type": "object", "properties": {"addresses": {"type": ["array", "null"], "items": address}}}
    ledger = Ledger(with_attributes(schema, KINDS, labels=True, below=("addresses",)))
    row = {"addresses": [spec(size="91", note="x"), None, {"id": 1}, spec(price="?", acme=1)]}
    assert ledger.shape(row) == {
        "addresses": [
            {
                "custom_attributes": {"size": 91, "note": "x"},
                "custom_attributes_unparsed": None,
                "custom_attribute_labels": {"size": "XL"},
            },
            None,
            {"id": 1},
            {
                "custom_attributes": {"price": None},
                "custom_attributes_unparsed": {"price": "?"},
                "custom_attribute_labels": None,
            },
        ]
    }
    assert ledger.unparsed == ["addresses[].custom_attributes.price"]
    assert ledger.unknown == ["addresses[].custom_attributes.acme"]


NUMBERS = st.integers(-(10**25), 10**25) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12
)
TEXTS = (
    st.text("a1, 😀\n", max_size=5)
    | NUMBERS.map(str)
    | st.datetimes().map(lambda moment: moment.isoformat(sep=" ", timespec="seconds"))
    | st.dates().map(str)
    | st.sampled_from(["", "0", "1", "true", "٣", "12345678901234567890", "1e400", "4,5", ",", "91"])
    | st.sampled_from(["0000-00-00 00:00:00", "2026-02-31", "-0001-11-30", "2026-11-21T17:01:02.5-08:00"])
)
PHP = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "1", "7"]) | TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)
CODES = st.sampled_from([attribute.code for attribute in KINDS] + ["unknown"])
ENTRIES = st.fixed_dictionaries({}, optional={"attribute_code": CODES | PHP, "value": PHP, "more": PHP})
LISTS = st.lists(ENTRIES | st.builds(entry, CODES, PHP) | PHP, max_size=4)
ROWS = st.fixed_dictionaries(
    {
        "custom_attributes": LISTS
        | PHP
        | st.dictionaries(CODES | st.sampled_from(["0", "2"]), ENTRIES | PHP, max_size=3)
    },
    optional={"custom_attributes_unparsed": PHP, "custom_attribute_labels": PHP, "id": PHP},
)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ENCODER = msgspec.json.Encoder(decimal_format="number")


def check(schema: Any, row: Json) -> Json:
    """Assert that a row leaves valid, writable as JSON, and for good."""
    shape = Ledger(schema).shape
    shaped = shape(row)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(shaped)
    encoded = ENCODER.encode(shaped)
    assert ENCODER.encode(shape(copy.deepcopy(shaped))) == encoded
    return shaped


@UNHURRIED
@given(value=PHP)
@pytest.mark.parametrize("code", [attribute.code for attribute in KINDS])
def test_any_value_of_a_type_leaves_valid_and_for_good(code: str, value: object) -> None:
    row = check(TYPED, spec(**{code: value}))
    assert row["custom_attributes"].keys() == {code}
    assert not row["custom_attributes_unparsed"] or row["custom_attributes"][code] is None


@UNHURRIED
@given(ROWS)
@pytest.mark.parametrize("schema", [TYPED, PLAIN, UNTYPED], ids=["labels", "plain", "untyped"])
def test_any_list_leaves_valid_and_for_good(schema: Any, row: Json) -> None:
    check(schema, copy.deepcopy(row))


DECODER = msgspec.json.Decoder(float_hook=Decimal)


def said(value: Any) -> Any:
    """What a value says, whatever its type: to compare a typed one with its raw text."""
    if isinstance(value, str) and value.endswith("T00:00:00+00:00"):
        return value[:10]
    if isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, list):
        return [said(item) for item in value]
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return str(value).replace("T", " ").removesuffix("+00:00").removesuffix(" 00:00:00")


@each_recording
@pytest.mark.parametrize("entity", ["products", "categories"])
def test_every_attribute_of_every_recorded_row_is_typed_and_none_is_lost(recording: Path, entity: str) -> None:
    attributes = [attribute_from(row) for row in attribute_rows(recording, entity)]
    types = {attribute.code: attribute.type for attribute in attributes}
    labels = {attribute.code: attribute.options for attribute in attributes if attribute.has_labels}
    bundled = json.loads((resources.files(schemas) / f"{entity}.json").read_text())
    schema = with_attributes(bundled, attributes, labels=True)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    reported: list[str] = []
    shape = compile_transform(
        schema,
        on_unknown=reported.append,
        on_type_mismatch=reported.append,
        prepare=compile_custom_attributes(labels=labels, on_unparsed=reported.append),
    )
    seen: set[str] = set()
    for recorded in recorded_rows(recording, entity):
        raw: list[Json] = recorded["custom_attributes"]
        row = shape(copy.deepcopy(recorded))
        validator.validate(row)
        typed = row["custom_attributes"]
        assert typed.keys() == {one["attribute_code"] for one in raw}
        assert row["custom_attributes_unparsed"] is None
        for one in raw:
            code, value = one["attribute_code"], one["value"]
            expected = value.split(",") if types[code] == "array of strings" else value
            assert said(typed[code]) == said(expected), code
            if code in labels:
                assert row["custom_attribute_labels"][code], code
        seen.update(typed)
    assert reported == []
    assert len(seen) > (8 if entity == "products" else 5)
