"""Whatever `updated_at` hides: after two quiet runs the loaded rows, less the deletions, are the shop's rows."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from sample_store import Fault, Shop, serve
from tap_magento.exceptions import MagentoError
from tap_magento.reading.ledger import Ledger
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.streams.catalog import ProductAttributes
from tap_magento.streams.list import ListStream
from tap_magento.streams.orders import OrderItems, Orders
from tap_magento.streams.products import Products
from tests.support.clock import FakeClock
from tests.support.in_process import discover_some, make_tap, settings, sync
from tests.support.live_shop import LiveShop, Table, Write, one_stream_tap, run
from tests.support.messages import Messages

VERSION_FIELDS: Mapping[type[ListStream], str] = {
    Orders: "increment_id",
    OrderItems: "sku",
    Products: "sku",
    ProductAttributes: "attribute_code",
}
AUDITED = {"audit": "auto", "page_size": 7, "max_concurrency": 1}


def shop_of(times: Mapping[int, str], stream: type[ListStream] = Orders, **more: Any) -> LiveShop:
    return LiveShop(stream, VERSION_FIELDS[stream], times, **more)


def days(keys: range) -> dict[int, str]:
    return {key: f"2026-10-{1 + key % 28:02} 03:{key // 60 % 60:02}:{key % 60:02}" for key in keys}


def read(shop: LiveShop, table: Table, config: Mapping[str, Any] = AUDITED, **how: Any) -> None:
    table.load(run(shop, config, table.state, **how))


def ledger_of(table: Table, shop: LiveShop) -> Mapping[str, Any]:
    assert table.state is not None
    ledger: Mapping[str, Any] = table.state["bookmarks"][shop.stream.name]["ledger"]
    return ledger


def differences(table: Table, shop: LiveShop) -> set[Any]:
    """The keys of rows that are not as in the shop."""
    field, live = shop.version_field, table.live
    return {
        key
        for key in live.keys() | shop.rows.keys()
        if key not in live or key not in shop.rows or live[key][field] != shop.rows[key][field]
    }


writes = st.builds(
    Write,
    kind=st.sampled_from(["insert", "update", "delete", "delete", "restore"]),
    pick=st.integers(0, 1_000),
    late=st.just(0) | st.integers(0, 3_000),
    old=st.booleans(),
)
shops = st.builds(
    shop_of,
    times=st.integers(0, 60).map(lambda count: days(range(1, count))),
    stream=st.sampled_from([Orders, OrderItems, Products, ProductAttributes]),
    writes=st.dictionaries(st.integers(1, 120), st.lists(writes, min_size=1, max_size=3), max_size=40),
    ticks=st.lists(st.integers(0, 90), min_size=1, max_size=6),
    latest_insert=st.just(3_000),
)
configs = st.fixed_dictionaries(
    {
        "audit": st.just("auto"),
        "page_size": st.integers(1, 9),
        "max_concurrency": st.sampled_from([1, 4]),
        "lookback_seconds": st.sampled_from([5, 300]),
    }
)
kills = st.lists(st.tuples(st.none() | st.integers(0, 40), st.just(1.0) | st.floats(0, 1)), max_size=5)


@given(shop=shops, config=configs, killed=kills, state_every=st.integers(1, 6))
def test_after_two_quiet_runs_the_tables_less_deletions_equal_the_shop(
    shop: LiveShop, config: Mapping[str, Any], killed: list[tuple[int | None, float]], state_every: int
) -> None:
    shop.latest = config["lookback_seconds"]
    table = Table(shop.spec.key_field)
    for request, loaded in killed:
        lines = run(shop, config, table.state, killed_at=request, state_every=state_every)
        table.load(lines[: round(loaded * len(lines))])
        note(f"after {shop.asked} requests, {len(lines)} lines of which {loaded:.0%} loaded: {table.state}")
    shop.settle()
    for _ in range(2):
        table.load(run(shop, config, table.state, state_every=state_every))
    # What a killed run wrote after its last state, the tap cannot know: a row of it that is deleted, or restored,
    # before the next run is the loader's.
    assert differences(table, shop) <= table.unclaimed
    claimed = Ledger.decode(ledger_of(table, shop)["keys"]).keys()
    assert set(claimed) == set(shop.rows)


@given(shop=shops, config=configs, runs=st.integers(1, 4))
def test_runs_that_end_leave_nothing_out(shop: LiveShop, config: Mapping[str, Any], runs: int) -> None:
    shop.latest = config["lookback_seconds"]
    table = Table(shop.spec.key_field)
    for _ in range(runs):
        read(shop, table, config)
    shop.settle()
    for _ in range(2):
        read(shop, table, config)
    assert not differences(table, shop)
    assert not set(table.deletions) & set(shop.rows) - {
        key for key, record in table.deletions.items() if record["restored_at"]
    }


@given(shop=shops, config=configs, killed_at=st.integers(1, 30), loaded=st.floats(0, 1), state_every=st.integers(1, 6))
def test_a_killed_runs_ledger_claims_no_row_that_was_not_emitted(
    shop: LiveShop, config: Mapping[str, Any], killed_at: int, loaded: float, state_every: int
) -> None:
    table = Table(shop.spec.key_field)
    lines = run(shop, config, killed_at=killed_at, state_every=state_every)
    table.load(lines[: round(loaded * len(lines))])
    part = ((table.state or {}).get("bookmarks") or {}).get(shop.stream.name, {})
    if "ledger" in part:
        assert set(Ledger.decode(part["ledger"]["keys"]).keys()) <= table.rows.keys()


def lines_about(caplog: pytest.LogCaptureFixture, part: str) -> list[str]:
    return [message for record in caplog.records if part in (message := record.getMessage())]


@pytest.fixture
def known() -> tuple[LiveShop, Table]:
    """A shop of forty rows that have been read."""
    shop = shop_of(days(range(1, 41)))
    table = Table("entity_id")
    read(shop, table)
    shop.settle()
    return shop, table


def test_findings_are_told_in_one_line_each(known: tuple[LiveShop, Table], caplog: pytest.LogCaptureFixture) -> None:
    shop, table = known
    caplog.set_level(logging.INFO)
    shop.write(*(Write("delete", pick) for pick in (3, 9, 20)), *repeat(Write("insert", old=True), 2))
    read(shop, table)
    assert lines_about(caplog, "deleted in the shop") == ["'orders': rows deleted in the shop: 3"]
    assert lines_about(caplog, "had missed") == [
        "'orders': rows read that earlier syncs had missed, such as imports: 2"
    ]
    assert not differences(table, shop)


def test_new_rows_are_not_told_as_lost(known: tuple[LiveShop, Table], caplog: pytest.LogCaptureFixture) -> None:
    shop, table = known
    caplog.set_level(logging.INFO)
    shop.ticks = (1,)
    shop.writes = dict(zip(range(shop.asked + 1, shop.asked + 40), repeat([Write("insert")]), strict=False))
    read(shop, table)
    shop.settle()
    assert not lines_about(caplog, "had missed")
    assert len(table.rows) > 45, "rows were created while the list was read"
    read(shop, table)
    assert not differences(table, shop)
    assert not lines_about(caplog, "had missed")


def test_nothing_changed_takes_two_requests_more(known: tuple[LiveShop, Table]) -> None:
    shop, table = known
    counts = []
    for config in (AUDITED | {"audit": "off"}, AUDITED):
        before = shop.asked
        run(shop, config, table.state)
        counts.append(shop.asked - before)
    assert counts[1] - counts[0] <= 2


def varying(seed: int) -> Callable[[int], int]:
    chance = random.Random(seed)
    return lambda rows: max(0, rows + chance.randint(-2, 2))


LIES: Mapping[str, Callable[[int], int]] = {
    "too many": lambda rows: rows + 3,
    "too few": lambda rows: max(0, rows - 3),
    "none": lambda _: 0,
    "doubled": lambda rows: 2 * rows,
}


@pytest.mark.parametrize("deleted", range(3))
@pytest.mark.parametrize("lie", LIES)
def test_counts_that_lie_never_make_a_row_seem_deleted(lie: str, deleted: int) -> None:
    read_with(LIES[lie], deleted)


@given(seed=st.integers(0, 50), deleted=st.integers(0, 2))
def test_counts_that_vary_never_make_a_row_seem_deleted(seed: int, deleted: int) -> None:
    read_with(varying(seed), deleted)


def read_with(lie: Callable[[int], int], deleted: int) -> None:
    """Read a shop that counts wrongly, and of which rows are deleted: no row is missing, and none that exists gone."""
    shop = shop_of(days(range(1, 41)))
    table = Table("entity_id")
    read(shop, table)
    shop.settle()
    shop.miscount = lie
    for _ in range(3):
        shop.write(*(Write("delete", 7 * n) for n in range(deleted)))
        read(shop, table)
    assert not set(table.deletions) & set(shop.rows)
    assert not shop.rows.keys() - table.live.keys(), "no row is missing"


def test_counts_that_lie_are_told_of_in_one_line(
    known: tuple[LiveShop, Table], caplog: pytest.LogCaptureFixture
) -> None:
    shop, table = known
    shop.miscount = lambda rows: rows + 3
    read(shop, table)
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.startswith("'orders': the shop's counts and its rows disagree")
    assert ledger_of(table, shop)["audited_at"] == "2026-11-21T11:59:59+00:00", "when it was last settled"


def test_a_shop_that_fails_to_count_does_not_fail_the_run(
    known: tuple[LiveShop, Table], caplog: pytest.LogCaptureFixture
) -> None:
    shop, table = known
    shop.fails_to_count = True
    read(shop, table)
    assert len(lines_about(caplog, "cannot be settled")) == 1
    assert not table.deletions


@pytest.mark.parametrize("first", ["reset", "server_error"])
def test_an_outage_is_waited_out_by_one_audit_of_a_run(caplog: pytest.LogCaptureFixture, first: Any) -> None:
    names = ["categories", "customers"]
    with serve(Shop.generate(orders=10)) as server:
        config = settings(server, retry_timeout=300)
        catalog = discover_some(config, names)
        state = sync(config, catalog).state
        for name, kind in zip(names, (first, "reset"), strict=True):  # their increments pass
            server.faults.add(Fault(kind, entity=name, skip=1, times=None))
        tap = make_tap(config, catalog=catalog, state=state, message_writer=Messages())
        tap.run()
    assert len(lines_about(caplog, "cannot be settled")) == len(names)
    clock = tap._clock
    assert isinstance(clock, FakeClock)
    assert 30 < sum(clock.waits) < 60


def test_a_state_without_a_ledger_is_not_audited_before_the_next_complete_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    shop = shop_of(days(range(1, 41)))
    table = Table("entity_id")
    read(shop, table)
    assert table.state is not None
    del table.state["bookmarks"]["orders"]["ledger"]
    shop.settle()
    shop.write(Write("delete", 3), Write("insert", old=True))
    read(shop, table)
    assert len(lines_about(caplog, "not audited")) == 1
    assert not table.deletions
    assert len(table.rows) == 40

    # The complete read brings what is there, and from then on the audit knows.
    read(shop, table, AUDITED | {"reread": {"orders": {"every_days": 30}}})
    assert len(lines_about(caplog, "not audited")) == 1
    shop.settle()
    shop.write(Write("delete", 9))
    read(shop, table)
    assert len(table.deletions) == 1


def test_a_later_start_date_is_not_audited_with_older_keys(
    known: tuple[LiveShop, Table], caplog: pytest.LogCaptureFixture
) -> None:
    shop, table = known
    caplog.set_level(logging.INFO)
    read(shop, table, AUDITED | {"start_date": "2026-10-15"})
    assert len(lines_about(caplog, "not audited")) == 1
    assert not table.deletions


def test_an_earlier_start_date_brings_the_rows_before() -> None:
    shop = shop_of(days(range(1, 41)))
    table = Table("entity_id")
    read(shop, table, AUDITED | {"start_date": "2026-10-15"})
    assert 0 < len(table.rows) < 40
    shop.settle()
    read(shop, table, AUDITED | {"start_date": "2026-10-10"})
    assert set(table.rows) == {key for key, row in shop.rows.items() if row["updated_at"] >= "2026-10-10"}
    assert not table.deletions


def test_a_row_that_cannot_be_read_counts_as_known(caplog: pytest.LogCaptureFixture) -> None:
    shop = shop_of(days(range(1, 41)))
    shop.bad = {5, 17}
    table = Table("entity_id")
    for _ in range(3):
        read(shop, table)
        shop.settle()
    assert not table.deletions
    assert not lines_about(caplog, "cannot be settled")
    assert set(Ledger.decode(ledger_of(table, shop)["keys"]).keys()) == set(shop.rows)


def test_a_quarantined_row_of_an_older_state_counts_as_known(caplog: pytest.LogCaptureFixture) -> None:
    shop = shop_of(days(range(1, 41)), ProductAttributes)
    shop.bad = {5}
    table = Table("attribute_id")
    read(shop, table)
    assert table.state is not None
    del table.state["bookmarks"]["product_attributes"]["ledger"]
    read(shop, table)
    assert not lines_about(caplog, "cannot be settled")
    assert 5 in Ledger.decode(ledger_of(table, shop)["keys"])


def test_without_an_audit_the_keys_are_kept_but_not_compared(known: tuple[LiveShop, Table]) -> None:
    shop, table = known
    shop.write(Write("delete", 3), Write("insert"))
    read(shop, table, AUDITED | {"audit": "off"})
    assert not table.deletions
    assert 41 in Ledger.decode(ledger_of(table, shop)["keys"])
    read(shop, table)
    assert len(table.deletions) == 1


def test_a_row_that_comes_back_is_told_with_when_it_was_missing(known: tuple[LiveShop, Table]) -> None:
    shop, table = known
    shop.write(Write("delete", 3))
    read(shop, table)
    (missing,) = table.deletions.values()
    assert missing == {
        "stream": "orders",
        "key": "4",
        "noticed_at": "2026-11-21T12:59:59+00:00",
        "last_known_at": "2026-11-21T11:59:59+00:00",
        "restored_at": None,
    }
    shop.settle()
    shop.write(Write("restore"))
    read(shop, table)
    assert table.deletions == {4: missing | {"restored_at": "2026-11-21T13:59:59+00:00"}}
    assert not differences(table, shop)


def test_full_table_lists_are_audited_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shop = shop_of(days(range(1, 41)), ProductAttributes)
    table = Table("attribute_id")
    read(shop, table)
    shop.write(Write("delete", 3), Write("insert"))
    read(shop, table)
    assert set(table.deletions) == {4}
    assert not lines_about(caplog, "had missed"), "the new row came with the read"


def test_states_are_rare_where_the_ledger_is_large_and_up_to_date_at_the_end() -> None:
    shop = shop_of(days(range(1, 400)), ticks=(1,))
    lines = run(shop, AUDITED)
    kinds = [line["type"] for line in lines]
    assert kinds.count("STATE") <= 12, "a state takes more than a hundred of rows as short as these: one in 30 s"
    table = Table("entity_id")
    table.load(lines)
    assert len(Ledger.decode(ledger_of(table, shop)["keys"])) == 399


def test_while_records_come_a_state_is_written_every_half_minute() -> None:
    shop = shop_of(days(range(1, 400)), ticks=(10,))
    lines = run(shop, AUDITED)
    assert max(map(len, _between_states(lines))) <= 7 * 3


def _between_states(lines: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: list[list[dict[str, Any]]] = [[]]
    for line in lines:
        if line["type"] == "STATE":
            groups.append([])
        elif line["type"] == "RECORD":
            groups[-1].append(line)
    return groups


@pytest.mark.parametrize("failure", [ShutdownError(143), MagentoError("the password was changed")])
def test_the_state_is_up_to_date_when_a_run_fails_or_is_told_to_end(failure: BaseException) -> None:
    shop = shop_of(days(range(1, 100)))
    messages = Messages()

    def fail() -> None:
        if shop.asked == 6:
            raise failure

    tap = one_stream_tap(shop, AUDITED, message_writer=messages, before_sending=fail)
    with pytest.raises(type(failure)):
        tap.run()
    table = Table("entity_id")
    table.load(messages.lines)
    assert len(table.rows) == 6 * 7
    assert set(Ledger.decode(ledger_of(table, shop)["keys"]).keys()) == set(table.rows)
    read(shop, table)
    assert not differences(table, shop)
    assert not table.deletions
