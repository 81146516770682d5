"""Bookmarks that other programs wrote, or merged."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk.exceptions import ConfigurationError

from tap_magento.state.foreign import StreamShape, usable_state

SHAPES = {
    "orders": StreamShape("updated_at"),
    "product_store_values": StreamShape("updated_at", frozenset({"store_code"})),
    "modules": StreamShape(None),
}
TIME = "2026-01-02T03:04:05+00:00"
BOOKMARK = {"replication_key": "updated_at", "replication_key_value": TIME}
BACKFILL = {"began": TIME, "since": None, "after": 20}


def usable(stream: str, state: Any) -> tuple[dict[str, Any], list[str]]:
    found, notes = usable_state({"bookmarks": {stream: state}}, SHAPES)
    return found["bookmarks"][stream], notes


@pytest.mark.parametrize(
    "state",
    [
        {},
        BOOKMARK,
        {**BOOKMARK, "set_aside": [3, 5], "something_new": {"a": 1}},
        {"backfill": BACKFILL},
        {**BOOKMARK, "backfill": {**BACKFILL, "began": "2026-01-02T03:04:06+00:00"}},
        {**BOOKMARK, "replication_key_value": "2026-01-02T03:04:05Z"},
    ],
)
def test_what_the_tap_wrote_stays_as_it_is(state: dict[str, Any]) -> None:
    assert usable("orders", state) == (state, [])


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05",
        "2026-01-02T03:04:05.678901234Z",
        "2026-01-02T03:04:05 UTC",
        "2026-01-02T05:04:05+0200",
        1_767_323_045,
        1_767_323_045_000,
        1_767_323_045_000_000,
        1_767_323_045.5,
        "1767323045",
        "1767323045000",
    ],
    ids=repr,
)
@pytest.mark.parametrize("form", ["value", "plain", "bare"])
def test_timestamps_of_all_forms_are_understood(value: object, form: str) -> None:
    state = {"value": {"replication_key_value": value}, "plain": {"updated_at": value}, "bare": value}[form]
    assert usable("orders", state)[0] == BOOKMARK


def test_what_is_not_plain_is_told() -> None:
    assert usable("orders", {"replication_key_value": "2026-01-02 03:04:05"})[1] == []
    assert usable("orders", {"replication_key_value": 1_767_323_045})[1] == [
        f"The bookmark of 'orders' in the state is taken as {TIME}"
    ]


@pytest.mark.parametrize("value", ["0000-00-00 00:00:00", 0, "1970-01-01", "0001-01-01T00:00:00Z"])
def test_a_zero_date_is_no_bookmark(value: object) -> None:
    state, (note,) = usable("orders", {"replication_key": "updated_at", "replication_key_value": value})
    assert state == {}
    assert note.endswith("is a zero date: the stream is read from the start")


@pytest.mark.parametrize("state", [{"replication_key": "updated_at"}, {**BOOKMARK, "replication_key_value": None}])
def test_a_missing_value_is_told(state: dict[str, Any]) -> None:
    found, (note,) = usable("orders", state)
    assert found == {}
    assert note == "The state of 'orders' has no bookmark: the stream is read from the start"


@pytest.mark.parametrize(
    "state",
    [
        "yesterday",
        {"replication_key_value": "customer@example.com"},
        {"replication_key_value": True},
        {"replication_key_value": [TIME]},
        {"replication_key_value": 1e300},
        {"replication_key": "entity_id", "replication_key_value": 5_000},
        {"replication_key": "created_at", "replication_key_value": TIME},
    ],
)
def test_a_bookmark_that_cannot_be_understood_ends_the_run(state: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^The bookmark of 'orders' .*, or remove 'orders' from") as caught:
        usable("orders", state)
    assert "customer" not in str(caught.value)


@pytest.mark.parametrize("bookmark", [TIME, "2026-01-03T00:00:00+00:00"])
def test_an_old_backfill_beside_a_newer_bookmark_is_over(bookmark: str) -> None:
    state = {**BOOKMARK, "replication_key_value": bookmark}
    assert usable("orders", {**state, "backfill": BACKFILL}) == (state, [])


@pytest.mark.parametrize(
    "backfill",
    [5, [], {}, {"began": "x"}, {**BACKFILL, "since": "x"}, {**BACKFILL, "after": [1]}, {**BACKFILL, "after": 1.5}],
)
def test_progress_that_cannot_be_used_is_told(backfill: object) -> None:
    state, (note,) = usable("orders", {"backfill": backfill})
    assert state == {}
    assert note == "The progress of the first sync of 'orders' in the state cannot be used: it is started again"


def test_partitions_of_another_stream_are_ignored() -> None:
    for partitions in ([{"context": {"store_id": "1"}, **BOOKMARK}], {"1": BOOKMARK}):
        state, (note,) = usable("orders", {**BOOKMARK, "partitions": partitions})
        assert state == BOOKMARK
        assert note == "The state of 'orders' has partitions, which the stream has not: they are ignored"


def test_a_stream_s_own_partitions_are_kept() -> None:
    own = {"context": {"store_code": "de"}, **BOOKMARK}
    others: list[Any] = [own, {"context": {"store_id": "1"}}, {"context": {"store_code": 1}}, {}, None, "x"]
    assert usable("product_store_values", {"partitions": [own]}) == ({"partitions": [own]}, [])
    assert usable("product_store_values", {"partitions": [own, *others]})[0] == {"partitions": [own]}
    state, (note,) = usable("product_store_values", {"partitions": {"de": own}})
    assert state == {}
    assert "partitions that are not the stream's" in note


def test_quarantined_rows_are_keys() -> None:
    assert usable("orders", {"set_aside": [9, 3, 3]}) == ({"set_aside": [3, 9]}, [])
    state, (note,) = usable("orders", {"set_aside": [9, "x", None]})
    assert state == {"set_aside": [9]}
    assert "quarantined" in note


def test_what_belongs_to_one_run_is_dropped() -> None:
    assert usable("orders", {**BOOKMARK, "progress_markers": 5, "starting_replication_value": "x"}) == (BOOKMARK, [])


def test_streams_that_the_tap_lacks_keep_their_state() -> None:
    state = {"bookmarks": {"reviews": {"replication_key_value": "x"}, "nothing": None}}
    assert usable_state(state, SHAPES) == ({"bookmarks": {"reviews": {"replication_key_value": "x"}}}, [])
