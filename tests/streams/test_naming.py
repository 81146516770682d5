"""Rows that changed while their own time stood still, as other lists tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from sample_store.unseen import unseen
from tests.support.hourly import HourlyRuns, hourly_runs
from tests.support.in_process import requests_of, selecting, sync
from tests.support.messages import Messages

pytestmark = pytest.mark.usefixtures("nobody_waits")

NAMING = {
    "order_items": "/V1/orders/items",
    "invoices": "/V1/invoices",
    "shipments": "/V1/shipments",
    "credit_memos": "/V1/creditmemos",
    "transactions": "/V1/transactions",
}


@pytest.fixture
def store() -> Iterator[HourlyRuns]:
    with hourly_runs() as runs:
        yield runs


def ship_more(store: HourlyRuns) -> int:
    """Ship one piece more of an order; which order that changed, without moving it."""
    store.let_pass(timedelta(hours=1))
    before = {row["entity_id"]: row for row in store.shop.rows("orders")}
    for seed in range(20):
        if unseen(store.shop, seed, ["parts_shipped"])["parts_shipped"]:
            break
    (order,) = [row for row in store.shop.rows("orders") if row != before[row["entity_id"]]]
    assert order["updated_at"] == before[order["entity_id"]]["updated_at"]
    return int(order["entity_id"])


def really_shipped(store: HourlyRuns, key: int) -> list[Any]:
    (order,) = [row for row in store.shop.rows("orders") if row["entity_id"] == key]
    return [item["qty_shipped"] for item in order["items"]]


def orders_read(lines: Messages) -> list[int]:
    """The orders of a run, but for the one that an import dated in the future, which each run brings."""
    return [record["entity_id"] for record in lines.records("orders") if record["updated_at"] < "2027"]


def shipped(lines: Messages, key: int) -> list[Any]:
    (order,) = [record for record in lines.records("orders") if record["entity_id"] == key]
    return [item["qty_shipped"] for item in order["items"]]


def test_a_second_shipment_brings_the_order_with_orders_alone_selected(store: HourlyRuns) -> None:
    store.run("orders")
    key = ship_more(store)
    lines = store.run("orders")
    assert shipped(lines, key) == really_shipped(store, key)
    assert not {"shipments", "order_items"} & {line.get("stream") for line in lines.lines}
    assert not orders_read(store.run("orders")), "it is read again once"


def test_an_order_that_moved_itself_is_not_read_again_for_being_named(store: HourlyRuns) -> None:
    store.run("orders")
    key = ship_more(store)
    (order,) = [row for row in store.shop.rows("orders") if row["entity_id"] == key]
    store.shop.put("orders", {**order, "updated_at": store.shop.now()})
    assert orders_read(store.run("orders")).count(key) == 1


def test_a_catalog_that_has_orders_alone_will_do(store: HourlyRuns) -> None:
    alone = {"streams": [each for each in store.catalog["streams"] if each["tap_stream_id"] == "orders"]}
    catalog = selecting(alone, ["orders"])
    store.run(catalog=catalog)
    key = ship_more(store)
    assert shipped(store.run(catalog=catalog), key) == really_shipped(store, key)


def test_lists_that_are_read_anyway_name_the_orders_at_no_request(store: HourlyRuns) -> None:
    streams = ["orders", *NAMING]
    store.run(*streams)
    key = ship_more(store)
    lines = store.run(*streams, audit="off")
    assert shipped(lines, key) == really_shipped(store, key)
    asked = {
        name: [each for each in store.server.requests if each.path.endswith(path)] for name, path in NAMING.items()
    }
    assert all(len(requests) <= 2 for requests in asked.values())


@pytest.mark.parametrize("fields", [("order_id",), ()])
def test_the_field_that_names_is_emitted_only_if_it_is_selected(store: HourlyRuns, fields: Sequence[str]) -> None:
    store.run("orders", "shipments")
    key = ship_more(store)
    catalog = selecting(
        store.catalog, ["orders", "shipments"], {"shipments": [["properties", name] for name in fields]}
    )
    lines = store.run(catalog=catalog)
    assert shipped(lines, key) == really_shipped(store, key)
    (shipment,) = lines.records("shipments")
    assert ("order_id" in shipment) is not bool(fields)


def test_a_list_that_is_read_for_the_first_time_does_not_keep_a_change_from_the_orders(store: HourlyRuns) -> None:
    store.run("orders")
    key = ship_more(store)
    assert shipped(store.run("orders", "shipments", "order_items"), key) == really_shipped(store, key)


@pytest.mark.parametrize("nested", ["shipment_tracks", "shipment_items"])
def test_rows_read_for_a_nested_stream_selected_later_name_no_orders(store: HourlyRuns, nested: str) -> None:
    store.run("orders", "shipments")
    lines = store.run("orders", "shipments", nested)
    assert lines.records(nested)
    assert not orders_read(lines)


def test_names_outlast_a_run_that_is_killed(store: HourlyRuns) -> None:
    streams = ["orders", *NAMING]
    store.run(*streams)
    key = ship_more(store)
    killed = sync(
        store.config,
        selecting(store.catalog, streams),
        store.state,
        lambda line: line["type"] == "SCHEMA" and line["stream"] == "orders",
    )
    store.state = killed.state
    assert store.part("orders")["named"] == [key]
    assert shipped(store.run(*streams), key) == really_shipped(store, key)
    assert store.part("orders")["named"] == []


def test_names_are_forgotten_where_only_nested_streams_are_read(store: HourlyRuns) -> None:
    store.run("order_payments", "shipments")
    key = ship_more(store)
    assert (key,) in store.run("order_payments", "shipments").keys("order_payments", "order_id")
    assert store.part("orders")["named"] == []
    assert (key,) not in store.run("order_payments", "shipments").keys("order_payments", "order_id")


def test_an_order_before_the_start_date_stays_out(store: HourlyRuns) -> None:
    since = "2026-11-21T00:00:00+00:00"
    store.run("orders", start_date=since)
    ship_more(store)
    lines = store.run("orders", "deletions", start_date=since)
    assert not [record for record in lines.records("orders") if record["updated_at"] < since]
    assert not lines.records("deletions")


def test_a_role_that_may_not_read_the_shipments_reads_the_orders(
    store: HourlyRuns, caplog: pytest.LogCaptureFixture
) -> None:
    store.run("orders")
    roles = store.shop.roles
    (name,) = [name for name in roles if name == next(iter(roles))]
    allowed: Callable[[str], bool] = lambda resource: resource != "Magento_Sales::shipment"  # noqa: E731
    everything = {"Magento_Sales::actions_view", "Magento_Backend::store", "Magento_Sales::sales_invoice"}
    roles[name] = frozenset(filter(allowed, everything))
    caplog.set_level("INFO")
    store.run("orders")
    assert any("'shipments' shows are not seen" in record.getMessage() for record in caplog.records)
    assert requests_of(store.server, "/V1/orders")
