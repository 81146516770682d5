"""Whatever happens in the shop and to the runs, the loaded tables end with exactly the shop's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tap_magento.exceptions import MagentoError
from tap_magento.reading.types import Key
from tap_magento.state.known_keys import KnownKeys
from tap_magento.streams.catalog import ProductAttributes
from tap_magento.streams.list import ListStream
from tap_magento.streams.orders import OrderItems, Orders
from tap_magento.streams.products import Products
from tests.support.live_shop import ZERO_DATE, LiveShop, Table, Write, run

VERSION_FIELDS: Mapping[type[ListStream], str] = {
    Orders: "increment_id",
    OrderItems: "sku",
    Products: "sku",
    ProductAttributes: "attribute_code",
}
DATED = [Orders, OrderItems, Products]

times = st.one_of(
    st.integers(0, 3).map(lambda second: f"2026-03-15 03:00:0{second}"),  # ties
    st.integers(0, 28).map(lambda day: f"2026-10-{day + 1:02} 12:00:00"),
    st.integers(0, 59).map(lambda second: f"2026-11-21 11:59:{second:02}"),  # just now
    st.just("2026-11-21 12:00:00"),
    st.sampled_from([ZERO_DATE, "2026-11-21 12:00:01", "2028-01-01 00:00:00", "9999-12-31 23:59:59"]),
)


@dataclass(frozen=True)
class Kill:
    """How a run ends early: in which of its requests, and how much of what it wrote was loaded."""

    request: int | None
    loaded: float


writes = st.builds(
    Write,
    kind=st.sampled_from(["insert", "update", "update", "delete"]),
    pick=st.integers(0, 1_000),
    late=st.just(0) | st.integers(0, 300),
    imported=st.booleans(),
)


def shops(*streams: type[ListStream]) -> st.SearchStrategy[LiveShop]:
    return st.builds(
        shop_of,
        times=st.dictionaries(st.integers(0, 90), times, max_size=70),
        stream=st.sampled_from(streams),
        writes=st.dictionaries(st.integers(1, 60), st.lists(writes, min_size=1, max_size=3), max_size=30),
        ticks=st.lists(st.integers(0, 3) | st.integers(0, 90), min_size=1, max_size=6),
    )


def shop_of(times: Mapping[int, str], stream: type[ListStream] = Orders, **more: Any) -> LiveShop:
    return LiveShop(stream, VERSION_FIELDS[stream], times, **more)


configs = st.fixed_dictionaries(
    {
        "page_size": st.integers(1, 9),
        "max_concurrency": st.sampled_from([1, 4]),
        "lookback_seconds": st.sampled_from([0, 5, 300]),
    }
)
kills = st.lists(
    st.builds(Kill, request=st.none() | st.integers(0, 25), loaded=st.just(1.0) | st.floats(0, 1)), max_size=4
)
start_dates = st.none() | st.sampled_from(
    ["2026-03-15", "2026-03-15T03:00:01Z", "2026-11-01", "2026-11-21T12:59:30+01:00", "2026-11-21T12:00:00Z"]
)


def starting(start_date: str | None) -> dict[str, str]:
    return {} if start_date is None else {"start_date": start_date}


def kept(shop: LiveShop, start_date: str | None) -> set[Key]:
    """The rows that a start date asks for."""
    if start_date is None or shop.spec.time_column is None:
        return set(shop.rows)
    first = {
        "2026-03-15": "2026-03-15 00:00:00",
        "2026-03-15T03:00:01Z": "2026-03-15 03:00:01",
        "2026-11-01": "2026-11-01 00:00:00",
        "2026-11-21T12:59:30+01:00": "2026-11-21 11:59:30",
        "2026-11-21T12:00:00Z": "2026-11-21 12:00:00",
    }[start_date]
    return {key for key, row in shop.rows.items() if row["updated_at"] >= first}


def assert_equal(table: Table, shop: LiveShop, start_date: str | None = None) -> None:
    missing = kept(shop, start_date) - table.rows.keys()
    assert not missing, f"missing: {sorted(missing)}"
    for key, record in table.rows.items():
        if key not in shop.rows:
            assert key in shop.deleted
            continue
        assert record[shop.version_field] == shop.rows[key][shop.version_field], f"row {key} is stale"
        if shop.spec.time_column:
            time = shop.rows[key]["updated_at"]
            assert record["updated_at"] == (None if time == ZERO_DATE else time.replace(" ", "T") + "+00:00")


def read_with_kills(
    shop: LiveShop, config: Mapping[str, Any], killed: list[Kill], state_every: int, *, full_table: bool = False
) -> Table:
    table = Table(shop.spec.key_field)
    for kill in killed:
        lines = run(shop, config, table.state, killed_at=kill.request, state_every=state_every, full_table=full_table)
        table.load(lines[: round(kill.loaded * len(lines))])
        note(f"after {shop.asked} requests, {len(lines)} lines of which {kill.loaded:.0%} loaded: {table.state}")
    shop.settle()
    # A first read that was under way when rows changed is completed, and the changes belong to the next increment.
    for _ in range(2):
        table.load(run(shop, config, table.state, state_every=state_every, full_table=full_table))
    # And on: what commits late is not there yet when its second is read.
    for pick in (5, 11):
        for late in (0, shop.latest):
            shop.write(Write("update", pick, late), Write("insert", late=late), Write("update", 3 * pick + late, late))
        for _ in range(2):
            table.load(run(shop, config, table.state, state_every=state_every, full_table=full_table))
            shop.settle()
    table.load(run(shop, config, table.state, state_every=state_every, full_table=full_table))
    return table


@given(shop=shops(*DATED), config=configs, start=start_dates.map(starting), killed=kills, state_every=st.integers(1, 6))
def test_first_read_and_increments_end_with_exactly_the_shops_rows(
    shop: LiveShop, config: Mapping[str, Any], start: Mapping[str, str], killed: list[Kill], state_every: int
) -> None:
    shop.latest = config["lookback_seconds"]
    table = read_with_kills(shop, {**config, **start}, killed, state_every)
    assert_equal(table, shop, start.get("start_date"))


@given(shop=shops(ProductAttributes, Orders, Products), config=configs, killed=kills, state_every=st.integers(1, 6))
def test_complete_re_reads_end_with_exactly_the_shops_rows(
    shop: LiveShop, config: Mapping[str, Any], killed: list[Kill], state_every: int
) -> None:
    table = read_with_kills(shop, config, killed, state_every, full_table=True)
    assert_equal(table, shop)


@given(
    shop=shops(*DATED),
    config=configs,
    starts=st.tuples(start_dates, start_dates),
    killed_at=st.integers(0, 25),
    state_every=st.integers(1, 6),
)
def test_a_start_date_that_changes_during_a_first_read_counts_from_then_on(
    shop: LiveShop, config: Mapping[str, Any], starts: tuple[str | None, str | None], killed_at: int, state_every: int
) -> None:
    shop.latest = config["lookback_seconds"]
    table = Table(shop.spec.key_field)
    table.load(run(shop, {**config, **starting(starts[0])}, killed_at=killed_at, state_every=state_every))
    first_read = bookmark_of(table.state, shop) is None
    shop.settle()
    for _ in range(2):
        table.load(run(shop, {**config, **starting(starts[1])}, table.state, state_every=state_every))
    if first_read:
        assert_equal(table, shop, starts[1])
        return
    # It had been read completely, or in time order: only what changes is read from then on.
    assert kept(shop, starts[0]) & kept(shop, starts[1]) <= table.rows.keys()


def bookmark_of(state: Mapping[str, Any] | None, shop: LiveShop) -> str | None:
    value: str | None = state_of(state, shop).get("replication_key_value")
    return value


def state_of(state: Mapping[str, Any] | None, shop: LiveShop) -> Mapping[str, Any]:
    of_stream: Mapping[str, Any] = ((state or {}).get("bookmarks") or {}).get(shop.stream.name, {})
    return of_stream


def last_state(lines: list[dict[str, Any]]) -> dict[str, Any]:
    states: list[dict[str, Any]] = [line["value"] for line in lines if line["type"] == "STATE"]
    return states[-1]


def records(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line["record"] for line in lines if line["type"] == "RECORD"]


OLD = {key: f"2026-03-15 03:{key:02}:00" for key in range(1, 41)}
NEW = {key: f"2026-11-20 03:{key:02}:00" for key in range(41, 46)}


@pytest.mark.parametrize("stream", DATED)
@pytest.mark.parametrize("workers", [1, 4])
def test_an_empty_shop_is_read_and_read_again_when_it_has_rows(stream: type[ListStream], workers: int) -> None:
    shop = shop_of({}, stream)
    config = {"max_concurrency": workers}
    table = Table(shop.spec.key_field)
    table.load(run(shop, config))
    assert not table.rows
    assert bookmark_of(table.state, shop) == "2026-11-21T11:59:59+00:00"
    shop.writes = {2: [Write("insert")]}
    shop.settle()
    table.load(run(shop, config, table.state))
    assert_equal(table, shop)
    assert len(table.rows) == 1


def test_a_first_read_is_in_key_order_and_leaves_a_plain_bookmark() -> None:
    shop = shop_of(NEW | OLD)
    lines = run(shop, {"page_size": 7})
    assert [record["entity_id"] for record in records(lines)] == list(range(1, 46))
    state = dict(state_of(last_state(lines), shop))
    assert KnownKeys.load(state, None), "the keys are known where no audit is wanted"
    del state["ledger"]
    assert state == {
        "replication_key": "updated_at",
        "replication_key_value": "2026-11-21T11:59:59+00:00",
    }


def test_where_few_rows_are_newer_than_the_start_date_the_first_read_is_in_time_order() -> None:
    late_first = {key: f"2026-11-20 03:{50 - key:02}:00" for key in range(41, 46)}
    shop = shop_of(OLD | late_first)
    lines = run(shop, {"page_size": 2, "start_date": "2026-11-01"})
    assert [record["entity_id"] for record in records(lines)] == [45, 44, 43, 42, 41]
    assert bookmark_of(last_state(lines), shop) == "2026-11-21T11:59:59+00:00"


@pytest.mark.parametrize(
    ("stream", "times"), [(Orders, OLD | dict.fromkeys(range(41, 80), "2026-11-20 03:00:00")), (Products, OLD | NEW)]
)
def test_where_many_rows_are_newer_or_time_has_no_index_the_first_read_is_in_key_order(
    stream: type[ListStream], times: Mapping[int, str]
) -> None:
    shop = shop_of(times, stream)
    lines = run(shop, {"page_size": 2, "start_date": "2026-11-01"}, state_every=1)
    table = Table(shop.spec.key_field)
    table.load(lines)
    assert_equal(table, shop, "2026-11-01")
    backfills = [line for line in lines if line["type"] == "STATE" and "backfill" in state_of(line["value"], shop)]
    assert backfills


def test_an_increment_reads_only_what_changed_and_the_lookback() -> None:
    shop = shop_of(OLD | NEW | {50: "2026-11-21 11:56:00", 51: "2026-11-21 11:50:00"})
    state = last_state(run(shop, {"lookback_seconds": 300}))
    shop.writes = {99: [Write("update", pick=2)]}
    shop.settle()
    lines = run(shop, {"lookback_seconds": 300}, state)
    assert [record["entity_id"] for record in records(lines)] == [50, 3]


def test_an_increment_never_begins_before_the_start_date() -> None:
    shop = shop_of(OLD | {50: "2026-11-21 11:56:00", 51: "2026-11-21 11:58:00"})
    state = last_state(run(shop, {}))
    lines = run(shop, {"start_date": "2026-11-21T11:57:00Z"}, state)
    assert [record["entity_id"] for record in records(lines)] == [51]


def test_a_row_dated_in_the_future_does_not_swallow_the_years_between() -> None:
    shop = shop_of(OLD | {99: "2028-01-01 00:00:00"})
    state = last_state(run(shop, {}))
    for _ in range(2):
        state = last_state(run(shop, {}, state))
        assert bookmark_of(state, shop) == "2026-11-21T11:59:59+00:00"
    shop.writes = {99: [Write("insert")]}
    shop.settle()
    lines = run(shop, {}, state)
    assert [record["entity_id"] for record in records(lines)] == [100, 99]


def test_the_bookmark_keeps_to_the_shops_clock_from_before_it_answered() -> None:
    shop = shop_of(OLD, ticks=[0, 40], now=datetime(2031, 5, 4, 3, 2, 1, tzinfo=timezone.utc))
    state = last_state(run(shop, {}))
    assert bookmark_of(state, shop) == "2031-05-04T03:02:00+00:00"


def test_a_start_date_with_fractions_of_a_second_does_not_begin_the_first_read_anew() -> None:
    shop = shop_of(OLD)
    config = {"page_size": 5, "max_concurrency": 1, "start_date": "2026-03-01T00:00:00.123456Z"}
    lines = run(shop, config, killed_at=6, state_every=1)
    table = Table(shop.spec.key_field)
    table.load(lines)
    rest = run(shop, config, table.state)
    assert len(records(rest)) < len(OLD)
    table.load(rest)
    assert_equal(table, shop)


@pytest.mark.parametrize(
    ("before", "after"), [("2026-11-01", None), ("2026-11-01", "2026-03-15"), (None, "2026-11-01")]
)
def test_a_first_read_begins_anew_where_the_start_date_changes(before: str | None, after: str | None) -> None:
    shop = shop_of({key: "2026-11-20 03:00:00" if key % 2 else "2026-03-15 03:00:00" for key in range(1, 41)}, Products)
    config = {"page_size": 4, "max_concurrency": 1}
    table = Table(shop.spec.key_field)
    table.load(run(shop, {**config, **starting(before)}, killed_at=3, state_every=1))
    assert state_of(table.state, shop)["backfill"]["after"]
    table.load(run(shop, {**config, **starting(after)}, table.state))
    assert_equal(table, shop, after)
    assert "backfill" not in state_of(table.state, shop)


def test_what_changes_between_the_runs_of_a_first_read_belongs_to_the_next_increment() -> None:
    shop = shop_of(OLD)
    config = {"page_size": 4, "max_concurrency": 1}
    table = Table(shop.spec.key_field)
    table.load(run(shop, config, killed_at=6, state_every=1))
    assert state_of(table.state, shop)["backfill"]["after"]
    shop.write(Write("update", pick=0))
    shop.settle()
    for _ in range(2):
        table.load(run(shop, config, table.state))
    assert_equal(table, shop)


def test_the_state_follows_the_pages_not_the_rows() -> None:
    shop = shop_of(OLD)
    lines = run(shop, {"page_size": 10, "max_concurrency": 1}, state_every=1)
    written: set[int] = set()
    for line in lines:
        if line["type"] == "RECORD":
            written.add(line["record"]["entity_id"])
        elif line["type"] == "STATE":
            after = state_of(line["value"], shop).get("backfill", {}).get("after")
            assert after is None or set(range(1, after + 1)) <= written


@pytest.mark.parametrize("workers", [1, 4])
def test_a_bad_row_is_quarantined_and_retried_again_in_each_run(workers: int, caplog: pytest.LogCaptureFixture) -> None:
    shop = shop_of(OLD | NEW, bad={17})
    config = {"page_size": 10, "max_concurrency": workers}
    table = Table(shop.spec.key_field)
    table.load(run(shop, config))
    assert table.rows.keys() == shop.rows.keys() - {17}
    assert state_of(table.state, shop)["quarantined"] == [17]
    assert "'orders' row 17 cannot be read" in caplog.text
    table.load(run(shop, config, table.state))
    assert "'orders' row 17 still cannot be read" in caplog.text
    assert state_of(table.state, shop)["quarantined"] == [17]
    shop.bad.clear()
    table.load(run(shop, config, table.state))
    assert state_of(table.state, shop)["quarantined"] == []
    assert_equal(table, shop)


def test_a_bad_row_that_has_gone_is_forgotten() -> None:
    shop = shop_of(OLD)
    state = last_state(run(shop, {}))
    state["bookmarks"]["orders"]["quarantined"] = [999]
    lines = run(shop, {}, state)
    assert state_of(last_state(lines), shop)["quarantined"] == []


def test_a_bad_row_ends_the_run_where_the_settings_say_so() -> None:
    shop = shop_of(OLD, bad={17})
    with pytest.raises(MagentoError, match=r"row 17 cannot be read.*`on_bad_row`"):
        run(shop, {"page_size": 10, "max_concurrency": 1, "on_bad_row": "fail"})


def test_more_than_a_hundred_bad_rows_are_a_failure() -> None:
    shop = shop_of(dict.fromkeys(range(1, 300), "2026-03-15 03:00:00"), bad=set(range(1, 150)))
    with pytest.raises(MagentoError, match="more than 100 rows"):
        run(shop, {"page_size": 10, "max_concurrency": 1})


@pytest.mark.parametrize("workers", [1, 4])
def test_a_shop_that_ignores_the_filters_is_not_believed(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    shop = shop_of(OLD)
    everything = sorted(shop.rows.values(), key=lambda row: row["entity_id"])
    monkeypatch.setattr(shop.list, "matching", lambda _: everything)
    with pytest.raises(MagentoError, match="does not answer 'orders' as requested"):
        run(shop, {"page_size": 5, "max_concurrency": workers})


@pytest.mark.parametrize("hidden", [{42}, {45}, set(NEW)])
def test_the_bookmark_does_not_move_past_rows_that_are_counted_but_do_not_come(hidden: set[int]) -> None:
    shop = shop_of(OLD)
    config = {"page_size": 2, "max_concurrency": 1, "lookback_seconds": 0}
    table = Table("entity_id")
    table.load(run(shop, config))
    for _ in NEW:
        shop.write(Write("insert"))
        shop.settle()
    shop.hidden = set(hidden)
    table.load(run(shop, config, table.state))
    assert not hidden & table.rows.keys()
    shop.hidden.clear()
    table.load(run(shop, config, table.state))
    assert_equal(table, shop)


def test_rows_that_stay_hidden_hold_the_bookmark_for_one_run_alone() -> None:
    shop = shop_of(OLD, hidden={17})
    table = Table("entity_id")
    table.load(run(shop, {"page_size": 4}))
    assert bookmark_of(table.state, shop) is None
    table.load(run(shop, {"page_size": 4}, table.state))
    assert bookmark_of(table.state, shop) == "2026-11-21T11:59:59+00:00"
    assert table.rows.keys() == shop.rows.keys() - {17}
