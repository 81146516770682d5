"""The setting `streams`: a list of a third-party module, read by configuration alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft7Validator

from sample_store import Fault, Server, Shop, serve
from sample_store.deliveries import move_on
from sample_store.faults import Faults
from sample_store.wire import Answer, Call
from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tests.support.in_process import discover, discover_some, make_tap, schema_of, selecting, settings, sync
from tests.support.messages import Line, Messages

pytestmark = pytest.mark.usefixtures("nobody_waits")

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
NAME, TRUTH = "deliveries", "acme_deliveries"
STREAM = {
    "name": NAME,
    "path": "/acme/deliveries",
    "key_field": "id",
    "key_column": "delivery_id",
    "replication_key": "updated_at",
}


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def server(clock: list[datetime]) -> Iterator[Server]:
    with serve(Shop.generate(orders=60, clock=lambda: clock[0], module=True)) as running:
        yield running


@pytest.fixture
def config(server: Server) -> dict[str, Any]:
    return settings(server, page_size=5, max_concurrency=1, streams=[STREAM])


def loaded(*runs: Messages) -> dict[int, dict[str, Any]]:
    return {record["id"]: record for lines in runs for record in lines.records(NAME)}


def simple(row: dict[str, Any]) -> dict[str, Any]:
    moment = row["updated_at"].replace(" ", "T").removesuffix("+00:00") + "+00:00"
    return {**{name: value for name, value in row.items() if name != "_unparsed"}, "updated_at": moment}


def truth(server: Server) -> dict[int, dict[str, Any]]:
    return {row["id"]: simple(row) for row in server.shop.rows(TRUTH)}


def hide_from_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shop's own schema not know the list."""
    after = Faults.after

    def changed(faults: Faults, call: Call, given: Answer, fault: Fault | None) -> Answer:
        answer = after(faults, call, given, fault)
        if call.path.endswith("/schema"):
            body = answer.body.replace(b"/V1/acme/deliveries", b"/V1/acme/unknown")
            return replace(answer, body=body)
        return answer

    monkeypatch.setattr(Faults, "after", changed)


def test_a_module_s_list_is_read_with_the_shop_s_own_types(server: Server, config: dict[str, Any]) -> None:
    catalog = discover(config)
    fields = schema_of(catalog, NAME)
    assert fields["id"] == {"type": ["integer"]}
    assert fields["fee"] == {"type": ["number", "null"]}
    assert fields["updated_at"] == {"type": ["string", "null"], "format": "date-time"}
    assert fields["stops"]["items"]["properties"].keys() == {"place", "reached_at"}
    lines = sync(config, selecting(catalog, [NAME]))
    assert {key: simple(row) for key, row in loaded(lines).items()} == truth(server)
    assert len(lines.records(NAME)) == len(truth(server)) > 20
    validator = Draft7Validator(lines.of("SCHEMA", NAME)[0]["schema"])
    assert not [error for record in lines.records(NAME) for error in validator.iter_errors(record)]


def test_without_a_schema_of_the_shop_the_rows_tell(
    server: Server, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_from_schema(monkeypatch)
    catalog = discover(config)
    fields = schema_of(catalog, NAME)
    assert (fields["id"], fields["order_id"]) == ({"type": ["integer"]}, {"type": ["integer", "null"]})
    assert fields["fee"] == {"type": ["number", "null"]}
    assert fields["is_express"] == {"type": ["boolean", "null"]}
    assert fields["stops"]["items"]["properties"].keys() == {"place", "reached_at"}
    found = loaded(sync(config, selecting(catalog, [NAME])))
    assert {key: simple(row) for key, row in found.items()} == truth(server)


def test_the_next_run_reads_what_has_changed(server: Server, config: dict[str, Any], clock: list[datetime]) -> None:
    catalog = discover_some(config, [NAME])
    first = sync(config, catalog)
    clock[0] += timedelta(days=1)
    assert move_on(server.shop, 3) + move_on(server.shop, 20) == 2
    server.shop.delete(TRUTH, 7)
    second = sync(config, catalog, first.state)
    assert second.keys(NAME, "id") == [(3,), (20,)]
    assert {key: simple(row) for key, row in loaded(first, second).items() if key != 7} == truth(server)


def test_a_deletion_is_found(server: Server, config: dict[str, Any], clock: list[datetime]) -> None:
    catalog = discover_some(config, [NAME, "deletions"])
    first = sync(config, catalog)
    clock[0] += timedelta(days=1)
    server.shop.delete(TRUTH, 7)
    second = sync(config, catalog, first.state)
    assert second.keys("deletions", "stream", "key") == [(NAME, "7")]


def test_only_selected_fields_are_requested(server: Server, config: dict[str, Any]) -> None:
    catalog = discover_some(config, [NAME], {NAME: [["properties", "stops"]]})
    server.clear()
    lines = sync(config, catalog)
    assert not any("stops" in record for record in lines.records(NAME))
    pages = [request.query for request in server.requests if request.entity == TRUTH and "fields" in request.query]
    assert any("courier" in query for query in pages)
    assert not any("stops" in query for query in pages)


@pytest.mark.parametrize("workers", [1, 3])
def test_killed_anywhere_nothing_is_missing(
    server: Server, config: dict[str, Any], clock: list[datetime], workers: int
) -> None:
    """As of the tap's own streams: killed before its n-th line, for each n, in the first read and in increments."""
    config = {**config, "max_concurrency": workers}
    catalog = discover_some(config, [NAME])
    state: dict[str, Any] | None = None
    runs: list[Messages] = []
    for line_number in (2, 9, 17, 25, 33, 2, 4, 6):
        count = iter(range(1_000))

        def dies(_: Line, count: Iterator[int] = count, last: int = line_number) -> bool:
            return next(count) >= last

        lines = sync(config, catalog, state, dies_before=dies)
        runs.append(lines)
        state = next((line["value"] for line in reversed(lines.lines) if line["type"] == "STATE"), state)
        clock[0] += timedelta(hours=1)
        for key in (line_number, 2 * line_number):
            move_on(server.shop, key % 30 + 1)
    for _ in range(2):
        clock[0] += timedelta(hours=1)
        runs.append(sync(config, catalog, state))
        state = runs[-1].state
    assert {key: simple(row) for key, row in loaded(*runs).items()} == truth(server)


def test_rows_may_lie_in_another_field(server: Server, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    after = Faults.after

    def renamed(faults: Faults, call: Call, given: Answer, fault: Fault | None) -> Answer:
        answer = after(faults, call, given, fault)
        if "acme/deliveries" not in call.path:
            return answer
        return replace(answer, body=answer.body.replace(b'"items":', b'"rows":'))

    monkeypatch.setattr(Faults, "after", renamed)
    config = {**config, "audit": "off", "streams": [{**STREAM, "items": "rows"}]}
    catalog = discover(config)
    found = loaded(sync(config, selecting(catalog, [NAME])))
    assert {key: simple(row) for key, row in found.items()} == truth(server)
    with suppress(MagentoError, ShopUnavailableError):  # the store knows the field by its own name alone
        sync(config, selecting(catalog, [NAME], {NAME: [["properties", "stops"]]}))
    assert "rows[" in unquote(server.requests[-1].query)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key_field": "nope"}, r"no field 'nope' \(`key_field`\)\. They have: courier"),
        ({"replication_key": "nope"}, r"no field 'nope' \(`replication_key`\)"),
        ({"path": "/acme/nothing"}, "no list was found at /V1/acme/nothing. Correct `path`"),
        ({"name": "orders"}, "the tap has a stream 'orders': give yours another name"),
    ],
)
def test_a_mistake_is_told_at_discovery(server: Server, change: dict[str, str], says: str) -> None:
    with pytest.raises(MagentoError, match=says):
        discover(settings(server, streams=[STREAM | change]))


def test_a_column_that_the_list_cannot_be_searched_by_is_told_before_anything_is_read(server: Server) -> None:
    config = settings(server, streams=[STREAM | {"key_column": "nope"}])
    catalog = discover_some(config, ["categories", NAME])
    lines = Messages()
    with pytest.raises(MagentoError, match=r"not filtered and sorted by 'nope'. Set `key_column`"):
        make_tap(config, catalog=catalog, message_writer=lines).run()
    assert not lines.lines


def test_without_a_shop_it_cannot_be_described(server: Server) -> None:
    with pytest.raises(MagentoError, match="set `schema_source` to live, or give a catalog"):
        discover(settings(server, streams=[STREAM], schema_source="bundled"))


def test_a_catalog_describes_it_without_a_shop(server: Server, config: dict[str, Any]) -> None:
    catalog = discover_some(config, [NAME])
    found = loaded(sync({**config, "schema_source": "bundled"}, catalog))
    assert {key: simple(row) for key, row in found.items()} == truth(server)


def test_all_but_the_keys_count_as_personal(config: dict[str, Any]) -> None:
    config = {**config, "personal_data": "drop", "personal_data_keep": [f"{NAME}.status"]}
    catalog = discover(config)
    assert schema_of(catalog, NAME).keys() == {"id", "updated_at", "status", "_unparsed"}
    (record, *_) = sync(config, selecting(catalog, [NAME])).records(NAME)
    assert record.keys() <= {"id", "updated_at", "status", "_unparsed"}
