"""Airbyte's catalogs and states, and those of the tap."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.exceptions import ConfigurationError

from tap_magento.airbyte.catalog import SelectedStream, bookmarks_from, selected_streams, state_of

BOOKMARK = {"replication_key": "updated_at", "replication_key_value": "2026-01-01T00:00:00+00:00"}
BACKFILL = {"backfill": {"began": "2026-01-01T00:00:00+00:00", "since": None, "after": 7}}
LEDGER = {"ledger": {"keys": "made-up"}}


def stream(name: str = "orders", *, full_refresh: bool = False, generation_id: int | None = None) -> SelectedStream:
    return SelectedStream(name, {"properties": {}}, ["entity_id"], full_refresh, generation_id)


def restored(saved: dict[str, Any], wanted: SelectedStream) -> Any:
    """Give back a state as Airbyte does."""
    state = {"type": "STREAM", "stream": {"stream_descriptor": {"name": wanted.name}, "stream_state": saved}}
    return bookmarks_from([state], {wanted.name: wanted})


@pytest.mark.parametrize("state", [BOOKMARK, BACKFILL, BOOKMARK | LEDGER, {}])
def test_an_incremental_state_comes_back_as_it_was(state: dict[str, Any]) -> None:
    saved = state_of(stream(), {"orders": state}, None)
    assert restored(saved, stream()) == {"orders": state}


def test_a_stream_without_a_state_is_marked_as_complete() -> None:
    assert state_of(stream(), {}, None) == {"complete": True}


@pytest.mark.parametrize("state", [BOOKMARK, BACKFILL])
def test_a_full_refresh_begins_at_the_start(state: dict[str, Any]) -> None:
    saved = state_of(stream(full_refresh=True), {"orders": state | LEDGER}, None)
    assert restored(saved, stream(full_refresh=True)) == {"orders": LEDGER}


def test_the_next_attempt_at_a_full_refresh_goes_on() -> None:
    one, other = (stream(full_refresh=True, generation_id=number) for number in (4, 5))
    saved = state_of(one, {"orders": BACKFILL}, None)
    assert restored(saved, one) == {"orders": BACKFILL}
    assert restored(saved, other) == {"orders": {}}


def test_a_completed_full_refresh_is_done_again() -> None:
    for state in (BOOKMARK, {"full_table": {"completed": "2026-01-01T00:00:00+00:00"}}):
        again = stream(full_refresh=True, generation_id=4)
        assert restored(state_of(again, {"orders": state}, None), again) == {"orders": {}}


def test_the_state_of_a_parent_that_is_not_read_travels_with_the_nested_stream() -> None:
    nested = stream("order_addresses")
    saved = state_of(nested, {"order_addresses": BOOKMARK, "orders": LEDGER}, "orders")
    assert restored(saved, nested) == {"order_addresses": BOOKMARK, "orders": LEDGER}


def test_states_of_other_streams_are_left_out() -> None:
    assert bookmarks_from([{"stream": {"stream_descriptor": {"name": "gone"}, "stream_state": BOOKMARK}}], {}) == {}


@pytest.mark.parametrize("states", [["orders"], [{"type": "GLOBAL"}], {"orders": BOOKMARK}, [{"stream": None}]])
def test_what_is_no_state_of_airbyte_ends_the_run(states: Any) -> None:
    with pytest.raises(ConfigurationError, match="reset the connection"):
        bookmarks_from(states, {"orders": stream()})


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        ({}, "no streams"),
        ({"streams": []}, "no streams"),
        ({"streams": ["orders"]}, "malformed"),
        ({"streams": [{"stream": {"name": "orders"}, "sync_mode": "incremental"}]}, "malformed"),
        (
            {"streams": [{"stream": {"name": "orders", "json_schema": {}}, "sync_mode": "sometimes"}]},
            "unknown sync mode",
        ),
    ],
)
def test_a_catalog_that_cannot_be_used_ends_the_run(catalog: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        selected_streams(catalog)
