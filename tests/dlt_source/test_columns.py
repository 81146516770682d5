from __future__ import annotations

import sys
from importlib import import_module

import pytest

from tap_magento.dlt_source.columns import EXTRACTED_AT, columns_of, nested_columns
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


def test_nested_columns_are_those_of_type_json() -> None:
    tap = make_tap(CONFIG)
    for stream in make_streams(tap, tap.shared):
        columns = columns_of(stream.schema, tuple(stream.primary_keys))
        expected = {name for name, column in columns.items() if column["data_type"] == "json"}
        assert {*nested_columns(stream.schema)} == expected


def test_without_dlt_the_import_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlt", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "tap_magento.dlt_source.source", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'tap-magento\[dlt\]'"):
        _ = import_module("tap_magento.dlt_source").magento
