"""A nested stream has a place of its own: selected after its parent, it reads the parent's past once."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from singer_sdk import Stream

from sample_store import Server, Shop, serve
from tap_magento import streams
from tap_magento.runtime.cadence import StateCadence
from tap_magento.streams.list import ListStream
from tap_magento.streams.sales import Shipments
from tests.support.in_process import (
    bundled_catalog,
    discover,
    make_tap,
    requests_of,
    schema_of,
    selecting,
    settings,
    sync,
)
from tests.support.messages import Messages

PARENT, NESTED = "shipments", "shipment_items"


@pytest.fixture(scope="module")
def store() -> Iterator[Server]:
    with serve(Shop.generate(orders=60)) as running:
        yield running


@pytest.fixture
def server(store: Server) -> Server:
    store.clear()
    return store


@pytest.fixture
def config(server: Server) -> dict[str, Any]:
    more = {"schema_source": "bundled", "page_size": 4, "max_concurrency": 1, "audit": "off"}
    return settings(server, **more)


@pytest.fixture
def catalog() -> dict[str, Any]:
    return bundled_catalog()


def expected(server: Server) -> list[tuple[int, int]]:
    return [(row["entity_id"], item["entity_id"]) for row in server.shop.rows(PARENT) for item in row["items"]]


def keys(lines: Messages) -> list[tuple[Any, ...]]:
    return lines.keys(NESTED, "shipment_id", "entity_id")


def test_selected_a_run_later_it_is_complete_and_its_parent_is_not_read_again(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    first = sync(config, selecting(catalog, [PARENT]))
    assert len(first.records(PARENT)) == len(server.shop.rows(PARENT)) > 10
    later = sync(config, selecting(catalog, [PARENT, NESTED]), first.state)
    assert keys(later) == expected(server)
    assert len(later.records(PARENT)) < 5, "of the parent an incremental sync reads the lookback alone"
    server.clear()
    third = sync(config, selecting(catalog, [PARENT, NESTED]), later.state)
    assert len(third.records(NESTED)) < 5
    assert requests_of(server, "/V1/shipments") <= 2, "both are read in one pass"


@pytest.mark.parametrize("record", [3, 9, 14])
def test_killed_while_it_reads_the_past_it_goes_on_where_it_stopped(
    record: int,
    server: Server,
    config: Mapping[str, Any],
    catalog: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(StateCadence, "is_due", lambda *_: True)
    chosen = selecting(catalog, [PARENT, NESTED])
    before = sync(config, selecting(catalog, [PARENT])).state
    key = expected(server)[record]
    killed = sync(config, chosen, before, lambda line: line.get("record", {}).get("entity_id") == key[1])
    resumed = sync(config, chosen, killed.state)
    assert set(keys(killed)) | set(keys(resumed)) == set(expected(server))
    assert len(keys(killed)) + len(keys(resumed)) <= len(expected(server)) + 4 * 3, "it began anew"


def test_its_parent_need_not_be_selected(server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    whole = sync(config, selecting(catalog, [NESTED]))
    assert keys(whole) == expected(server)
    assert not [line for line in whole.lines if line.get("stream") == PARENT]
    again = sync(config, selecting(catalog, [NESTED]), whole.state)
    assert len(again.records(NESTED)) < 5, "it has a bookmark of its own"


def test_only_what_it_needs_of_its_parent_is_requested(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    unwanted = [["properties", name] for name in schema_of(catalog, NESTED) if name not in {"sku", "shipment_id"}]
    chosen = selecting(catalog, [NESTED], {NESTED: unwanted})
    server.clear()
    records = sync(config, chosen).records(NESTED)
    assert {frozenset(record) for record in records} == {frozenset({"shipment_id", "entity_id", "sku"})}
    fields = {unquote(request.query).partition("fields=")[2] for request in server.requests if request.entity == PARENT}
    pages = {each for each in fields if "items[items" in each or "sku" in each}
    assert len(pages) == 1
    (page,) = pages
    assert set(re.findall(r"\w+", page)) == {"items", "entity_id", "updated_at", "sku", "total_count"}


def test_its_records_have_the_time_of_their_parent_s(config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    lines = sync(config, selecting(catalog, [PARENT, NESTED]))
    times = {line["record"]["entity_id"]: line["time_extracted"] for line in lines.of("RECORD", PARENT)}
    nested = lines.of("RECORD", NESTED)
    assert nested
    assert all(line["time_extracted"] == times[line["record"]["shipment_id"]] for line in nested)


def test_rows_without_a_key_of_their_own_are_left_out_with_one_warning(
    config: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    stream: Any = make_tap(config).streams[NESTED]
    twice = [{"entity_id": 1}, {"entity_id": 1}, {"entity_id": None}, {"sku": "A"}, {"entity_id": 2}]
    rows = list(stream.rows_of({"entity_id": 7, "items": twice}))
    rows += stream.rows_of({"entity_id": 8, "items": [*twice, {"entity_id": 3}]})
    assert [(row["shipment_id"], row["entity_id"]) for row in rows] == [(7, 1), (7, 2), (8, 1), (8, 2), (8, 3)]
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len([line for line in warnings if NESTED in line]) == 1


def test_progress_is_told_for_both_in_one_line(
    config: Mapping[str, Any],
    catalog: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("tap_magento.runtime.progress._SECONDS_BETWEEN_LINES", 0.0)
    with caplog.at_level(logging.INFO):
        sync(config, selecting(catalog, [PARENT, NESTED]))
    lines = [each.getMessage() for each in caplog.records if "rows/s" in each.getMessage()]
    assert lines
    assert not [line for line in lines if line.startswith(NESTED)]


def test_a_stream_with_a_parent_that_is_not_nested_is_refused_at_start_up(
    config: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tracking(ListStream):
        name = "tracking"
        parent_stream_type: type[Stream] | None = Shipments
        path, acl_resource, primary_keys = "/V1/tracking", "Magento_Sales::shipment", ("entity_id",)
        key_column = "entity_id"

    monkeypatch.setattr(streams, "STREAMS", (*streams.STREAMS, Tracking))
    with pytest.raises(TypeError, match="Tracking has a parent, but is no NestedStream"):
        discover(config)
