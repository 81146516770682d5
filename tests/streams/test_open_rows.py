"""Transactions that are closed without a time to tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

import pytest

from sample_store import Server, Shop, serve
from tests.support.in_process import discover_some, settings, sync
from tests.support.messages import Line, Messages

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
NAME = "transactions"


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def server(clock: list[datetime]) -> Iterator[Server]:
    with serve(Shop.generate(orders=40, clock=lambda: clock[0])) as running:
        for row in running.shop.rows(NAME)[::3]:
            running.shop.put(NAME, row | {"is_closed": 0})
        yield running


@pytest.fixture
def config(server: Server) -> dict[str, Any]:
    return settings(server, schema_source="bundled", page_size=10, max_concurrency=1)


def close(server: Server, *keys: int) -> None:
    for key in keys:
        server.shop.put(NAME, (server.shop.row(NAME, key) or {}) | {"is_closed": 1})


def open_keys(server: Server) -> list[int]:
    return [row["transaction_id"] for row in server.shop.rows(NAME) if not row["is_closed"]]


def keys(lines: Messages) -> list[int]:
    return [key for (key,) in lines.keys(NAME, "transaction_id")]


def test_a_transaction_that_is_closed_is_read_again(
    server: Server, config: dict[str, Any], clock: list[datetime]
) -> None:
    catalog = discover_some(config, [NAME])
    first = sync(config, catalog)
    were_open = open_keys(server)
    assert len(were_open) > 5
    clock[0] += timedelta(days=1)
    close(server, were_open[1], were_open[-1])
    second = sync(config, catalog, first.state)
    assert keys(second) == were_open
    closed = {row["transaction_id"] for row in second.records(NAME) if row["is_closed"]}
    assert closed == {were_open[1], were_open[-1]}
    third = sync(config, catalog, second.state)
    assert keys(third) == [key for key in were_open if key not in closed]


def test_a_transaction_whose_closing_was_not_written_is_read_again(
    server: Server, config: dict[str, Any], clock: list[datetime]
) -> None:
    catalog = discover_some(config, [NAME])
    first = sync(config, catalog)
    victim = open_keys(server)[2]
    clock[0] += timedelta(days=1)
    close(server, victim)

    def dies(line: Line) -> bool:
        return bool(line["type"] == "RECORD" and line["record"]["transaction_id"] == victim)

    killed = sync(config, catalog, first.state, dies_before=dies)
    states = [line["value"] for line in killed.lines if line["type"] == "STATE"] or [first.state]
    again = sync(config, catalog, states[-1])
    assert victim in keys(again)


def test_a_deleted_transaction_is_not_asked_for_for_ever(
    server: Server, config: dict[str, Any], clock: list[datetime]
) -> None:
    catalog = discover_some(config, [NAME])
    first = sync(config, catalog)
    were_open = open_keys(server)
    server.shop.delete(NAME, were_open[0])
    clock[0] += timedelta(days=1)
    second = sync(config, catalog, first.state)
    server.clear()
    sync(config, catalog, second.state)
    queries = [unquote(request.query) for request in server.requests]
    assert any(f"={were_open[1]}," in query for query in queries)
    assert not any(f"={were_open[0]}," in query for query in queries)


def test_open_rows_are_known_though_the_field_is_deselected(
    server: Server, config: dict[str, Any], clock: list[datetime]
) -> None:
    catalog = discover_some(config, [NAME], {NAME: [["properties", "is_closed"]]})
    first = sync(config, catalog)
    clock[0] += timedelta(days=1)
    assert keys(sync(config, catalog, first.state)) == open_keys(server)
