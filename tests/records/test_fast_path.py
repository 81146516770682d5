"""The quick way through shaping does what the long way does."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_store.recorded import lines
from tap_magento.http.decoding import decode
from tap_magento.records.fast_path import with_fast_path
from tap_magento.records.transform import TransformError, compile_transform
from tap_magento.schema import bundled as schemas
from tests.records.test_transform import PHP, SCHEMA, UNHURRIED, Json, nullable
from tests.support.shared import each_recording

KEYS: Json = {
    "type": "object",
    "properties": {
        "id": {"type": ["integer"]},
        "updated_at": {"type": ["string"], "format": "date-time"},
        "days": nullable("array", items=nullable("string", format="date")),
        "prices": nullable("object", additionalProperties=nullable("number")),
        "moments": nullable("object", additionalProperties=nullable("string", format="date-time")),
        "closed": nullable("object", additionalProperties=False),
        "listed and others": nullable("object", properties={"at": nullable("integer")}, additionalProperties=True),
        "anything": {},
        "two kinds": {"type": ["integer", "string", "null"]},
        "list": nullable("array"),
    },
}


class Ways:
    """Both ways through shaping, and what each reports."""

    def __init__(self, schema: Json) -> None:
        self.reports: dict[str, list[str]] = {"quick": [], "long": []}
        self.taken_long = 0
        self._quick = with_fast_path(schema, self._counted(self._shaper(schema, "quick")))
        self._long = self._shaper(schema, "long")

    def quick(self, row: Json) -> str:
        return self._outcome(self._quick, row)

    def long(self, row: Json) -> str:
        return self._outcome(self._long, row)

    def _shaper(self, schema: Json, way: str) -> Any:
        told = self.reports[way]
        return compile_transform(schema, on_unknown=told.append, on_type_mismatch=told.append)

    def _counted(self, shape: Any) -> Any:
        def shape_and_count(row: Json) -> Json:
            self.taken_long += 1
            shaped: Json = shape(row)
            return shaped

        return shape_and_count

    @staticmethod
    def _outcome(shape: Any, row: Json) -> str:
        """Shape a copy; its repr tells types apart, and numbers that are equal but for their digits."""
        try:
            return repr(sorted(shape(copy.deepcopy(row)).items()))
        except TransformError as error:
            return str(error)


def nearly_fitting(schema: Json) -> st.SearchStrategy[Any]:
    """Values as a schema wants them, or nearly: also zero dates, and moments that are none."""
    kinds = schema.get("type", ())
    kind = next((kind for kind in kinds if kind != "null"), "") if isinstance(kinds, list) else kinds
    if kind == "object":
        fields = {name: nearly_fitting(node) for name, node in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties", not fields)
        if isinstance(others, dict):
            return st.none() | st.dictionaries(st.text(max_size=2), nearly_fitting(others), max_size=2)
        return st.none() | st.fixed_dictionaries({}, optional=fields)
    if kind == "array":
        return st.none() | st.lists(nearly_fitting(schema.get("items") or {}), max_size=2)
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "integer": st.integers(-(10**25), 10**25),
        "number": st.integers() | st.decimals(allow_nan=False, allow_infinity=False),
        "string": st.sampled_from(["", "2026-11-21 17:01:02", "2024-02-29", "0000-00-00 00:00:00", "2026-02-31", "x"]),
    }
    return st.none() | by_kind.get(kind, PHP)


def rows(schema: Json) -> st.SearchStrategy[Json]:
    """Rows that fit, or nearly, or not at all."""
    fields = {name: st.one_of(*[nearly_fitting(node)] * 9, PHP) for name, node in schema["properties"].items()}
    return st.fixed_dictionaries({}, optional={**fields, "unknown": PHP}).flatmap(
        lambda row: st.sampled_from([row, {**row, "id": 1, "entity_id": 1}])
    )


@UNHURRIED
@given(data=st.data())
@pytest.mark.parametrize("schema", [SCHEMA, KEYS])
def test_both_ways_lead_to_the_same_row_and_the_same_reports(schema: Json, data: st.DataObject) -> None:
    row, ways = data.draw(rows(schema)), Ways(schema)
    assert ways.quick(row) == ways.long(row)
    assert ways.reports["quick"] == ways.reports["long"]


RIGHT: Json = {
    "entity_id": 1,
    "created_at": "2026-11-21 17:01:02",
    "dob": "0000-00-00",
    "grand_total": Decimal("10.50"),
    "is_active": True,
    "status": None,
    "street": ["Main St 1", None],
    "free": {"a": [1]},
    "items": [None, {"item_id": 1, "updated_at": "2026-11-21 17:01:02", "parent_item": {"sku": "24"}}],
}


def test_a_row_that_fits_takes_the_quick_way() -> None:
    ways = Ways(SCHEMA)
    assert ways.quick(RIGHT) == ways.long(RIGHT)
    assert ways.taken_long == 0


def test_moments_are_made_wherever_they_are() -> None:
    ways = Ways(KEYS)
    row = {
        "id": 1,
        "updated_at": "2026-11-21 17:01:02",
        "days": ["2024-02-29", None, "0000-00-00"],
        "prices": {"a": Decimal("1.50"), "b": None},
        "moments": {"a": "2026-11-21 17:01:02", "b": None},
    }
    assert ways.quick(row) == ways.long(row)
    assert ways.taken_long == 0


@pytest.mark.parametrize(
    "change",
    [
        {"entity_id": "1"},
        {"entity_id": None},
        {"grand_total": "10.50"},
        {"grand_total": True},
        {"created_at": "2026-02-31 00:00:00"},
        {"is_active": 1},
        {"status": 1},
        {"street": {"0": "Main St 1"}},
        {"free": []},
        {"new": None},
        {"items": [{"new": 1}]},
        {"extension_attributes": {"rate": 1}},
    ],
)
def test_a_row_that_does_not_fit_takes_the_long_way(change: Json) -> None:
    ways = Ways(SCHEMA)
    assert ways.quick(RIGHT | change) == ways.long(RIGHT | change)
    assert ways.taken_long == 1
    assert ways.reports["quick"] == ways.reports["long"]


def test_a_zero_date_does_for_no_moment_that_must_be_there() -> None:
    assert Ways(KEYS).quick({"id": 1, "updated_at": "0000-00-00 00:00:00"}) == "row: a row without a usable updated_at"


@each_recording
@pytest.mark.parametrize("stream", ["orders", "order_items", "invoices", "product_attributes"])
def test_the_rows_of_a_real_shop_take_the_quick_way(recording: Path, stream: str) -> None:
    ways = Ways(json.loads(files(schemas).joinpath(f"{stream}.json").read_text(encoding="utf-8")))
    rows = [decode(line) for line in lines(recording, stream)]
    assert rows
    assert [ways.quick(row) for row in rows] == [ways.long(row) for row in rows]
    assert ways.taken_long == 0
