"""Several runs read a shop together, each its shard; merged, one run goes on with exactly the shop's rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from sample_store import Server, Shop, serve
from tap_magento.exceptions import MagentoError
from tap_magento.state.merge import merge
from tap_magento.streams.list import ListStream
from tests.support.in_process import bundled_catalog, replicating_fully, requests_of, selecting, settings, sync
from tests.support.live_shop import ZERO_DATE
from tests.support.messages import Line, Messages

COUNT = 3
KEYS = {"orders": "entity_id", "order_items": "item_id", "products": "id", "customers": "id"}
# Its key is hidden, and its endpoint gives one array.
ALONE = ["inventory_source_items", "websites"]


@pytest.fixture(autouse=True)
def few_keys_a_block_and_states_after_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_magento.reading.shards.BLOCK", 4)
    monkeypatch.setattr("tap_magento.runtime.cadence.StateCadence.is_due", lambda *_: True)
    monkeypatch.setattr(ListStream, "STATE_MSG_FREQUENCY", 1)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Shop.generate(orders=30)) as running:
        yield running


@pytest.fixture
def config(server: Server) -> dict[str, Any]:
    return settings(server, schema_source="bundled", page_size=3, max_concurrency=2, audit="off")


@pytest.fixture
def catalog() -> dict[str, Any]:
    return selecting(bundled_catalog(), [*KEYS, *ALONE])


def read(config: Mapping[str, Any], catalog: Mapping[str, Any], numbers: Sequence[int] = (1, 2, 3)) -> list[Messages]:
    return [sync({**config, "shard": f"{number}/{COUNT}"}, catalog) for number in numbers]


def merged(shards: Sequence[Messages]) -> dict[str, Any]:
    return merge({str(number): lines.state for number, lines in enumerate(shards)})


def loaded(runs: Sequence[Messages], stream: str) -> dict[Any, Any]:
    """What a loader makes of the records: the last one of each key."""
    return {row[KEYS[stream]]: row["updated_at"] for lines in runs for row in lines.records(stream)}


def truth(server: Server, stream: str) -> dict[Any, Any]:
    rows = {row[KEYS[stream]]: row["updated_at"] for row in server.shop.rows(stream)}
    return {key: None if time == ZERO_DATE else time.replace(" ", "T") + "+00:00" for key, time in rows.items()}


def test_shards_read_each_row_once_and_evenly(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    shards = read(config, catalog)
    for stream, key in KEYS.items():
        keys = [row[key] for lines in shards for row in lines.records(stream)]
        assert sorted(keys) == sorted(truth(server, stream))
    assert [len(lines.records("orders")) for lines in shards] == pytest.approx([10] * COUNT, abs=4)


@pytest.mark.parametrize("killed_at", [0, 25])
def test_one_is_killed_and_resumed_and_the_next_run_reads_what_changed_meanwhile(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any], killed_at: int
) -> None:
    records = itertools.count()

    def dies_before(line: Line) -> bool:
        return line["type"] == "RECORD" and next(records) == killed_at

    def states(lines: Messages) -> dict[str, Any] | None:
        return lines.state if any(line["type"] == "STATE" for line in lines.lines) else None

    first, third = read(config, catalog, [1, 3])
    killed = sync({**config, "shard": "2/3"}, catalog, dies_before=dies_before)
    server.shop.live()
    resumed = sync({**config, "shard": "2/3"}, catalog, states(killed))
    runs = [first, killed, resumed, third]
    runs.append(sync(config, catalog, merged([first, resumed, third])))
    for stream in KEYS:
        rows = truth(server, stream)
        found = loaded(runs, stream)
        assert {key: found.get(key) for key in rows} == rows


def test_lists_that_cannot_be_cut_are_read_by_the_first_shard_alone(
    config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    shards = read(config, selecting(catalog, ALONE))
    for stream in ALONE:
        assert [bool(lines.records(stream)) for lines in shards] == [True, False, False]


def test_a_full_table_list_is_read_in_shards_but_by_one_where_it_tells_which_rows_are_gone(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    fully = selecting(replicating_fully(catalog, "orders"), ["orders"])
    shards = read(config, fully)
    assert all(lines.records("orders") for lines in shards)
    versioned = read({**config, "emit_activate_version_messages": True}, fully)
    assert [len(lines.records("orders")) for lines in versioned] == [len(server.shop.rows("orders")), 0, 0]
    assert [len(lines.of("ACTIVATE_VERSION", "orders")) for lines in versioned] == [1, 0, 0]


def test_shard_0_writes_the_schemas_alone(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    lines = sync({**config, "shard": "0/3"}, catalog)
    assert {line["type"] for line in lines.lines} == {"SCHEMA"}
    whole = sync({**config, "shard": "1/3"}, catalog)
    schemas = {line["stream"]: line for line in lines.lines}
    assert schemas == {line["stream"]: line for line in whole.lines if line["type"] == "SCHEMA"}
    assert schemas.keys() == {*KEYS, *ALONE}
    server.clear()
    sync({**config, "shard": "0/3"}, catalog)
    assert not requests_of(server, "/orders")


def test_a_finished_shard_reads_nothing_more(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    (second,) = read(config, catalog, [2])
    server.clear()
    again = sync({**config, "shard": "2/3"}, catalog, second.state)
    assert not any(again.records(stream) for stream in KEYS)
    assert again.state == second.state
    assert not requests_of(server, "/orders")


def test_a_state_of_another_shard_is_refused(config: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
    orders = selecting(catalog, ["orders"])
    (second,) = read(config, orders, [2])
    with pytest.raises(MagentoError, match=r"the state is of shard 2/3, but `shard` demands 3/3. Give each shard its"):
        sync({**config, "shard": "3/3"}, orders, second.state)


def test_a_first_sync_that_is_complete_is_not_read_in_shards(
    config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    orders = selecting(catalog, ["orders"])
    state = merged(read(config, orders))
    with pytest.raises(MagentoError, match=r"its first sync is complete.* Remove the setting `shard` to read changes"):
        sync({**config, "shard": "2/3"}, orders, state)


def test_a_first_sync_that_was_begun_alone_is_ended_in_shards(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    records = itertools.count()
    orders = selecting(catalog, ["orders"])
    alone = sync(config, orders, dies_before=lambda line: line["type"] == "RECORD" and next(records) == 15)
    runs = [sync({**config, "shard": f"{number}/3"}, orders, alone.state) for number in (1, 2, 3)]
    assert sum(len(lines.records("orders")) for lines in runs) < 30
    assert loaded([alone, *runs], "orders") == truth(server, "orders")
    assert merged(runs)["bookmarks"]["orders"]["replication_key_value"]


def test_the_audit_after_the_merge_finds_deletions_and_knows_the_rows_of_all_shards(
    server: Server, config: Mapping[str, Any]
) -> None:
    config = {**config, "audit": "auto"}
    selected = selecting(bundled_catalog(), ["orders", "deletions"])
    state = merged(read(config, selected))
    gone = server.shop.keys("orders")[7]
    server.shop.delete("orders", gone)
    after = sync(config, selected, state)
    assert [row["key"] for row in after.records("deletions")] == [str(gone)]
    server.clear()
    quiet = sync(config, selected, after.state)
    assert not quiet.records("deletions")
    assert len(quiet.records("orders")) < len(server.shop.rows("orders")) / COUNT


def test_a_start_date_leaves_out_the_same_rows(
    server: Server, config: Mapping[str, Any], catalog: Mapping[str, Any]
) -> None:
    times = sorted(filter(None, truth(server, "orders").values()))
    config = {**config, "start_date": times[20]}
    shards = read(config, selecting(catalog, ["orders"]))
    assert sorted(time for lines in shards for time in loaded([lines], "orders").values()) == times[20:]
