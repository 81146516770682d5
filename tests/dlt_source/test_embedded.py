"""The tap inside another program: the rows of a Singer run, as values, and no trace of a program of its own."""

from __future__ import annotations

import json
import signal
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from singer_sdk.singerlib.messages import RecordMessage, SchemaMessage

from sample_store import Server, Shop, serve
from tap_magento.dlt_source import embedded
from tap_magento.dlt_source.columns import EXTRACTED_AT
from tap_magento.dlt_source.embedded import Batch, EmbeddedTap
from tap_magento.dlt_source.nested_values import FORMS, Convert, json_text
from tap_magento.exceptions import MagentoError
from tests.support.clock import FakeClock
from tests.support.in_process import discover, selecting, settings, sync

STREAMS = frozenset({"orders", "order_addresses", "invoices", "countries", "regions"})


class Embedded(EmbeddedTap):
    """By a clock that does not wait."""

    clock = FakeClock


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=30)) as running:
        yield running


def read(
    server: Server,
    streams: frozenset[str] = STREAMS,
    bookmarks: Mapping[str, Any] | None = None,
    nested: Convert = json_text,
    **config: Any,
) -> tuple[dict[str, list[dict[str, Any]]], Mapping[str, Any]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    state: Mapping[str, Any] = {}
    tap = Embedded(config=settings(server, schema_source="bundled", **config))
    tap.message_writer.nested = nested
    for batch in tap.batches(streams, bookmarks or {}):
        for stream, some in batch.rows.items():
            rows[stream] += some
        state = batch.bookmarks or state
    return rows, state


def batches(server: Server, streams: frozenset[str] = STREAMS, **config: Any) -> list[Batch]:
    return [*Embedded(config=settings(server, schema_source="bundled", **config)).batches(streams, {})]


def _without_time(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != EXTRACTED_AT}


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the writer takes for the time."""
    now = [0.0]
    monkeypatch.setattr(embedded, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("nested", FORMS.values(), ids=FORMS)
def test_the_rows_are_those_of_a_singer_run(server: Server, nested: Convert) -> None:
    rows, state = read(server, nested=nested)
    config = settings(server, schema_source="bundled")
    singer = sync(config, selecting(discover(config), sorted(STREAMS)))
    assert rows.keys() == STREAMS
    for stream in STREAMS:
        found = [{name: _plain(value) for name, value in _without_time(row).items()} for row in rows[stream]]
        assert found == singer.records(stream)
        assert all(row[EXTRACTED_AT] for row in rows[stream])
    order = rows["orders"][0]
    assert isinstance(order["grand_total"], Decimal | int)
    assert isinstance(order["items"], str if nested is json_text else list)
    assert state["orders"]["replication_key_value"]


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        return json.loads(value)
    return float(value) if isinstance(value, Decimal) else value


def test_a_run_goes_on_from_the_state(server: Server) -> None:
    _, state = read(server)
    server.clear()
    server.shop.live()
    rows, _ = read(server, bookmarks=state)
    assert 0 < len(rows["orders"]) < 30


def test_a_state_stays_as_it_was_while_the_tap_goes_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_BATCH_ROWS", 1)
    states = [batch.bookmarks for batch in batches(server) if batch.bookmarks is not None]
    assert states[0] != states[-1]


@pytest.mark.usefixtures("seconds")
def test_rows_of_all_streams_go_together() -> None:
    with serve(Shop.generate(orders=30)) as server:
        (batch,) = batches(server)
    assert batch.rows.keys() == STREAMS
    assert batch.bookmarks


@pytest.mark.usefixtures("seconds")
def test_a_batch_has_at_most_so_many_rows(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {stream: [*rows] for stream, rows in read(server)[0].items()}
    monkeypatch.setattr(embedded, "_BATCH_ROWS", 7)
    found = batches(server)
    counts = [sum(map(len, batch.rows.values())) for batch in found]
    assert set(counts[:-1]) == {7}
    assert counts[-1] <= 7
    for stream, rows in whole.items():
        some = [row for batch in found for row in batch.rows.get(stream, ())]
        assert [_without_time(row) for row in some] == [_without_time(row) for row in rows]


@pytest.mark.usefixtures("seconds")
@pytest.mark.parametrize("nested", FORMS.values(), ids=FORMS)
def test_large_objects_make_smaller_batches(server: Server, monkeypatch: pytest.MonkeyPatch, nested: Convert) -> None:
    monkeypatch.setattr(embedded, "_BATCH_BYTES", 20_000)
    tap = Embedded(config=settings(server, schema_source="bundled"))
    tap.message_writer.nested = nested
    counts = [len(batch.rows["orders"]) for batch in tap.batches(frozenset({"orders"}), {})]
    assert sum(counts) == 30
    assert len(counts) > 2
    assert min(counts[:-1]) > 1
    assert max(counts) < 15


def test_rows_do_not_wait_for_others_that_are_slow_to_come(server: Server, seconds: list[float]) -> None:
    tap = Embedded(config=settings(server, schema_source="bundled"))
    tap.message_writer.write_message(SchemaMessage("orders", {"type": "object", "properties": {}}))
    tap.message_writer.write_message(RecordMessage("orders", {"entity_id": 1}))
    seconds[0] += 60
    tap.message_writer.write_message(RecordMessage("orders", {"entity_id": 2}))
    tap.message_writer.write_message(RecordMessage("orders", {"entity_id": 3}))
    batch = next(tap.message_writer.batches())
    assert [row["entity_id"] for row in batch.rows["orders"]] == [1, 2]


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_a_state_is_never_newer_than_the_rows(server: Server, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(embedded, "_BATCH_ROWS", rows)
    last, states = 0, 0
    for batch in batches(server, frozenset({"orders"}), page_size=2, max_concurrency=1):
        last = max([last, *(row["entity_id"] for row in batch.rows.get("orders", ()))])
        reached = (batch.bookmarks or {}).get("orders", {}).get("backfill", {}).get("after")
        states += reached is not None
        assert last >= (reached or 0)
    assert states


def test_only_what_is_selected_is_read(server: Server) -> None:
    rows, _ = read(server, frozenset({"invoices"}))
    assert rows.keys() == {"invoices"}
    assert not any(request.path.endswith("/orders") for request in server.requests)


def test_an_error_is_raised_where_the_rows_are_taken(server: Server) -> None:
    with pytest.raises(MagentoError):
        read(server, password="made-up")


def test_a_reader_that_stops_ends_the_run(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_BATCH_ROWS", 1)
    tap = Embedded(config=settings(server, schema_source="bundled", page_size=1, max_concurrency=1))
    found = tap.batches(frozenset({"orders"}), {})
    assert len(next(found).rows["orders"]) == 1
    found.close()
    for thread in enumerate_threads():
        if thread.name == "tap-magento":
            thread.join(timeout=60)
            assert not thread.is_alive()
    assert len(server.requests) < 30


def test_signals_are_left_to_the_program(server: Server) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    Embedded(config=settings(server, schema_source="bundled"))
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
