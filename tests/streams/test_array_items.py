from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sample_store import Server, Shop, serve
from tests.support.in_process import discover, discover_some, settings, sync
from tests.support.messages import Messages

STREAMS = ["orders", "order_items", "attribute_options", "products"]


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with serve(Shop.generate(orders=10, module=True)) as running:
        yield running


def read(shop: Server, **config: Any) -> Messages:
    given = settings(shop, max_concurrency=1, **config)
    return sync(given, discover_some(given, STREAMS))


def arrays_of(schema: Any) -> Iterator[dict[str, Any]]:
    """Find the arrays in a schema; none is looked for inside another."""
    if "array" in schema.get("type", ()):
        yield schema
    for node in schema.get("properties", {}).values():
        yield from arrays_of(node)


def schemas(lines: Messages) -> dict[str, Any]:
    return {line["stream"]: line["schema"] for line in lines.lines if line["type"] == "SCHEMA"}


def test_open_arrays_leave_their_items_out_and_nothing_else(shop: Server) -> None:
    described, opened = schemas(read(shop)), schemas(read(shop, array_items="open"))
    assert described.keys() == opened.keys() >= set(STREAMS)
    arrays = [array for schema in described.values() for array in arrays_of(schema)]
    assert len(arrays) > 5
    assert all("items" in array for array in arrays)
    assert not any("items" in array for schema in opened.values() for array in arrays_of(schema))
    assert "items" in opened["orders"]["properties"]
    assert opened == {name: _opened(schema) for name, schema in described.items()}


def _opened(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {name: node for name, node in schema.items() if name not in {"items", "properties"}}
    properties = {name: _opened(node) for name, node in schema.get("properties", {}).items()}
    return {**kept, "properties": properties} if "properties" in schema else kept


def test_rows_and_catalog_are_the_same_whatever_the_schema_messages_say(shop: Server) -> None:
    described, opened = read(shop), read(shop, array_items="open")
    for stream in STREAMS:
        assert described.records(stream) == opened.records(stream)
    assert opened.records("orders")[0]["items"][0]["created_at"].endswith("+00:00")
    config = settings(shop, max_concurrency=1)
    assert discover(config) == discover({**config, "array_items": "open"})


def test_flattened_schemas_are_opened_too(shop: Server) -> None:
    flat = {"flattening_enabled": True, "flattening_max_depth": 2}
    opened = schemas(read(shop, array_items="open", **flat))
    assert "extension_attributes__acme_is_express" in opened["orders"]["properties"]
    assert not any("items" in array for schema in opened.values() for array in arrays_of(schema))
