"""Rows as PHP sends them, and as they leave."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tap_magento.records.transform import TransformError, compile_transform

Json = dict[str, Any]


def nullable(kind: str, **more: object) -> Json:
    return {"type": [kind, "null"], **more}


SCHEMA: Json = {
    "type": "object",
    "properties": {
        "entity_id": {"type": ["integer"]},
        "created_at": nullable("string", format="date-time"),
        "dob": nullable("string", format="date"),
        "grand_total": nullable("number"),
        "is_active": nullable("boolean"),
        "status": nullable("string"),
        "street": nullable("array", items=nullable("string")),
        "anything": {},
        "free": nullable("object", additionalProperties=True),
        "bare": nullable("object"),
        "extension_attributes": nullable("object", properties={"rate": nullable("number")}, additionalProperties=True),
        "items": nullable(
            "array",
            items=nullable(
                "object",
                properties={
                    "item_id": nullable("integer"),
                    "updated_at": nullable("string", format="date-time"),
                    "parent_item": nullable("object", properties={"sku": nullable("string")}),
                },
            ),
        ),
    },
}


class Ledger:
    """Collects what a shaper reports."""

    def __init__(self) -> None:
        self.unknown: list[str] = []
        self.type_mismatches: list[str] = []
        self.shape = compile_transform(
            SCHEMA,
            stream="orders",
            on_unknown=self.unknown.append,
            on_type_mismatch=self.type_mismatches.append,
        )


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_a_right_row_stays_the_same_object(ledger: Ledger) -> None:
    row = {"entity_id": 1, "grand_total": Decimal("10.50"), "status": "new", "items": []}
    before = copy.deepcopy(row)
    assert ledger.shape(row) is row
    assert row == before


def test_every_type_at_every_depth(ledger: Ledger) -> None:
    row = {
        "entity_id": "7",
        "created_at": "2026-11-21 17:01:02",
        "dob": "1973-12-15 00:00:00",
        "grand_total": "19.9900",
        "is_active": "1",
        "status": ["a", Decimal("1.50")],
        "street": {"0": "Main St 1", "2": None},
        "items": [
            None,
            {
                "item_id": True,
                "updated_at": "0000-00-00 00:00:00",
                "parent_item": {"sku": 24},
            },
        ],
    }
    assert ledger.shape(row) == {
        "entity_id": 7,
        "created_at": "2026-11-21T17:01:02+00:00",
        "dob": "1973-12-15",
        "grand_total": Decimal("19.9900"),
        "is_active": True,
        "status": '["a",1.50]',
        "street": ["Main St 1", None],
        "items": [None, {"item_id": 1, "updated_at": None, "parent_item": {"sku": "24"}}],
    }
    assert ledger.type_mismatches == []


def test_php_empties_become_null_silently(ledger: Ledger) -> None:
    row = {
        "entity_id": 1,
        "created_at": "",
        "grand_total": "",
        "is_active": [],
        "free": [],
        "extension_attributes": [],
        "street": "",
        "items": {},
    }
    shaped = ledger.shape(row)
    assert shaped == {**dict.fromkeys(row), "entity_id": 1, "items": []}
    assert ledger.type_mismatches == []


def test_misfits_become_null_and_each_is_reported(ledger: Ledger) -> None:
    row = {
        "entity_id": 1,
        "created_at": "2026-02-31 00:00:00",
        "grand_total": "n/a",
        "is_active": 2,
        "street": "Main St 1",
        "free": ["x"],
        "items": [{"item_id": "1.5"}, {"item_id": "x", "parent_item": 3}, "no object"],
    }
    # A column becomes null; inside an object, the field is left out.
    shaped = ledger.shape(row)
    assert shaped["created_at"] is shaped["grand_total"] is shaped["is_active"] is None
    assert shaped["street"] == ["Main St 1"]
    assert shaped["items"] == [{}, {}, None]
    assert ledger.type_mismatches == [
        "created_at",
        "grand_total",
        "is_active",
        "free",
        "items[].item_id",
        "items[].item_id",
        "items[].parent_item",
        "items[]",
    ]


def test_unknown_fields_go_and_are_reported_once(ledger: Ledger) -> None:
    for _ in range(2):
        row = {"entity_id": 1, "new": 1, "items": [{"gift": None}, {"gift": 2}]}
        assert ledger.shape(row) == {"entity_id": 1, "items": [{}, {}]}
    assert ledger.unknown == ["items[].gift", "new"]


def test_open_objects_keep_what_they_hold(ledger: Ledger) -> None:
    row = {
        "entity_id": 1,
        "free": {"a": ["", Decimal("1.10")], "when": "2026-11-21 17:01:02"},
        "bare": {"x": 1},
        "extension_attributes": {"rate": "1", "gift": {"y": "z"}, "none": None},
        "anything": "x",
    }
    assert ledger.shape(row) == {
        "entity_id": 1,
        "free": {"a": ["", Decimal("1.10")], "when": "2026-11-21 17:01:02"},
        "bare": {"x": 1},
        "extension_attributes": {"rate": 1, "gift": {"y": "z"}, "none": None},
        "anything": "x",
    }
    assert ledger.unknown == []


@pytest.mark.parametrize("row", [{}, {"entity_id": None}, {"entity_id": "secret@example.com"}])
def test_a_row_without_its_key_is_an_error_that_names_the_field_only(ledger: Ledger, row: Json) -> None:
    with pytest.raises(TransformError, match=r"^orders: a row without a usable entity_id$"):
        ledger.shape(row)


def test_a_row_that_is_no_object_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(TransformError, match="orders: a row is not a JSON object"):
        ledger.shape([])  # type: ignore[arg-type]  # `fields=` naming nothing known


def test_a_union_of_types_keeps_its_value() -> None:
    shape = compile_transform({"properties": {"v": {"type": ["string", "integer", "null"]}}})
    assert shape({"v": 1}) == {"v": 1}
    assert shape({"v": "1"}) == {"v": "1"}


NUMBERS = st.integers(-(10**25), 10**25) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12
)
TEXTS = (
    st.text("a1 😀\n", max_size=5)
    | NUMBERS.map(str)
    | st.datetimes().map(lambda moment: moment.isoformat(sep=" ", timespec="seconds"))
    | st.dates().map(str)
    | st.sampled_from(["", "0", "1", "true", "٣", "12345678901234567890", "1e400"])
    | st.sampled_from(["0000-00-00 00:00:00", "2026-02-31", "-0001-11-30", "2026-11-21T17:01:02.5-08:00"])
)
PHP = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "1", "7"]) | TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)
ITEMS: Json = SCHEMA["properties"]["items"]["items"]["properties"]


def objects(properties: Json, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """Objects with any value in any of the properties, and some more fields."""
    fields = {name: known.get(name, PHP) for name in properties}
    return st.fixed_dictionaries({}, optional={**fields, "unknown": PHP})


ROWS = objects(
    SCHEMA["properties"],
    items=PHP | st.lists(objects(ITEMS) | PHP, max_size=3),
    extension_attributes=PHP | objects({"rate": {}}),
).map(lambda row: {**row, "entity_id": 1})


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ENCODER = msgspec.json.Encoder(decimal_format="number")


def check(schema: Json, row: Json) -> None:
    """Assert that a row leaves valid, writable as JSON, and for good."""
    shape = compile_transform(schema)
    shaped = shape(row)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(shaped)
    encoded = ENCODER.encode(shaped)
    assert ENCODER.encode(shape(copy.deepcopy(shaped))) == encoded


@UNHURRIED
@given(value=PHP)
@pytest.mark.parametrize("name", sorted(SCHEMA["properties"].keys() - {"entity_id"}))
def test_any_value_for_a_type_leaves_valid_and_for_good(name: str, value: object) -> None:
    check(SCHEMA, {"entity_id": 1, name: value})


@UNHURRIED
@given(ROWS)
def test_any_row_leaves_valid_and_for_good(row: Json) -> None:
    check(SCHEMA, row)
