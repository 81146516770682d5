"""State files as runs, shells and Meltano leave them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigurationError

from tap_magento.state.foreign import StreamShape, usable_state
from tap_magento.state.state_file import parse_state
from tap_magento.timestamps import from_rfc3339

STATE = {
    "bookmarks": {"orders": {"replication_key": "updated_at", "replication_key_value": "2026-01-01T00:00:00+00:00"}}
}
OLD: dict[str, Any] = {"bookmarks": {}}
LINE, OLD_LINE = json.dumps(STATE), json.dumps(OLD)


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"\ufeff{LINE}\r\n",
        json.dumps(STATE, indent=2),
        f"{OLD_LINE}\n{LINE}\n",
        json.dumps({"type": "STATE", "value": STATE}),
        json.dumps({"singer_state": STATE}),
        json.dumps({"singer_state": {"type": "STATE", "value": STATE}}),
        json.dumps({**STATE, "currently_syncing": "orders"}),
        "\n".join(
            json.dumps(message)
            for message in (
                {"type": "STATE", "value": OLD},
                {"type": "RECORD", "stream": "orders", "record": {}},
                {"type": "STATE", "value": STATE},
                {"type": "SCHEMA", "stream": "orders", "schema": {}},
            )
        ),
    ],
)
def test_a_state_is_found_in_every_form(text: str) -> None:
    assert parse_state(text) == (STATE, [])


def test_a_line_cut_off_gives_way_to_the_state_before_it() -> None:
    state, notes = parse_state(f"{LINE}\n{LINE[:-20]}")
    assert state == STATE
    assert notes == ["The state file state.json: line 2 is incomplete and is ignored"]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "null"])
def test_no_state_is_told_to_mean_a_read_from_the_start(text: str) -> None:
    state, (note,) = parse_state(text, "old.json")
    assert state == {}
    assert note.startswith("The state file old.json")
    assert note.endswith(": every stream is read from the start")


@pytest.mark.parametrize("text", ["{}", '{"bookmarks": {}}', '{"currently_syncing": null}', '{"singer_state": {}}'])
def test_a_state_of_nothing_needs_no_note(text: str) -> None:
    assert parse_state(text)[1] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LINE[:-1], "is not valid JSON: Expecting ',' delimiter at line 1, column"),
        (f"{LINE}\n{{\n{LINE}", "line 2: is not valid JSON"),
        ("[]", "does not contain a JSON object: pass the state"),
        ('"x"', "does not contain a JSON object"),
        ('{"orders": "2026-01-01"}', "has no `bookmarks`: pass the state"),
        ('{"bookmarks": []}', "has no `bookmarks`"),
        ('{"type": "RECORD"}\n{"type": "SCHEMA"}', "has 2 lines, but no state"),
    ],
)
def test_what_is_no_state_is_one_line(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_state(text)
    assert str(caught.value).startswith("The state file state.json")
    assert problem in str(caught.value)


SHAPES = {
    "orders": StreamShape("updated_at"),
    "store_values": StreamShape("updated_at", frozenset({"store"})),
    "modules": StreamShape(None),
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-01-01", 1_700_000_000]),
    lambda each: st.lists(each) | st.dictionaries(st.text() | st.sampled_from(["bookmarks", "context", "store"]), each),
    max_leaves=20,
)
STREAM_STATES = JSON | st.fixed_dictionaries(
    {},
    optional={
        "replication_key": st.sampled_from(["updated_at", "id"]) | JSON,
        "replication_key_value": JSON,
        "updated_at": JSON,
        "set_aside": JSON | st.lists(st.integers() | st.text()),
        "backfill": JSON | st.fixed_dictionaries({}, optional={"began": JSON, "since": JSON, "after": JSON}),
        "partitions": JSON | st.lists(st.dictionaries(st.sampled_from(["context", "replication_key_value"]), JSON)),
        "progress_markers": JSON,
    },
)
STATES = JSON | st.fixed_dictionaries({"bookmarks": st.dictionaries(st.sampled_from([*SHAPES, "x"]), STREAM_STATES)})


@given(STATES)
@example({"bookmarks": {"orders": {"replication_key_value": float("inf")}}})
@example({"bookmarks": {"orders": {"set_aside": [1, "a", None]}}})
@example({"bookmarks": {"orders": "\ud800"}})
def test_any_json_is_a_state_or_one_line(value: Any) -> None:
    try:
        state, notes = parse_state(json.dumps(value))
        state, more = usable_state(state, SHAPES)
    except ConfigurationError as error:
        lines, state = [str(error)], {}
    else:
        lines = [*notes, *more]
    assert all(line.isprintable() and "state" in line for line in lines)
    assert usable_state(state, SHAPES)[0] == ({"bookmarks": {}} | state), "what is usable once is not usable as it is"
    bookmarks = state.get("bookmarks", {})
    assert all(isinstance(each, dict) for each in bookmarks.values())
    value = bookmarks.get("orders", {}).get("replication_key_value")
    assert value is None or isinstance(from_rfc3339(value), datetime)
