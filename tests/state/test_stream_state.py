from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.state import stream_state as bookmarks
from tap_magento.state.stream_state import Backfill

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)

moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001  the zone comes after
    lambda moment: moment.replace(microsecond=0, tzinfo=timezone.utc)
)
backfills = st.builds(Backfill, began=moments, since=st.none() | moments, after=st.none() | st.integers(0, 2**63))


def test_without_a_state_nothing_has_been_read() -> None:
    assert bookmarks.bookmark_of({}) is None
    assert bookmarks.backfill_of({}) is None
    assert bookmarks.quarantined({}) == ()


def test_a_bookmark_is_a_plain_singer_bookmark() -> None:
    state: dict[str, Any] = {}
    bookmarks.advance(state, "updated_at", NOON)
    assert state == {"replication_key": "updated_at", "replication_key_value": "2026-11-21T12:00:00+00:00"}


@pytest.mark.parametrize("value", ["2026-11-21T12:00:00Z", "2026-11-21T13:00:00+01:00", "2026-11-21T12:00:00"])
def test_bookmarks_of_other_hands_are_read_too(value: str) -> None:
    assert bookmarks.bookmark_of({"replication_key_value": value}) == NOON


def test_a_bookmark_that_is_no_timestamp_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        bookmarks.bookmark_of({"replication_key_value": "yesterday"})


@given(st.lists(moments, min_size=1))
def test_a_bookmark_never_goes_back(order: list[datetime]) -> None:
    state: dict[str, Any] = {}
    for place, moment in enumerate(order):
        bookmarks.advance(state, "updated_at", moment)
        assert bookmarks.bookmark_of(state) == max(order[: place + 1])


@given(backfills)
def test_progress_of_a_first_read_survives_the_state_file(progress: Backfill) -> None:
    state: dict[str, Any] = {}
    bookmarks.save_backfill(state, progress)
    assert bookmarks.backfill_of(json.loads(json.dumps(state))) == progress
    assert bookmarks.bookmark_of(state) is None, "an increment must not begin yet"


def test_a_first_read_ends_in_a_bookmark_of_when_it_began() -> None:
    state: dict[str, Any] = {"set_aside": [7]}
    bookmarks.save_backfill(state, Backfill(NOON, None, 40))
    bookmarks.finish_backfill(state, "updated_at", NOON)
    assert state == {
        "replication_key": "updated_at",
        "replication_key_value": "2026-11-21T12:00:00+00:00",
        "set_aside": [7],
    }


def test_a_first_read_that_ends_does_not_put_a_bookmark_back() -> None:
    state: dict[str, Any] = {}
    bookmarks.advance(state, "updated_at", NOON + timedelta(days=1))
    bookmarks.finish_backfill(state, "updated_at", NOON)
    assert bookmarks.bookmark_of(state) == NOON + timedelta(days=1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60))))
def test_rows_set_aside_are_a_sorted_set(steps: list[tuple[bool, int]]) -> None:
    state: dict[str, Any] = {}
    expected: set[int] = set()
    for aside, key in steps:
        if aside:
            bookmarks.quarantine(state, key)
            expected.add(key)
        else:
            bookmarks.release(state, key)
            expected.discard(key)
        assert bookmarks.quarantined(state) == tuple(sorted(expected))
        assert ("set_aside" in state) == bool(expected)


def test_more_than_a_hundred_rows_are_not_set_aside() -> None:
    state: dict[str, Any] = {}
    for key in range(100):
        bookmarks.quarantine(state, key)
    bookmarks.quarantine(state, 99)
    with pytest.raises(bookmarks.TooManyBadRowsError, match="more than 100 rows"):
        bookmarks.quarantine(state, 100)
    assert len(bookmarks.quarantined(state)) == 100
