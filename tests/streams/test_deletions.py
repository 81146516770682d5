"""The stream `deletions` of a shop of which rows are deleted, imported and restored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sample_store import Fault
from sample_store.unseen import unseen
from tests.support.hourly import HourlyRuns, hourly_runs
from tests.support.messages import Messages

pytestmark = pytest.mark.usefixtures("nobody_waits")

KEYS = {
    "orders": "entity_id",
    "order_items": "item_id",
    "customers": "id",
    "carts": "id",
    "products": "id",
    "invoices": "entity_id",
}
DELETIONS = ("orders_deleted", "customers_deleted", "products_deleted", "carts_deleted", "orders_imported")


@pytest.fixture
def store() -> Iterator[HourlyRuns]:
    with hourly_runs() as runs:
        yield runs


class Warehouse:
    """What a loader makes of the runs: rows by stream and key, and the deletions."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Any, dict[str, Any]]] = {name: {} for name in KEYS}
        self.deletions: dict[tuple[str, str], dict[str, Any]] = {}

    def load(self, lines: Messages) -> Messages:
        for name, key in KEYS.items():
            self.rows[name] |= {record[key]: record for record in lines.records(name)}
        self.deletions |= {(record["stream"], record["key"]): record for record in lines.records("deletions")}
        return lines

    def live(self, name: str) -> set[Any]:
        """The keys of a stream's rows, less those that were deleted."""
        gone = {key for (stream, key), row in self.deletions.items() if stream == name and row["restored_at"] is None}
        return {key for key in self.rows[name] if str(key) not in gone}


def really(store: HourlyRuns, name: str) -> set[Any]:
    return {row[KEYS[name]] for row in store.shop.rows(name)}


def test_all_that_appears_and_goes_without_a_trace_is_found(store: HourlyRuns) -> None:
    warehouse = Warehouse()
    streams = [*KEYS, "deletions"]
    warehouse.load(store.run(*streams))
    for seed in (1, 2):
        for kinds in (DELETIONS, ("rows_restored",), ()):
            store.let_pass(timedelta(hours=1))
            unseen(store.shop, seed, kinds)
            store.shop.live(seed)
            warehouse.load(store.run(*streams))
    for _ in range(2):
        warehouse.load(store.run(*streams))
    for name in KEYS:
        assert warehouse.live(name) == really(store, name), name
    assert {name for name, _ in warehouse.deletions} >= {"orders", "order_items", "customers", "carts", "products"}
    assert {row["restored_at"] is None for row in warehouse.deletions.values()} == {True, False}


def test_its_schema_comes_before_its_first_record(store: HourlyRuns) -> None:
    store.run("carts", "deletions")
    unseen(store.shop, 1, ["carts_deleted"])
    lines = store.run("carts", "deletions")
    kinds = [line["type"] for line in lines.lines if line.get("stream") == "deletions"]
    assert kinds[0] == "SCHEMA"
    assert kinds.count("RECORD") == 5
    (schema, *_) = lines.of("SCHEMA", "deletions")
    assert schema["key_properties"] == ["stream", "key"]
    assert schema["schema"]["properties"].keys() == lines.records("deletions")[0].keys()


def test_it_need_not_be_selected(store: HourlyRuns) -> None:
    store.run("carts")
    unseen(store.shop, 1, ["carts_deleted"])
    lines = store.run("carts")
    assert not lines.of("SCHEMA", "deletions")
    assert not lines.records("deletions")
    assert store.part("carts")["ledger"]["deleted"]


def test_a_list_is_audited_for_its_nested_streams_alone(store: HourlyRuns) -> None:
    store.run("order_payments", "deletions")
    unseen(store.shop, 1, ["orders_deleted", "orders_imported"])
    imported = sorted(really(store, "orders"))[-3:]
    lines = store.run("order_payments", "deletions")
    assert {key for (key,) in lines.keys("order_payments", "order_id")} >= set(imported)
    assert lines.keys("deletions", "stream") == [("orders",)]
    assert not lines.records("orders")


def test_a_state_of_a_nested_stream_without_a_ledger_is_not_read_anew(store: HourlyRuns) -> None:
    store.run("order_payments")
    store.part("orders").clear()
    assert len(store.run("order_payments").records("order_payments")) < 5


@pytest.mark.parametrize("fault", ["total_count_low", "total_count_high", "total_count_page", "total_count_varying"])
def test_a_module_that_falsifies_counts_deletes_nothing(
    store: HourlyRuns, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse = Warehouse()
    warehouse.load(store.run("carts", "deletions"))
    store.server.faults.add(Fault(fault, path="carts/search", times=None))
    for _ in range(3):
        warehouse.load(store.run("carts", "deletions"))
    assert not warehouse.deletions
    assert warehouse.live("carts") == really(store, "carts")
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len([each for each in warnings if "'carts'" in each]) <= 3, "one line a run"


@pytest.mark.parametrize("fault", ["reset", "server_error", "firewall"])
def test_a_shop_or_a_firewall_that_fails_at_audits_alone_fails_no_run(
    store: HourlyRuns, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse = Warehouse()
    warehouse.load(store.run("carts", "deletions"))
    store.server.faults.add(Fault(fault, path="carts/search", skip=1, times=None))
    warehouse.load(store.run("carts", "deletions"))
    assert warehouse.live("carts") == really(store, "carts")
    assert "'carts': the audit cannot be settled" in caplog.text


def test_lists_with_keys_that_are_not_numbers_are_read_without_an_audit(
    store: HourlyRuns, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    store.run("inventory_sources", "inventory_source_items")
    assert "ledger" not in store.part("inventory_sources")
    assert "ledger" not in store.part("inventory_source_items")
    assert not [record for record in caplog.records if "audited" in record.getMessage()]
