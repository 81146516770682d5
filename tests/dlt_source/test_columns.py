from __future__ import annotations

import json
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.dlt_source.columns import EXTRACTED_AT, columns_of, with_json_numbers
from tap_magento.streams import make_streams
from tests.support.in_process import make_tap

CONFIG = {"store_url": "https://shop.example.com", "access_token": "made-up", "schema_source": "bundled"}


def test_each_stream_has_a_type_for_each_column() -> None:
    tap = make_tap(CONFIG)
    for stream in make_streams(tap, tap.shared):
        columns = columns_of(stream.schema, tuple(stream.primary_keys))
        assert columns.keys() == {*stream.schema["properties"], EXTRACTED_AT}
        assert {name for name, column in columns.items() if column.get("nullable") is False} == {*stream.primary_keys}


def test_types_are_exact() -> None:
    tap = make_tap(CONFIG)
    orders = next(stream for stream in make_streams(tap, tap.shared) if stream.name == "orders")
    types = {name: column["data_type"] for name, column in columns_of(orders.schema, ("entity_id",)).items()}
    expected = {"entity_id": "bigint", "grand_total": "decimal", "updated_at": "timestamp", "items": "json"}
    assert expected.items() <= types.items()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_no_digit_of_a_number_in_json_is_lost(value: Decimal) -> None:
    (found,) = with_json_numbers({"items": [{"price": value}]})["items"]
    text = json.dumps(found["price"], default=str)
    assert Decimal(json.loads(text, parse_float=Decimal)) == value


@pytest.mark.parametrize("value", [None, True, 3, "1.50", {}, [], {"a": [None, {"b": "c"}]}])
def test_other_values_stay(value: Any) -> None:
    assert with_json_numbers(value) == value


def test_amounts_are_plain_numbers() -> None:
    assert with_json_numbers([Decimal("20.2500")]) == [20.25]
    assert with_json_numbers([Decimal("12345678901234567.1234")]) == [Decimal("12345678901234567.1234")]


@pytest.mark.skipif(find_spec("dlt") is not None, reason="dlt is installed")
def test_without_dlt_the_import_says_what_to_install() -> None:
    with pytest.raises(ImportError, match=r"pip install 'tap-magento\[dlt\]'"):
        _ = import_module("tap_magento.dlt_source").magento
