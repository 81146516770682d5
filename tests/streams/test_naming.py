"""Rows that changed while their own time stood still, as other lists tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from sample_store import Server, Shop, serve
from sample_store.unseen import unseen
from tests.support.in_process import discover, requests_of, selecting, settings, sync
from tests.support.messages import Messages

pytestmark = pytest.mark.usefixtures("nobody_waits")

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
NAMING = {
    "order_items": "/V1/orders/items",
    "invoices": "/V1/invoices",
    "shipments": "/V1/shipments",
    "credit_memos": "/V1/creditmemos",
    "transactions": "/V1/transactions",
}


class Store:
    """A shop and the runs over it; between them an hour passes."""

    def __init__(self, server: Server, clock: list[datetime]) -> None:
        self.server = server
        self.shop = server.shop
        self._clock = clock
        self.config = settings(server, schema_source="bundled", max_concurrency=1)
        self.catalog = discover(self.config)
        self.state: Mapping[str, Any] | None = None

    def run(self, *streams: str, catalog: Mapping[str, Any] | None = None, **more: Any) -> Messages:
        self._clock[0] += timedelta(hours=1)
        self.server.clear()
        lines = sync(self.config | more, catalog or selecting(self.catalog, streams), self.state)
        self.state = lines.state
        return lines

    def ship_more(self) -> list[int]:
        """Ship one piece more of an order; which orders that changed."""
        self._clock[0] += timedelta(hours=1)
        before = {row["entity_id"]: row for row in self.shop.rows("orders")}
        for seed in range(20):
            if unseen(self.shop, seed, ["parts_shipped"])["parts_shipped"]:
                break
        after = {row["entity_id"]: row for row in self.shop.rows("orders")}
        changed = [key for key, row in after.items() if row != before[key]]
        assert len(changed) == 1
        assert after[changed[0]]["updated_at"] == before[changed[0]]["updated_at"]
        return changed

    def shipped(self, key: int) -> list[Any]:
        return [
            item["qty_shipped"] for row in self.shop.rows("orders") if row["entity_id"] == key for item in row["items"]
        ]

    def named(self) -> list[int]:
        named: list[int] = (self.state or {})["bookmarks"]["orders"].get("named", [])
        return named


@pytest.fixture
def store() -> Iterator[Store]:
    clock = [NOON]
    with serve(Shop.generate(orders=60, seed=7, clock=lambda: clock[0])) as server:
        yield Store(server, clock)


def orders_read(lines: Messages) -> list[int]:
    """The orders of a run, but for the one that an import dated in the future, which each run brings."""
    return [record["entity_id"] for record in lines.records("orders") if record["updated_at"] < "2027"]


def shipped(lines: Messages, key: int) -> list[Any]:
    (order,) = [record for record in lines.records("orders") if record["entity_id"] == key]
    return [item["qty_shipped"] for item in order["items"]]


def test_a_second_shipment_brings_the_order_with_orders_alone_selected(store: Store) -> None:
    store.run("orders")
    (key,) = store.ship_more()
    lines = store.run("orders")
    assert shipped(lines, key) == store.shipped(key)
    assert not {"shipments", "order_items"} & {line.get("stream") for line in lines.lines}
    assert not orders_read(store.run("orders")), "it is read again once"


def test_a_catalog_that_has_orders_alone_will_do(store: Store) -> None:
    alone = {"streams": [each for each in store.catalog["streams"] if each["tap_stream_id"] == "orders"]}
    catalog = selecting(alone, ["orders"])
    store.run(catalog=catalog)
    (key,) = store.ship_more()
    assert shipped(store.run(catalog=catalog), key) == store.shipped(key)


def test_lists_that_are_read_anyway_name_the_orders_at_no_request(store: Store) -> None:
    streams = ["orders", *NAMING]
    store.run(*streams)
    (key,) = store.ship_more()
    lines = store.run(*streams, audit="off")
    assert shipped(lines, key) == store.shipped(key)
    asked = {
        name: [each for each in store.server.requests if each.path.endswith(path)] for name, path in NAMING.items()
    }
    assert all(len(requests) <= 2 for requests in asked.values())


@pytest.mark.parametrize("fields", [("order_id",), ()])
def test_the_field_that_names_is_emitted_only_if_it_is_selected(store: Store, fields: Sequence[str]) -> None:
    store.run("orders", "shipments")
    (key,) = store.ship_more()
    catalog = selecting(
        store.catalog, ["orders", "shipments"], {"shipments": [["properties", name] for name in fields]}
    )
    lines = store.run(catalog=catalog)
    assert shipped(lines, key) == store.shipped(key)
    (shipment,) = lines.records("shipments")
    assert ("order_id" in shipment) is not bool(fields)


def test_a_list_that_is_read_for_the_first_time_does_not_keep_a_change_from_the_orders(store: Store) -> None:
    store.run("orders")
    (key,) = store.ship_more()
    assert shipped(store.run("orders", "shipments", "order_items"), key) == store.shipped(key)


@pytest.mark.parametrize("nested", ["shipment_tracks", "shipment_items"])
def test_rows_read_for_a_nested_stream_selected_later_name_no_orders(store: Store, nested: str) -> None:
    store.run("orders", "shipments")
    lines = store.run("orders", "shipments", nested)
    assert lines.records(nested)
    assert not orders_read(lines)


def test_names_outlast_a_run_that_is_killed(store: Store) -> None:
    streams = ["orders", *NAMING]
    store.run(*streams)
    (key,) = store.ship_more()
    killed = sync(
        store.config,
        selecting(store.catalog, streams),
        store.state,
        lambda line: line["type"] == "SCHEMA" and line["stream"] == "orders",
    )
    store.state = killed.state
    assert store.named() == [key]
    assert shipped(store.run(*streams), key) == store.shipped(key)
    assert store.named() == []


def test_names_are_forgotten_where_only_nested_streams_are_read(store: Store) -> None:
    store.run("order_payments", "shipments")
    (key,) = store.ship_more()
    assert (key,) in store.run("order_payments", "shipments").keys("order_payments", "order_id")
    assert store.named() == []
    assert (key,) not in store.run("order_payments", "shipments").keys("order_payments", "order_id")


def test_an_order_before_the_start_date_stays_out(store: Store) -> None:
    since = "2026-11-21T00:00:00+00:00"
    store.run("orders", start_date=since)
    store.ship_more()
    lines = store.run("orders", "deletions", start_date=since)
    assert not [record for record in lines.records("orders") if record["updated_at"] < since]
    assert not lines.records("deletions")


def test_a_role_that_may_not_read_the_shipments_reads_the_orders(
    store: Store, caplog: pytest.LogCaptureFixture
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
