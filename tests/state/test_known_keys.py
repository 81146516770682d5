from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.ledger import Ledger
from tap_magento.state.known_keys import KnownKeys

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
keys = st.sets(st.integers(0, 200))


def fresh(state: dict[str, Any], since: datetime | None = None) -> KnownKeys:
    return KnownKeys(state, since, Ledger())


def reloaded(state: dict[str, Any], since: datetime | None = None) -> KnownKeys:
    known = KnownKeys.load(json.loads(json.dumps(state)), since)
    assert known is not None
    return known


@given(emitted=st.lists(keys), deleted=keys, restored=keys)
def test_what_is_known_outlasts_the_run(emitted: list[set[int]], deleted: set[int], restored: set[int]) -> None:
    state: dict[str, Any] = {}
    known = fresh(state)
    for some in emitted:
        known.add(some)
    gone = sorted(deleted & set(known.ledger.keys()))
    known.audited_at = "2026-11-20T12:00:00+00:00"
    known.discard(gone, NOON)
    known.rotation, known.audited_at = 5, "2026-11-21T12:00:00+00:00"
    known.save()
    again = reloaded(state)
    assert (again.ledger, again.rotation, again.audited_at) == (known.ledger, 5, "2026-11-21T12:00:00+00:00")

    back = again.add(restored)
    assert {each.key for each in back} == restored & set(gone)
    assert {each[1:] for each in back} <= {("2026-11-21T12:00:00+00:00", "2026-11-20T12:00:00+00:00")}
    assert again.add(restored) == [], "it comes back once"
    again.save()


def test_keys_that_are_no_integers_are_left_out() -> None:
    known = fresh({})
    known.add(["a", 3])
    assert known.ledger.keys() == [3]


def test_the_state_of_a_version_without_ledgers_has_none() -> None:
    assert KnownKeys.load({"replication_key_value": "2026-11-21T12:00:00+00:00"}, None) is None


@pytest.mark.parametrize(
    ("kept", "now", "is_usable"),
    [
        (None, None, True),
        (None, NOON, False),
        (NOON, None, True),
        (NOON, NOON, True),
        (NOON, NOON - timedelta(days=1), True),
        (NOON, NOON + timedelta(seconds=1), False),
    ],
)
def test_keys_of_rows_before_the_start_date_are_not_held_against_counts_that_leave_them_out(
    kept: datetime | None, now: datetime | None, *, is_usable: bool
) -> None:
    state: dict[str, Any] = {}
    fresh(state, kept).save()
    assert (KnownKeys.load(state, now) is not None) is is_usable


@pytest.mark.parametrize(
    "damage",
    [
        {"keys": "?"},
        {"keys": None},
        {"since": 3},
        {"since": "yesterday"},
        {"rotation": "x"},
        {"deleted": ["?"]},
        {"deleted": [{"keys": "?"}]},
        {"deleted": {"2026": "?"}},
    ],
)
def test_what_is_damaged_is_told_and_not_used(damage: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    state: dict[str, Any] = {}
    fresh(state).save()
    state["ledger"] |= damage
    with caplog.at_level(logging.WARNING):
        assert KnownKeys.load(state, None) is None
    (record,) = caplog.records
    assert "damaged" in record.getMessage()


def test_deletions_of_hundreds_of_audits_are_remembered_in_little_room() -> None:
    state: dict[str, Any] = {}
    known = fresh(state)
    for day in range(250):
        known.add([day])
        known.discard([day], NOON + timedelta(days=day))
        known.save()
    assert len(state["ledger"]["deleted"]) == 100
    restored = reloaded(state).add(range(250))
    assert [each.key for each in restored] == list(range(250))
    assert restored[-1].noticed_at == "2027-07-28T12:00:00+00:00"


def test_growth_is_what_the_next_state_has_more() -> None:
    known = fresh({})
    known.add(range(0, 3_000, 7))
    assert known.growth > 1_000
    known.save()
    assert known.growth == 0
    known.add([1_000_001])
    assert known.growth > 0
