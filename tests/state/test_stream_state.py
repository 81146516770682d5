from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.types import Key
from tap_magento.state.stream_state import Checkpointer, Progress, TooManyBadRowsError, bookmark_of, place_of

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
LATER = NOON + timedelta(days=1)

moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001  the zone comes after
    lambda moment: moment.replace(microsecond=0, tzinfo=timezone.utc)
)
keys: st.SearchStrategy[Key] = st.integers(0, 2**63) | st.text(min_size=1)
reads = st.builds(Progress, began=moments, since=st.none() | moments, after=st.none() | keys)


def checkpointer(*states: dict[str, Any]) -> Checkpointer:
    return Checkpointer(states, "updated_at")


def as_saved(state: Mapping[str, Any]) -> dict[str, Any]:
    saved: dict[str, Any] = json.loads(json.dumps(state))
    return saved


def as_merged(older: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """Merge states as Meltano does: what is no longer there stays."""
    merged = dict(older)
    for name, value in newer.items():
        had = merged.get(name)
        merged[name] = as_merged(had, value) if isinstance(had, dict) and isinstance(value, dict) else value
    return merged


def test_without_a_state_nothing_has_been_read() -> None:
    found = checkpointer({})
    assert (found.bookmark, found.backfill, found.full_table, found.quarantined) == (None, None, None, ())


def test_a_bookmark_is_a_plain_singer_bookmark() -> None:
    state: dict[str, Any] = {}
    checkpointer(state).advance(NOON)
    assert state == {"replication_key": "updated_at", "replication_key_value": "2026-11-21T12:00:00+00:00"}


@pytest.mark.parametrize("value", ["2026-11-21T12:00:00Z", "2026-11-21T13:00:00+01:00", "2026-11-21T12:00:00"])
def test_bookmarks_of_other_hands_are_read_too(value: str) -> None:
    assert bookmark_of({"replication_key_value": value}) == NOON


def test_a_bookmark_that_is_no_timestamp_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        bookmark_of({"replication_key_value": "yesterday"})


@given(st.lists(moments, min_size=1))
def test_a_bookmark_never_goes_back(order: list[datetime]) -> None:
    found = checkpointer({})
    for place, moment in enumerate(order):
        found.advance(moment)
        assert found.bookmark == max(order[: place + 1])


@given(reads)
def test_progress_of_a_first_read_survives_the_state_file(progress: Progress) -> None:
    state: dict[str, Any] = {}
    checkpointer(state).save_backfill(progress)
    again = checkpointer(as_saved(state))
    assert again.backfill == progress
    assert again.bookmark is None, "an incremental read must not begin yet"


@given(reads, st.none() | st.integers(1, 2**40))
def test_progress_of_a_full_table_read_survives_the_state_file(progress: Progress, version: int | None) -> None:
    progress = Progress(progress.began, progress.since, progress.after, version)
    state: dict[str, Any] = {}
    checkpointer(state).save_full_table(progress)
    assert checkpointer(as_saved(state)).full_table == progress


def test_a_first_read_ends_in_a_bookmark_of_when_it_began() -> None:
    state: dict[str, Any] = {"quarantined": [7]}
    found = checkpointer(state)
    found.save_backfill(Progress(NOON, None, 40))
    found.finish_backfill(NOON, is_dated=False)
    assert state == {
        "replication_key": "updated_at",
        "replication_key_value": "2026-11-21T12:00:00+00:00",
        "quarantined": [7],
    }


def test_a_first_read_is_dated_where_all_rows_are_to_be_read_again() -> None:
    found = checkpointer({})
    found.finish_backfill(NOON, is_dated=True)
    assert found.last_complete == NOON


def test_a_first_read_that_ends_does_not_put_a_bookmark_back() -> None:
    found = checkpointer({})
    found.advance(LATER)
    found.finish_backfill(NOON, is_dated=False)
    assert found.bookmark == LATER


def test_streams_that_are_read_in_one_pass_move_together() -> None:
    parent: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    found = checkpointer(parent, nested)
    found.save_backfill(Progress(NOON, None, 40))
    found.quarantine(41)
    assert parent == nested
    parent["backfill"]["after"] = 50
    assert nested["backfill"]["after"] == 40, "each has a state of its own"
    found.finish_backfill(NOON, is_dated=False)
    found.finish_full_table(NOON)
    assert parent == nested
    assert bookmark_of(nested) == NOON


def test_a_bookmark_is_newer_than_the_first_read_that_a_scheduler_merged_into_its_state() -> None:
    during: dict[str, Any] = {}
    checkpointer(during).save_backfill(Progress(NOON, None, 40))
    after = as_saved(during)
    checkpointer(after).finish_backfill(NOON, is_dated=False)
    merged = checkpointer(as_merged(during, after))
    assert merged.backfill is None
    assert merged.bookmark == NOON
    assert place_of(as_merged(during, after), full_table=False) == place_of(after, full_table=False)


@pytest.mark.parametrize("version", [None, 1_790_000_000])
def test_a_full_table_read_that_is_complete_is_not_resumed_from_a_merged_state(version: int | None) -> None:
    during: dict[str, Any] = {}
    checkpointer(during).save_full_table(Progress(NOON, None, 40, version))
    after = as_saved(during)
    checkpointer(after).finish_full_table(NOON)
    assert checkpointer(after).full_table is None
    assert checkpointer(as_merged(during, after)).full_table is None
    next_one = as_saved(after)
    checkpointer(next_one).save_full_table(Progress(LATER, None, 3, version))
    resumed = checkpointer(as_merged(as_merged(during, after), next_one)).full_table
    assert resumed == Progress(LATER, None, 3, version)


def test_a_row_that_was_released_stays_so_in_a_merged_state() -> None:
    during: dict[str, Any] = {}
    checkpointer(during).quarantine(7)
    after = as_saved(during)
    checkpointer(after).release(7)
    assert checkpointer(as_merged(during, after)).quarantined == ()


def test_a_state_of_version_0_1_0_is_understood() -> None:
    old = {"set_aside": [3, 17], "backfill": {"began": "2026-11-21T12:00:00+00:00", "since": None, "after": 40}}
    found = checkpointer(old)
    assert found.backfill == Progress(NOON, None, 40)
    for key in (3, 17):
        assert key in found.quarantined
        found.release(key)
    assert not found.quarantined
    assert checkpointer(as_merged({"set_aside": [3, 17]}, old)).quarantined == (), "the new list is the newer one"


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 200)))
    | st.lists(st.tuples(st.booleans(), st.text("ab1", min_size=1, max_size=2)))
)
def test_quarantined_rows_are_a_sorted_set(steps: list[tuple[bool, Any]]) -> None:
    found = checkpointer({})
    expected: set[Any] = set()
    for is_bad, key in steps:
        if is_bad:
            found.quarantine(key)
            expected.add(key)
        else:
            found.release(key)
            expected.discard(key)
        assert found.quarantined == tuple(sorted(expected))


def test_more_than_a_hundred_rows_are_not_quarantined() -> None:
    found = checkpointer({})
    for key in range(100):
        found.quarantine(key)
    found.quarantine(99)
    with pytest.raises(TooManyBadRowsError, match="more than 100 rows"):
        found.quarantine(100)
    assert len(found.quarantined) == 100
