"""The relations of docs/TABLES.md hold in the sample store's data, as the tap reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sample_store import Shop, serve
from scripts.relations import edges_from, relations
from scripts.streams_reference import all_streams
from tests.support.in_process import discover, settings, sync

EDGES = [(table, *edge) for table in relations() for edge in edges_from(table)]
#: The sample store is Magento Open Source.
COMMERCE = {stream.name for stream in all_streams() if stream.source.is_commerce}
#: Without a module that adds them, no list of Magento 2.4.7 holds these.
OF_MODULES = {"product_stock_items"}

Rows = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    with serve(Shop.generate(orders=150)) as server:
        config = settings(server, store_views=["default"], audit="off")
        catalog = discover(config)
        for entry in catalog["streams"]:
            top = next(each["metadata"] for each in entry["metadata"] if not each["breadcrumb"])
            top["selected"] = True
        messages = sync(config, catalog)
    found: dict[str, list[dict[str, Any]]] = {}
    for line in messages.lines:
        if line["type"] == "RECORD":
            found.setdefault(line["stream"], []).append(line["record"])
    return found


@pytest.mark.parametrize(
    ("table", "column", "parent", "key"), [edge for edge in EDGES if edge[0] not in COMMERCE | OF_MODULES]
)
def test_a_column_names_rows_that_there_are(rows: Rows, table: str, column: str, parent: str, key: str) -> None:
    named = {str(row[column]) for row in rows.get(table, ()) if row.get(column) is not None}
    assert named, f"no row of {table} has a {column}"
    assert named <= {str(row[key]) for row in rows[parent] if row.get(key) is not None}


def test_relations_are_of_columns_that_there_are() -> None:
    columns = {stream.name: stream.schema["properties"] for stream in all_streams()}
    for table, column, parent, key in EDGES:
        assert column in columns[table]
        assert key in columns[parent]


def test_nested_rows_name_their_parents() -> None:
    for stream in all_streams():
        if stream.source is not stream:
            assert stream.source.name in {parent for _, parent, _ in edges_from(stream.name)}, stream.name
