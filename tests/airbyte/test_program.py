"""The source against a shop: every line is a message of the protocol, and the rows are those that Singer gets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from sample_store import Fault, Server, Shop, serve
from tap_magento.runtime.cadence import StateCadence
from tap_magento.streams.base import MagentoStream
from tests.support import in_process
from tests.support.airbyte import Run, configured, form, rows_in, run_source, states_in

# Two lists that are read incrementally, one with nested rows, and one that is always read completely.
FEW = ("orders", "order_addresses", "order_items", "customer_groups", "deletions")
KEYS = {"orders": "entity_id", "order_addresses": "entity_id", "order_items": "item_id", "customer_groups": "id"}
SMALL = {"page_size": 7, "max_concurrency": 1}


@pytest.fixture(scope="module")
def shared_server() -> Iterator[Server]:
    with serve(Shop.generate(orders=40, module=True)) as running:
        yield running


@pytest.fixture(scope="module")
def catalog(shared_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    run = run_source(tmp_path_factory.mktemp("discover"), "discover", form(shared_server))
    (found,) = run.of("CATALOG")
    assert run.code == 0
    return dict(found)


@pytest.fixture(scope="module")
def whole(shared_server: Server, catalog: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A read of everything."""
    return run_source(tmp_path_factory.mktemp("read"), "read", form(shared_server), configured(catalog))


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write states often."""
    monkeypatch.setattr(MagentoStream, "STATE_MSG_FREQUENCY", 5)
    monkeypatch.setattr(StateCadence, "is_due", lambda *_: True)


def by_key(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[Any, dict[str, Any]]]:
    return {name: {row[key]: row for row in rows.get(name, ())} for name, key in KEYS.items()}


def clerk(server: Server, *rights: str) -> dict[str, str]:
    """Add an account with a few rights, and give its credentials."""
    server.shop.accounts.add("clerk", "clerk-password-1", frozenset(rights))
    return {"auth_method": "password", "username": "clerk", "password": "clerk-password-1"}


def logins(server: Server) -> int:
    return sum("/token" in request.path for request in server.requests)


# check


def test_check_succeeds_with_a_table_in_the_log(server: Server, tmp_path: Path) -> None:
    run = run_source(tmp_path, "check", form(server))
    assert run.of("CONNECTION_STATUS") == [{"status": "SUCCEEDED"}]
    assert run.code == 0
    assert any("orders" in log["message"] and "s/page" in log["message"] for log in run.of("LOG"))


def test_check_with_a_wrong_password_says_so_once_and_tries_it_once(server: Server, tmp_path: Path) -> None:
    config = form(server)
    config["credentials"]["password"] = "wrong-password-1"
    run = run_source(tmp_path, "check", config)
    (status,) = run.of("CONNECTION_STATUS")
    assert run.code == 0
    assert status["status"] == "FAILED"
    assert status["message"].count("refused `username` and `password`") == 1
    assert "wrong-password-1" not in run.text()
    assert logins(server) == 1


@pytest.mark.parametrize("source", ["live", "bundled"])
@pytest.mark.parametrize("command", ["check", "discover"])
def test_a_wrong_token_is_refused_whatever_the_schemas(
    server: Server, tmp_path: Path, command: str, source: str
) -> None:
    credentials = {"auth_method": "token", "access_token": "no-such-token-1"}
    run = run_source(tmp_path, command, form(server, credentials=credentials, schema_source=source))
    assert not run.of("CATALOG")
    told = run.of("CONNECTION_STATUS") or [{"status": "FAILED", **run.error}]
    assert told[0]["status"] == "FAILED"
    assert told[0]["message"]
    assert "no-such-token-1" not in run.text()


def test_check_names_missing_settings(tmp_path: Path) -> None:
    run = run_source(tmp_path, "check", {"store_url": "", "credentials": {}})
    (status,) = run.of("CONNECTION_STATUS")
    assert run.code == 0
    assert status["status"] == "FAILED"
    assert "`store_url` is missing" in status["message"]


def test_check_of_a_shop_that_is_down(server: Server, tmp_path: Path) -> None:
    server.faults.add(Fault("maintenance", times=None))
    run = run_source(tmp_path, "check", form(server))
    (status,) = run.of("CONNECTION_STATUS")
    assert status["status"] == "FAILED"
    assert "503" in status["message"]


def test_check_succeeds_where_something_can_be_read(server: Server, tmp_path: Path) -> None:
    credentials = clerk(server, "Magento_Sales::actions_view")
    run = run_source(tmp_path, "check", form(server, credentials=credentials, schema_source="bundled"))
    assert run.of("CONNECTION_STATUS") == [{"status": "SUCCEEDED"}]
    assert any("NO" in log["message"] for log in run.of("LOG"))


def test_check_fails_where_nothing_can_be_read(server: Server, tmp_path: Path) -> None:
    run = run_source(tmp_path, "check", form(server, credentials=clerk(server)))
    (status,) = run.of("CONNECTION_STATUS")
    assert status["status"] == "FAILED"


# discover


def test_the_catalog_tells_keys_cursors_and_modes(catalog: dict[str, Any]) -> None:
    streams = {stream["name"]: stream for stream in catalog["streams"]}
    orders = {name: value for name, value in streams["orders"].items() if name != "json_schema"}
    assert orders == {
        "name": "orders",
        "supported_sync_modes": ["full_refresh", "incremental"],
        "source_defined_cursor": True,
        "default_cursor_field": ["updated_at"],
        "source_defined_primary_key": [["entity_id"]],
        "is_resumable": True,
    }
    assert streams["customer_groups"]["supported_sync_modes"] == ["full_refresh"]
    assert streams["order_addresses"]["supported_sync_modes"] == ["full_refresh", "incremental"]
    assert streams["websites"]["is_resumable"] is False
    updated = streams["orders"]["json_schema"]["properties"]["updated_at"]
    assert (updated["format"], updated["airbyte_type"]) == ("date-time", "timestamp_with_timezone")


def test_discover_with_a_wrong_password_fails_and_tries_it_once(server: Server, tmp_path: Path) -> None:
    config = form(server)
    config["credentials"]["password"] = "wrong-password-1"
    run = run_source(tmp_path, "discover", config)
    assert run.code == 1
    assert not run.of("CATALOG")
    assert run.error["failure_type"] == "config_error"
    assert "refused `username` and `password`" in run.error["message"]
    assert logins(server) == 1


# read


def test_the_rows_are_those_of_singer(whole: Run, shared_server: Server) -> None:
    config = in_process.settings(shared_server)
    discovered = in_process.discover(config)
    names = [entry["tap_stream_id"] for entry in discovered["streams"]]
    theirs = in_process.sync(config, in_process.selecting(discovered, names))
    assert whole.code == 0
    found = whole.rows()
    singer = Counter(line["stream"] for line in theirs.lines if line["type"] == "RECORD")
    assert {name: len(rows) for name, rows in found.items()} == singer
    for name, rows in found.items():
        assert rows == theirs.records(name), name


def test_every_row_fits_its_schema(whole: Run, catalog: dict[str, Any]) -> None:
    schemas = {stream["name"]: Draft7Validator(stream["json_schema"]) for stream in catalog["streams"]}
    for name, rows in whole.rows().items():
        for row in rows:
            schemas[name].validate(row)


def test_each_stream_begins_and_ends_once_around_its_messages(whole: Run, catalog: dict[str, Any]) -> None:
    ended = set()
    for message in whole.messages:
        content = message.get("record") or message.get("trace", {}).get("stream_status") or message.get("state")
        if content is None:
            continue
        place = content.get("stream_descriptor") or content.get("stream")
        name = place if isinstance(place, str) else place.get("stream_descriptor", place).get("name")
        assert name not in ended
        if content.get("status") == "COMPLETE":
            ended.add(name)
    assert ended == {stream["name"] for stream in catalog["streams"]}
    rows = whole.rows()
    for name in ended:
        assert whole.statuses(name) == ["STARTED", *(["RUNNING"] if rows.get(name) else []), "COMPLETE"], name


def test_the_record_counts_of_the_states_add_up(whole: Run, catalog: dict[str, Any]) -> None:
    counted: Counter[str] = Counter()
    for state in whole.of("STATE"):
        counted[state["stream"]["stream_descriptor"]["name"]] += state["sourceStats"]["recordCount"]
    rows = whole.rows()
    assert counted == {stream["name"]: len(rows.get(stream["name"], ())) for stream in catalog["streams"]}


def test_estimates_are_the_shop_s_counts(whole: Run) -> None:
    rows = whole.rows()
    told = {each["name"]: each["row_estimate"] for each in whole.traces("ESTIMATE")}
    for name in ("orders", "order_items", "products", "customer_groups"):
        assert told[name] == len(rows[name])


@pytest.mark.usefixtures("often")
def test_a_read_can_go_on_from_every_state(server: Server, catalog: dict[str, Any], tmp_path: Path) -> None:
    """Whatever was saved of each stream, the next read brings the rest: killed anywhere, nothing is lost."""
    config, wanted = form(server, **SMALL, schema_source="bundled"), configured(catalog, FEW)
    first = run_source(tmp_path, "read", config, wanted)
    truth = by_key(first.rows())
    places = [number for number, message in enumerate(first.messages, 1) if message["type"] == "STATE"]
    assert len(places) > 20
    for place in places[::4]:
        told = first.messages[:place]
        saved = by_key(rows_in(saved_of(told)))
        again = run_source(tmp_path, "read", config, wanted, states_in(told))
        assert again.code == 0
        rest = by_key(again.rows())
        assert {name: saved[name] | rest[name] for name in KEYS} == truth, f"from message {place} on"
    assert sum(map(len, by_key(again.rows()).values())) < sum(map(len, truth.values()))


def saved_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the records that no state of their stream follows: a destination need not keep them."""
    last = {
        message["state"]["stream"]["stream_descriptor"]["name"]: number
        for number, message in enumerate(messages)
        if message["type"] == "STATE"
    }
    return [
        message
        for number, message in enumerate(messages)
        if message["type"] == "RECORD" and number < last.get(message["record"]["stream"], -1)
    ]


def test_a_second_read_brings_what_changed_and_what_was_deleted(tmp_path: Path) -> None:
    with serve(Shop.generate(orders=30)) as server:
        config = form(server)
        (found,) = run_source(tmp_path, "discover", config).of("CATALOG")
        wanted = configured(found, FEW)
        first = run_source(tmp_path, "read", config, wanted)
        server.shop.delete("orders", first.rows()["orders"][3]["entity_id"])
        second = run_source(tmp_path, "read", config, wanted, first.states())
    rows = second.rows()
    deleted = [(row["stream"], row["key"]) for row in rows["deletions"]]
    assert deleted == [("orders", str(first.rows()["orders"][3]["entity_id"]))]
    assert len(rows.get("orders", ())) < len(first.rows()["orders"])
    assert second.statuses("deletions") == ["STARTED", "RUNNING", "COMPLETE"]


def test_a_state_of_the_future_brings_no_rows(server: Server, catalog: dict[str, Any], tmp_path: Path) -> None:
    future = {"replication_key": "updated_at", "replication_key_value": "2999-01-01T00:00:00+00:00"}
    states = [
        {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": future}}
        for name in ("orders", "order_items", "order_addresses")
    ]
    wanted = configured(catalog, ("orders", "order_items", "order_addresses"))
    run = run_source(tmp_path, "read", form(server), wanted, states)
    assert run.code == 0
    assert run.rows() == {}
    kept = {state["stream"]["stream_descriptor"]["name"]: state["stream"]["stream_state"] for state in run.states()}
    assert {state["replication_key_value"] for state in kept.values()} == {"2999-01-01T00:00:00+00:00"}


def test_a_full_refresh_brings_all_rows_whatever_the_state(
    server: Server, catalog: dict[str, Any], tmp_path: Path
) -> None:
    wanted = configured(catalog, FEW, mode="full_refresh", generation=1)
    first = run_source(tmp_path, "read", form(server), wanted)
    second = run_source(tmp_path, "read", form(server), wanted, first.states())
    assert by_key(first.rows())["orders"]
    assert by_key(second.rows()) == by_key(first.rows())
    assert "deletions" not in second.rows()


@pytest.mark.usefixtures("often")
def test_the_next_attempt_at_a_full_refresh_brings_the_rest(
    server: Server, catalog: dict[str, Any], tmp_path: Path
) -> None:
    config, wanted = form(server, **SMALL), configured(catalog, FEW, mode="full_refresh", generation=9)
    first = run_source(tmp_path, "read", config, wanted)
    states = [number for number, message in enumerate(first.messages, 1) if message["type"] == "STATE"]
    told = first.messages[: states[len(states) // 2]]
    again = run_source(tmp_path, "read", config, wanted, states_in(told))
    saved, rest, truth = (by_key(rows_in(each)) for each in (saved_of(told), again.messages, first.messages))
    assert {name: saved[name] | rest[name] for name in KEYS} == truth
    assert len(rest["order_items"]) < len(truth["order_items"])


@pytest.mark.parametrize("nested", ["order_addresses", "product_websites", "credit_memo_items"])
def test_nested_streams_without_their_parent_have_the_same_rows(
    whole: Run, server: Server, catalog: dict[str, Any], tmp_path: Path, nested: str
) -> None:
    """Also what only this shop's rows have; and what is known of the parent is kept."""
    wanted = configured(catalog, (nested, "deletions"))
    first = run_source(tmp_path, "read", form(server), wanted)
    assert first.code == 0
    assert first.rows() == {nested: whole.rows()[nested]}
    assert {state["stream"]["stream_descriptor"]["name"] for state in first.states()} == {nested, "deletions"}
    second = run_source(tmp_path, "read", form(server), wanted, first.states())
    assert len(second.rows().get(nested, ())) < len(first.rows()[nested])
    assert not second.rows().get("deletions")


def test_columns_that_are_not_selected_are_not_requested(
    server: Server, catalog: dict[str, Any], tmp_path: Path
) -> None:
    wanted = json.loads(json.dumps(configured(catalog, ("orders",))))
    properties = wanted["streams"][0]["stream"]["json_schema"]["properties"]
    for name in properties.keys() - {"entity_id", "updated_at", "grand_total"}:
        del properties[name]
    run = run_source(tmp_path, "read", form(server), wanted)
    assert {frozenset(row) for row in run.rows()["orders"]} == {frozenset({"entity_id", "updated_at", "grand_total"})}
    assert any("fields=items" in request.path or "fields" in str(request) for request in server.requests)


def test_a_stream_without_incremental_sync_is_read_completely_each_time(
    server: Server, catalog: dict[str, Any], tmp_path: Path
) -> None:
    """PyAirbyte configures all streams incrementally, whatever they support."""
    wanted = configured(catalog, ("customer_groups", "websites"), mode="incremental")
    first = run_source(tmp_path, "read", form(server), wanted)
    second = run_source(tmp_path, "read", form(server), wanted, first.states())
    assert first.rows().keys() == {"customer_groups", "websites"}
    assert second.rows() == first.rows()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "no_such_stream"}, "'no_such_stream', which is no stream"),
        ({"sync_mode": "INVALID"}, "unknown sync mode"),
    ],
)
def test_a_catalog_that_asks_for_what_is_not_there_ends_the_read(
    server: Server, catalog: dict[str, Any], tmp_path: Path, change: dict[str, str], told: str
) -> None:
    wanted = json.loads(json.dumps(configured(catalog, ("orders",))))
    wanted["streams"][0]["sync_mode"] = change.get("sync_mode", "incremental")
    wanted["streams"][0]["stream"]["name"] = change.get("name", wanted["streams"][0]["stream"]["name"])
    run = run_source(tmp_path, "read", form(server), wanted)
    assert run.code == 1
    assert told in run.error["message"]
    assert run.error["failure_type"] == "config_error"
    assert not run.of("RECORD")


def test_a_missing_right_leaves_one_stream_incomplete(server: Server, catalog: dict[str, Any], tmp_path: Path) -> None:
    config = form(server, credentials=clerk(server, "Magento_Sales::actions_view"))
    wanted = configured(catalog, ("customer_groups", "invoices", "invoice_items", "orders"))
    run = run_source(tmp_path, "read", config, wanted)
    assert run.code == 1
    assert run.statuses("orders") == ["STARTED", "RUNNING", "COMPLETE"]
    for name in ("customer_groups", "invoices", "invoice_items"):
        assert run.statuses(name) == ["STARTED", "INCOMPLETE"]
    assert run.error["failure_type"] == "config_error"
    assert "Magento_Sales::sales_invoice" in run.error["message"]
    assert len(run.rows()["orders"]) == 40


def test_a_missing_right_that_is_skipped_is_no_error(server: Server, catalog: dict[str, Any], tmp_path: Path) -> None:
    config = form(server, credentials=clerk(server, "Magento_Sales::actions_view"), on_missing_access="skip")
    run = run_source(tmp_path, "read", config, configured(catalog, ("invoices", "orders")))
    assert run.code == 0
    assert run.statuses("invoices") == ["STARTED", "INCOMPLETE"]
    assert run.statuses("orders")[-1] == "COMPLETE"
    assert not run.traces("ERROR")


def test_an_outage_is_transient_and_names_the_stream(server: Server, catalog: dict[str, Any], tmp_path: Path) -> None:
    wanted = configured(catalog, ("customer_groups", "orders"))
    server.faults.add(Fault("maintenance", entity="orders", times=None))
    run = run_source(tmp_path, "read", form(server), wanted)
    assert run.code == 1
    assert run.statuses("customer_groups")[-1] == "COMPLETE"
    assert run.statuses("orders") == ["STARTED", "INCOMPLETE"]
    assert run.error["failure_type"] == "transient_error"
    assert run.error["stream_descriptor"] == {"name": "orders"}


def test_an_unknown_error_is_the_system_s_with_a_trace_but_no_secret(
    server: Server, catalog: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError(server.shop.password)

    monkeypatch.setattr("tap_magento.tap.TapMagento.run", fail)
    run = run_source(tmp_path, "read", form(server), configured(catalog, ("orders",)))
    assert run.code == 1
    assert run.error["failure_type"] == "system_error"
    assert "KeyError" in run.error["stack_trace"]
    assert server.shop.password not in run.text()


def test_no_secret_is_ever_written(whole: Run, shared_server: Server) -> None:
    assert shared_server.shop.password not in whole.text()
    assert whole.code == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_in_the_middle_the_next_read_brings_the_rest(
    server: Server, catalog: dict[str, Any], tmp_path: Path, number: int
) -> None:
    config, wanted = form(server, **SMALL), configured(catalog, FEW)
    truth = by_key(run_source(tmp_path, "read", config, wanted).rows())
    files = [f"--{name}={tmp_path / name}.json" for name in ("config", "catalog")]
    command = [sys.executable, "-m", "tap_magento.airbyte", "read", *files]
    told: list[dict[str, Any]] = []
    is_sent = False
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.endswith(b"\n"):
                break
            told.append(json.loads(line))
            if told[-1]["type"] == "RECORD" and len(told) > 20 and not is_sent:
                is_sent = True  # a second SIGTERM would end it at once
                process.send_signal(number)
    assert process.returncode in {-signal.SIGKILL, 128 + signal.SIGTERM}
    again = run_source(tmp_path, "read", config, wanted, states_in(told))
    saved, rest = by_key(rows_in(saved_of(told))), by_key(again.rows())
    assert {name: saved[name] | rest[name] for name in KEYS} == truth
    if number == signal.SIGTERM:
        assert "INCOMPLETE" in json.dumps(told)
