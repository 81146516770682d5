"""What is not selected is not asked for: it costs no bytes, and changes nothing in what is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sample_store import Server, ServerOptions, Shop, serve
from tests.support.in_process import discover, discover_some, selecting, settings, sync

#: Five fields of an order, the key and the replication key among them.
FIVE = ("entity_id", "updated_at", "increment_id", "state", "base_grand_total")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A shop that compresses nothing: the bytes it sends are those of the rows."""
    with serve(Shop.generate(orders=120), options=ServerOptions(compress=False)) as server:
        yield server


@pytest.fixture(scope="module")
def catalog(server: Server) -> dict[str, Any]:
    return discover(settings(server))


def read(server: Server, catalog: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int, int]:
    """Read the orders; tell the bytes that came, and those of the largest answer."""
    server.clear()
    records = sync(settings(server, schema_source="bundled"), catalog).records("orders")
    sent = [request.sent for request in server.requests if request.entity == "orders"]
    return records, sum(sent), max(sent)


def breadcrumbs(catalog: Mapping[str, Any], stream: str) -> list[list[str]]:
    entry = next(each for each in catalog["streams"] if each["tap_stream_id"] == stream)
    return [each["breadcrumb"] for each in entry["metadata"] if each["breadcrumb"]]


def test_five_fields_of_orders_cost_less_than_a_tenth_of_all(server: Server, catalog: Mapping[str, Any]) -> None:
    others = [crumb for crumb in breadcrumbs(catalog, "orders") if crumb[1] not in FIVE]
    whole, all_bytes, largest = read(server, selecting(catalog, ["orders"]))
    part, bytes_, page = read(server, selecting(catalog, ["orders"], {"orders": others}))
    assert bytes_ < 0.1 * all_bytes
    assert page < 0.1 * largest
    assert len(part) == 120
    assert part == [{name: record[name] for name in record if name in FIVE} for record in whole]


def test_fields_inside_others_are_selected_one_by_one(server: Server, catalog: Mapping[str, Any]) -> None:
    kept = {("payment", "method"), ("billing_address", "city")}
    names = {name for name, _ in kept}
    others = [
        crumb
        for crumb in breadcrumbs(catalog, "orders")
        if crumb[1] not in {*FIVE, *names} or (len(crumb) > 2 and tuple(crumb[1::2][:2]) not in kept)
    ]
    whole, *_ = read(server, selecting(catalog, ["orders"]))
    part, *_ = read(server, selecting(catalog, ["orders"], {"orders": others}))
    assert part == [
        {
            **{name: record[name] for name in record if name in FIVE},
            "billing_address": {"city": record["billing_address"]["city"]},
            "payment": {"method": record["payment"]["method"]},
        }
        for record in whole
    ]


def test_copies_are_half_of_an_order_and_asked_for_on_request_alone(server: Server, catalog: Mapping[str, Any]) -> None:
    plain, without, _ = read(server, selecting(catalog, ["orders"]))
    server.clear()
    config = settings(server, include_nested_duplicates=True)
    whole = sync(config, discover_some(config, ["orders"])).records("orders")
    with_them = sum(request.sent for request in server.requests if request.entity == "orders")
    assert without < 0.6 * with_them
    children = [item for order in whole for item in order["items"] if item.get("parent_item")]
    assert children
    assert all(item["parent_item"]["item_id"] == item["parent_item_id"] for item in children)
    assert not any("parent_item" in item for order in plain for item in order["items"])
    assert {item["item_id"] for item in children} <= {item["item_id"] for order in plain for item in order["items"]}
