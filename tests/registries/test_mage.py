"""The Mage source as Mage runs it: a file of its own, one process a stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.places import ROOT
from sample_store import Server, Shop, serve

SOURCE = ROOT / "registries/mage/magento/__init__.py"
TAP = str(Path(sys.executable).with_name("tap-magento"))


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=40)) as running:
        yield running


def config_of(server: Server, **more: Any) -> dict[str, Any]:
    access = {"username": server.shop.username, "password": server.shop.password}
    return {"store_url": server.url, "tap_executable": TAP, "schema_source": "bundled", **access, **more}


def mage(config: Mapping[str, Any], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SOURCE), "--config_json", json.dumps(config), *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )


def synced(config: Mapping[str, Any], stream: str, *options: str) -> list[dict[str, Any]]:
    done = mage(config, "--selected_streams_json", json.dumps([stream]), *options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def keys_in(lines: list[dict[str, Any]]) -> set[int]:
    return {line["record"]["entity_id"] for line in lines if line["type"] == "RECORD"}


def test_two_runs_read_all_orders_and_then_what_changed(server: Server, tmp_path: Path) -> None:
    first = synced(config_of(server), "orders")
    assert keys_in(first) == {row["entity_id"] for row in server.shop.rows("orders")}
    assert [line["type"] for line in first if line["type"] != "RECORD"] == ["SCHEMA", "STATE"]
    assert first[0]["unique_constraints"] == first[0]["key_properties"] == ["entity_id"]
    assert (first[0]["unique_conflict_method"], first[0]["replication_method"]) == ("UPDATE", "INCREMENTAL")
    assert first[-1]["value"]["bookmarks"].keys() == {"orders"}

    state = tmp_path / "state.json"
    state.write_text(json.dumps(first[-1]["value"]))
    before = {row["entity_id"]: row["updated_at"] for row in server.shop.rows("orders")}
    server.shop.live()
    second = synced(config_of(server), "orders", "--state", str(state))
    changed = {
        row["entity_id"] for row in server.shop.rows("orders") if before.get(row["entity_id"]) != row["updated_at"]
    }
    assert changed
    assert changed <= keys_in(second)
    assert len(keys_in(second)) < len(before)


def test_nested_streams_come_alone(server: Server) -> None:
    lines = synced(config_of(server), "order_addresses")
    assert {line["stream"] for line in lines if line["type"] != "STATE"} == {"order_addresses"}
    assert lines[-1]["value"]["bookmarks"].keys() == {"order_addresses"}


def test_the_catalog_has_keys_to_update_by_and_nothing_selected(server: Server) -> None:
    streams = {
        each["tap_stream_id"]: each for each in json.loads(mage(config_of(server), "--discover").stdout)["streams"]
    }
    assert {"orders", "order_items", "products"} <= streams.keys()
    assert "deletions" not in streams
    assert all(each["unique_constraints"] == each["key_properties"] != [] for each in streams.values())
    assert streams["orders"]["bookmark_properties"] == ["updated_at"]
    whole = [each["metadata"] for each in streams["orders"]["metadata"] if not each["breadcrumb"]]
    assert [each["selected"] for each in whole] == [False]


def test_a_connection_is_tested_by_one_stream(server: Server) -> None:
    assert mage(config_of(server), "--test_connection").returncode == 0
    assert not any("orders" in request.path for request in server.requests)


def test_some_rows_can_be_looked_at(server: Server) -> None:
    done = mage(config_of(server), "--load_sample_data", "--selected_streams_json", '["orders"]')
    rows = server.shop.rows("orders")
    assert [row["increment_id"] for row in json.loads(done.stdout)] == [row["increment_id"] for row in rows[:25]]


@pytest.mark.parametrize("options", [("--test_connection",), ("--selected_streams_json", '["orders"]')])
def test_a_wrong_password_fails_with_the_taps_own_words(server: Server, options: tuple[str, ...]) -> None:
    done = mage(config_of(server, password="made-up"), *options)
    assert done.returncode != 0
    assert '"RECORD"' not in done.stdout
    assert "RuntimeError: tap-magento failed: login: the shop refused `username` and `password`" in done.stderr
    assert "made-up" not in done.stderr


@pytest.mark.parametrize(
    ("options", "right"),
    [
        (("--test_connection",), "Magento_Backend::store"),
        (("--selected_streams_json", '["orders"]'), "Magento_Sales::"),
    ],
)
def test_a_missing_right_fails_and_names_it(server: Server, options: tuple[str, ...], right: str) -> None:
    server.shop.roles.update(dict.fromkeys(server.shop.roles, frozenset()))
    done = mage(config_of(server), *options)
    assert done.returncode != 0
    error = next(line for line in done.stderr.splitlines() if line.startswith("RuntimeError: "))
    assert error.startswith("RuntimeError: tap-magento failed: ")
    assert right in error
    assert " | " not in error


def test_an_unknown_stream_is_named(server: Server) -> None:
    done = mage(config_of(server), "--selected_streams_json", '["ordres"]')
    assert done.returncode != 0
    assert "the catalog has no stream ordres" in done.stderr


def test_an_unknown_stream_of_a_pipelines_catalog_fails(server: Server) -> None:
    catalog = json.loads(mage(config_of(server), "--discover").stdout)
    (orders,) = [each for each in catalog["streams"] if each["tap_stream_id"] == "orders"]
    unknown = {**orders, "tap_stream_id": "ordres", "stream": "ordres"}
    options = ("--catalog_json", json.dumps({"streams": [unknown]}), "--selected_streams_json", '["ordres"]')
    done = mage(config_of(server), *options)
    assert done.returncode != 0
    assert "ValueError: tap-magento has no stream ordres" in done.stderr
