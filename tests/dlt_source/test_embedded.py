"""The tap inside another program: the rows of a Singer run, as values, and no trace of a program of its own."""

from __future__ import annotations

import json
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from threading import enumerate as enumerate_threads
from typing import Any

import pytest

from sample_store import Server, Shop, serve
from tap_magento.dlt_source import embedded
from tap_magento.dlt_source.columns import EXTRACTED_AT
from tap_magento.dlt_source.embedded import EmbeddedTap, Rows, State
from tap_magento.dlt_source.nested_values import FORMS, json_text
from tap_magento.exceptions import MagentoError
from tests.support.clock import FakeClock
from tests.support.in_process import discover, selecting, settings, sync

STREAMS = frozenset({"orders", "order_addresses", "invoices"})


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
    nested: Callable[[Any], Any] = json_text,
    **config: Any,
) -> tuple[dict[str, list[dict[str, Any]]], Mapping[str, Any]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    state: Mapping[str, Any] = {}
    tap = Embedded(config=settings(server, schema_source="bundled", **config))
    tap.message_writer.nested = nested
    for batch in tap.batches(streams, bookmarks or {}):
        if isinstance(batch, State):
            state = batch.bookmarks
        else:
            rows[batch.stream] += batch.rows
    return rows, state


@pytest.mark.parametrize("nested", FORMS.values(), ids=FORMS)
def test_the_rows_are_those_of_a_singer_run(server: Server, nested: Callable[[Any], Any]) -> None:
    rows, state = read(server, nested=nested)
    config = settings(server, schema_source="bundled")
    singer = sync(config, selecting(discover(config), sorted(STREAMS)))
    assert rows.keys() == STREAMS
    for stream in STREAMS:
        found = [{name: _plain(value) for name, value in row.items() if name != EXTRACTED_AT} for row in rows[stream]]
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


def test_a_state_stays_as_it_was_while_the_tap_goes_on(server: Server) -> None:
    tap = Embedded(config=settings(server, schema_source="bundled"))
    states = [batch.bookmarks for batch in tap.batches(STREAMS, {}) if isinstance(batch, State)]
    assert states[0] != states[-1]


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
    batches = tap.batches(frozenset({"orders"}), {})
    assert isinstance(next(batches), Rows | State)
    batches.close()
    for thread in enumerate_threads():
        if thread.name == "tap-magento":
            thread.join(timeout=60)
            assert not thread.is_alive()
    assert len(server.requests) < 30


def test_signals_are_left_to_the_program(server: Server) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    Embedded(config=settings(server, schema_source="bundled"))
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
