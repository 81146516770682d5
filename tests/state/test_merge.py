"""The states of shards are merged whole and in any order, or refused with what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tap_magento.reading.ledger import Ledger
from tap_magento.state.merge import main, merge
from tap_magento.state.stream_state import Checkpointer

times = st.sampled_from([f"2026-11-21T12:00:{second:02}+00:00" for second in range(0, 60, 7)])


def part(number: int, count: int, *, time: str = "2026-11-21T12:00:00+00:00", **more: Any) -> dict[str, Any]:
    return {
        "shard": {"number": number, "count": count, "finished": True},
        "replication_key": "updated_at",
        "replication_key_value": time,
        "complete_at": time,
        **more,
    }


def ledger(keys: set[int], since: str | None = None) -> dict[str, Any]:
    return {"keys": Ledger(keys).encode(), "since": since, "rotation": 0, "audited_at": None, "deleted": {}}


def states(count: int = 2, **streams: Mapping[int, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A state for each shard: orders, and what else is given by stream and shard."""
    given = {"orders": {number: part(number, count) for number in range(1, count + 1)}, **streams}
    return {
        f"{number}.json": {"bookmarks": {name: dict(of[number]) for name, of in given.items() if number in of}}
        for number in range(1, count + 1)
    }


@st.composite
def shards(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(1, 6))
    numbers = range(1, count + 1)
    keys = draw(st.sets(st.integers(0, 10_000), max_size=30))
    parts = {
        number: part(
            number,
            count,
            time=draw(times),
            quarantined=sorted(draw(st.sets(st.integers(0, 200), max_size=3))),
            ledger=ledger({key for key in keys if key % count == number - 1}),
        )
        for number in numbers
    }
    alone = {1: part(1, 1, time=draw(times))}
    return list(states(count, orders=parts, sources=alone).values())


@given(shards(), st.randoms())
def test_the_order_of_the_states_makes_no_difference(shards: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(shards, len(shards))
    named = [{f"{place}.json": state for place, state in enumerate(some)} for some in (shards, shuffled)]
    assert merge(named[0]) == merge(named[1])


@given(shards())
def test_the_earliest_start_and_all_that_is_known_are_kept(shards: list[dict[str, Any]]) -> None:
    orders = merge({f"{place}.json": state for place, state in enumerate(shards)})["bookmarks"]["orders"]
    parts = [state["bookmarks"]["orders"] for state in shards]
    assert orders["replication_key_value"] == orders["complete_at"] == min(each["complete_at"] for each in parts)
    assert orders["quarantined"] == sorted({key for each in parts for key in each["quarantined"]})
    known = [key for each in parts for key in Ledger.decode(each["ledger"]["keys"]).keys()]  # noqa: SIM118  no mapping
    assert set(Ledger.decode(orders["ledger"]["keys"]).keys()) == set(known)
    assert "shard" not in orders


def test_a_list_that_one_shard_reads_alone_keeps_its_state() -> None:
    views = {"context": {"store_code": "de"}, **part(1, 1)}
    found = merge(states(sources={1: part(1, 1)}, product_store_values={1: {"partitions": [views]}}))["bookmarks"]
    assert found["sources"]["replication_key_value"] == "2026-11-21T12:00:00+00:00"
    (partition,) = found["product_store_values"]["partitions"]
    assert partition["context"] == {"store_code": "de"}
    assert "shard" not in partition


def test_a_stream_that_no_shard_could_read_is_left_to_the_next_run() -> None:
    empty = {number: {"shard": {"number": number, "count": 2, "finished": False}} for number in (1, 2)}
    assert set(merge(states(returns=empty))["bookmarks"]) == {"orders"}


def begun(number: int) -> dict[str, Any]:
    state: dict[str, Any] = {}
    Checkpointer([state], "updated_at").begin_shard(number, 2, full_table=False)
    return {**state, "backfill": {"began": "2026-11-21T12:00:00+00:00", "since": None, "after": 7}}


SHARDS = states()
REFUSED: dict[str, tuple[Mapping[str, Any], str]] = {
    "unfinished": (
        {**SHARDS, "2.json": {"bookmarks": {"orders": begun(2)}}},
        "2.json: 'orders' is not finished: run this shard again with its state",
    ),
    "unfinished in all shards": (
        states(invoices={1: begun(1), 2: begun(2)}),
        "1.json: 'invoices' is not finished: run this shard again with its state",
    ),
    "a stream not begun": (
        states(invoices={1: part(1, 2)}),
        "2.json: 'invoices' is not finished: run this shard again with its state",
    ),
    "a list of the first shard unfinished": (
        states(views={1: {"partitions": [part(1, 1), {"shard": {"number": 1, "count": 1, "finished": False}}]}}),
        "1.json: 'views' is not finished: run this shard again with its state",
    ),
    "missing": ({"2.json": SHARDS["2.json"]}, "these shards are missing: 1/2"),
    "doubled": ({**SHARDS, "3.json": SHARDS["2.json"]}, "these shards are there twice: 2/2"),
    "of others": (
        {**SHARDS, "3.json": states(3)["3.json"]},
        "the states are of different numbers of shards: 2, 3",
    ),
    "of two shards": (
        {**SHARDS, "2.json": {"bookmarks": {"orders": part(2, 2), "invoices": part(1, 2)}}},
        "2.json is not the state of one shard: give the states that runs with `shard` wrote",
    ),
    "no shard": (
        {**SHARDS, "2.json": {"bookmarks": {"orders": {"replication_key_value": "2026-11-21T12:00:00+00:00"}}}},
        "2.json is not the state of one shard: give the states that runs with `shard` wrote",
    ),
    "empty": (
        {**SHARDS, "2.json": {}},
        "2.json is not the state of one shard: give the states that runs with `shard` wrote",
    ),
    "damaged": (
        {**SHARDS, "2.json": {"bookmarks": {"orders": {"shard": {"number": "x"}}}}},
        "2.json: the state of 'orders' is not what a run with `shard` wrote",
    ),
    "a bookmark of something else": (
        states(invoices={1: part(1, 2), 2: part(2, 2, time="yesterday")}),
        "a state has a bookmark that is no timestamp: yesterday",
    ),
    "of two start dates": (
        states(orders={1: part(1, 2, ledger=ledger({1})), 2: part(2, 2, ledger=ledger({2}, "2026-01-01"))}),
        "the shards were read with different settings `start_date`: read them again with one",
    ),
    "a damaged ledger": (
        states(orders={1: part(1, 2, ledger=ledger({1})), 2: part(2, 2, ledger={"keys": "!"})}),
        "a ledger in the states is damaged: run its shard again without a state",
    ),
}


def run(folder: Path, given: Mapping[str, Any]) -> Result:
    for name, state in given.items():
        (folder / name).write_text(json.dumps(state), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, list(given))


@pytest.mark.parametrize(("given", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_merged_is_refused_in_one_line(tmp_path: Path, given: Mapping[str, Any], reason: str) -> None:
    result = run(tmp_path, given)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", reason + "\n")


def test_the_program_takes_what_schedulers_keep_and_writes_the_state_alone(tmp_path: Path) -> None:
    first, second = SHARDS.values()
    result = run(tmp_path, {"1.json": {"type": "STATE", "value": first}, "2.json": {"singer_state": second}})
    assert (result.exit_code, result.stderr) == (0, "")
    bookmark = json.loads(result.stdout)["bookmarks"]["orders"]["replication_key_value"]
    assert bookmark == "2026-11-21T12:00:00+00:00"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path / "none.json")])
    assert result.exit_code == 1
    assert "none.json" in result.stderr
    assert len(result.stderr.splitlines()) == 1
