"""Full-table syncs that are interrupted go on where they stopped, and report what is gone only when all was read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from tap_magento.exceptions import MagentoError
from tap_magento.reading.types import Key
from tap_magento.streams.catalog import ProductAttributes
from tap_magento.streams.orders import Orders
from tests.support.live_shop import LiveShop, Table, run

CONFIG: dict[str, Any] = {"page_size": 4, "emit_activate_version_messages": True}
TIMES = dict.fromkeys(range(1, 41), "2026-03-15 03:00:00")


def attributes(times: Mapping[Any, str] = TIMES, **more: Any) -> LiveShop:
    return LiveShop(ProductAttributes, "attribute_code", times, **more)


def activated(lines: list[dict[str, Any]]) -> list[int]:
    return [line["version"] for line in lines if line["type"] == "ACTIVATE_VERSION"]


def keys(lines: list[dict[str, Any]]) -> list[Key]:
    return [line["record"]["attribute_id"] for line in lines if line["type"] == "RECORD"]


def state_of(table: Table) -> dict[str, Any]:
    assert table.state
    found: dict[str, Any] = table.state["bookmarks"]["product_attributes"]
    return found


@pytest.mark.parametrize("killed_at", random.Random(7).sample(range(1, 11), 10))
@pytest.mark.parametrize("workers", [1, 4])
def test_a_run_killed_anywhere_is_resumed_with_the_version_of_its_records(killed_at: int, workers: int) -> None:
    shop = attributes()
    config = {**CONFIG, "max_concurrency": workers}
    table = Table("attribute_id")
    first = run(shop, config, killed_at=killed_at, state_every=1)
    table.load(first)
    assert not activated(first)
    progress = (table.state or {}).get("bookmarks", {}).get("product_attributes", {}).get("full_table")
    version = None
    if progress:
        version = progress["version"] = 1_234  # of an earlier second than that in which the test runs
    second = run(shop, config, table.state, state_every=1)
    table.load(second)
    assert table.rows.keys() == shop.rows.keys()
    (last,) = activated(second)
    assert {line["version"] for line in second if line["type"] == "RECORD"} <= {last}
    if progress:
        assert last == version
        assert keys(second) == [key for key in shop.rows if int(key) > progress["after"]]
    assert state_of(table)["full_table"]["completed"]


def test_most_of_the_kills_left_progress() -> None:
    lines = run(attributes(), {**CONFIG, "max_concurrency": 1}, killed_at=8, state_every=1)
    table = Table("attribute_id")
    table.load(lines)
    assert state_of(table)["full_table"]["after"] >= 20


def test_a_run_killed_again_and_again_reads_no_row_twice() -> None:
    shop = attributes()
    table = Table("attribute_id")
    emitted: list[Key] = []
    for _ in range(20):
        lines = run(shop, {**CONFIG, "max_concurrency": 1}, table.state, killed_at=3, state_every=1)
        table.load(lines)
        emitted += keys(lines)
        if activated(lines):
            break
    assert sorted(set(emitted)) == sorted(shop.rows)
    assert len(emitted) <= len(shop.rows) + 4 * 20


def test_each_complete_read_has_a_version_of_its_own_and_reads_all_again() -> None:
    shop = attributes()
    table = Table("attribute_id")
    table.load(run(shop, CONFIG))
    again = run(shop, CONFIG, table.state)
    assert keys(again) == list(shop.rows)
    assert len(activated(again)) == 1


def test_a_list_that_is_usually_incremental_has_a_bookmark_after_a_full_table_sync() -> None:
    shop = LiveShop(Orders, "increment_id", TIMES)
    table = Table("entity_id")
    table.load(run(shop, CONFIG, full_table=True))
    assert table.state
    assert table.state["bookmarks"]["orders"]["replication_key_value"] == "2026-11-21T11:59:59+00:00"
    assert not [line for line in run(shop, CONFIG, table.state) if line["type"] == "RECORD"]


def test_a_full_table_sync_keeps_the_bookmark_of_earlier_ones() -> None:
    shop = LiveShop(Orders, "increment_id", TIMES)
    bookmark = {"replication_key": "updated_at", "replication_key_value": "2026-11-20T01:00:00+00:00"}
    lines = run(shop, CONFIG, {"bookmarks": {"orders": bookmark}}, full_table=True)
    state = [line["value"] for line in lines if line["type"] == "STATE"][-1]["bookmarks"]["orders"]
    assert sum(line["type"] == "RECORD" for line in lines) == len(shop.rows)
    assert state.items() >= bookmark.items()


def test_a_version_is_resumed_only_where_versions_are_still_sent() -> None:
    shop = attributes()
    table = Table("attribute_id")
    table.load(run(shop, {**CONFIG, "max_concurrency": 1}, killed_at=8, state_every=1))
    without = run(shop, {**CONFIG, "emit_activate_version_messages": False}, table.state)
    assert keys(without) == list(shop.rows)
    assert not any("version" in line for line in without)


def test_a_row_that_became_unreadable_keeps_the_version_from_being_activated_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = attributes(bad={17})
    table = Table("attribute_id")
    first = run(shop, CONFIG)
    table.load(first)
    assert not activated(first), "the row may be readable in the next run"
    assert table.rows.keys() == shop.rows.keys() - {17}
    caplog.clear()
    second = run(shop, CONFIG, table.state)
    table.load(second)
    assert len(activated(second)) == 1, "deleted rows would stay in the warehouse for ever"
    (warning,) = [each.getMessage() for each in caplog.records if "reported as gone" in each.getMessage()]
    assert warning.endswith(": 17")
    shop.bad.clear()
    third = run(shop, CONFIG, table.state)
    table.load(third)
    assert len(activated(third)) == 1
    assert table.rows.keys() == shop.rows.keys()
    assert state_of(table)["quarantined"] == []


@pytest.mark.parametrize("keys_of_catalog", [["increment_id"], ["increment_id", "entity_id"], ["entity_id"]])
def test_paging_goes_by_the_key_of_the_stream_whatever_the_catalog_says(keys_of_catalog: list[str]) -> None:
    shop = LiveShop(Orders, "increment_id", TIMES)
    table = Table("entity_id")
    table.load(run(shop, {"page_size": 4}, keys=keys_of_catalog, killed_at=5, state_every=1))
    lines = run(shop, {"page_size": 4}, table.state, keys=keys_of_catalog)
    table.load(lines)
    assert table.rows.keys() == shop.rows.keys()
    (schema,) = (line for line in lines if line["type"] == "SCHEMA" and line["stream"] == "orders")
    assert schema["key_properties"] == keys_of_catalog


class Sources(ProductAttributes):
    """A list whose key is a text."""

    name = "product_attributes"
    primary_keys = ("attribute_code",)
    key_field, key_column, key_type = "attribute_code", "attribute_code", "text"


@pytest.mark.parametrize("killed_at", [2, 4, 7])
def test_a_list_with_text_keys_is_read_and_resumed(killed_at: int) -> None:
    shop = LiveShop(Sources, "frontend_input", {f"source_{number:02}": "" for number in range(30)})
    table = Table("attribute_code")
    first = run(shop, CONFIG, killed_at=killed_at, state_every=1)
    table.load(first)
    second = run(shop, CONFIG, table.state, state_every=1)
    table.load(second)
    assert table.rows.keys() == shop.rows.keys()
    assert len(activated(second)) == 1
    assert len(second) < 2 * 30 + 6


def test_a_bad_row_that_cannot_be_found_is_an_error_of_one_line() -> None:
    shop = LiveShop(Sources, "frontend_input", {f"source_{number:02}": "" for number in range(30)}, bad={"source_07"})
    with pytest.raises(MagentoError, match="product_attributes: Magento failed") as raised:
        run(shop, CONFIG)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("hidden", [{39, 40}, set(range(9, 13)), {17}, set(range(1, 41))])
def test_rows_that_are_counted_but_do_not_come_are_not_reported_as_gone(hidden: set[Key]) -> None:
    shop = attributes()
    table = Table("attribute_id")
    table.load(run(shop, CONFIG, state_every=1))
    shop.hidden = set(hidden)
    without = run(shop, CONFIG, table.state, state_every=1)
    table.load(without)
    assert not activated(without), "the loader would drop the rows"
    shop.hidden.clear()
    again = run(shop, CONFIG, table.state, state_every=1)
    table.load(again)
    assert hidden <= set(keys(again)), "the state moved past rows that it did not get"
    assert len(activated(again)) == 1
    assert {line["version"] for line in without + again if line["type"] == "RECORD"} == set(activated(again))


def test_rows_that_stay_hidden_keep_deleted_rows_in_the_warehouse_for_one_run_alone() -> None:
    shop = attributes(hidden={17})
    table = Table("attribute_id")
    for versions in (0, 1, 1):
        lines = run(shop, CONFIG, table.state, state_every=1)
        table.load(lines)
        assert len(activated(lines)) == versions
    assert table.rows.keys() == shop.rows.keys() - {17}
