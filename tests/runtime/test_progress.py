from __future__ import annotations

import logging
import sys
import threading
from typing import Any

import pytest

from tap_magento.runtime.progress import Progress, StreamProgress, describe, duration, table
from tests.support.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(100)


@pytest.fixture
def progress(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> Progress:
    caplog.set_level(logging.INFO)
    return Progress(logging.getLogger("tests.progress"), clock.monotonic)


def stream(**more: Any) -> StreamProgress:
    return StreamProgress("orders", **{"began": 0.0, "ended": 100.0, **more})


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (stream(rows=10_500), "orders: 10,500 rows, 105 rows/s"),
        (stream(rows=12_000, total=48_000), "orders: 12,000 of 48,000 rows (25 %), 120 rows/s, 5 min 0 s left"),
        (stream(rows=48_000, total=48_000), "orders: 48,000 of 48,000 rows (100 %), 480 rows/s, 0 s left"),
        # Rows that come while the list is read are read too.
        (stream(rows=500, total=400), "orders: 500 of 400 rows (100 %), 5 rows/s, 0 s left"),
        (stream(rows=0, total=400), "orders: 0 of 400 rows (0 %), 0 rows/s"),
        (stream(rows=0, total=0), "orders: 0 rows, 0 rows/s"),
        (stream(rows=3, ended=0.0), "orders: 3 rows, 3,000 rows/s"),
    ],
)
def test_how_far_a_stream_has_come_is_said_in_words(found: StreamProgress, text: str) -> None:
    assert describe(found) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (343, "5 min 43 s"),
        (3_599.9, "1 h 0 min"),
        (9_440, "2 h 37 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_a_duration_has_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_table_is_laid_out_in_columns() -> None:
    small = StreamProgress("websites", began=0.0, ended=0.25, rows=2, requests=1, received=400)
    large = stream(rows=1_234_567, requests=6_200, retries=3, received=2_500_000_000, quarantined=[7, 9])
    assert table([large, small]).splitlines() == [
        "stream         rows  requests  retries  quarantined       MB  seconds",
        "orders    1,234,567     6,200        3            2  2,500.0    100.0",
        "websites          2         1        0            0      0.0      0.2",
    ]


def test_where_something_was_audited_the_table_shows_what_that_came_to() -> None:
    shop = {"in_shop": 1_234, "known": 1_234}
    orders = stream(rows=12, audit="settled", found=2, deleted=1, **shop)
    carts = StreamProgress("carts", began=0.0, ended=1.0, in_shop=7, known=4)
    carts.audit, carts.audit_reason = "cannot be settled", "the shop counts 3 rows that its list does not have"
    websites = StreamProgress("websites", began=0.0, ended=0.25, rows=2)
    told = "cannot be settled: the shop counts 3 rows that its list does not have"
    head, *lines = _lines(orders, carts, websites)
    begin = head.index("in shop") - 2
    assert head[begin:].split("  ") == ["", "in shop", "known", "lost, found", "deleted", "audit"]
    assert [line[begin:].split() for line in lines] == [
        ["1,234", "1,234", "2", "1", "settled"],
        ["7", "4", "0", "0", *told.split()],
        [],
    ]


def _lines(*streams: StreamProgress) -> list[str]:
    return table(streams).splitlines()


def test_a_table_of_nothing_is_its_head() -> None:
    assert table([]).startswith("stream  rows  requests")
    assert len(table([]).splitlines()) == 1


def test_lines_come_every_few_seconds(progress: Progress, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    orders = progress.of("orders")
    for _ in range(60):  # half a second each
        clock.now += 0.5
        progress.moved(orders, 10, "4 at once")
    assert [record.getMessage() for record in caplog.records] == [
        f"orders: {20 * second} rows, 20 rows/s, 4 at once".replace("1000", "1,000") for second in range(5, 31, 5)
    ]


def test_streams_share_the_lines(progress: Progress, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    orders, items = progress.of("orders"), progress.of("order_items")
    for _ in range(10):
        clock.now += 1.0
        progress.moved(orders, 1)
        progress.moved(items, 1)
    assert len(caplog.records) == 2


def test_a_stream_begins_when_it_is_first_asked_for(progress: Progress, clock: FakeClock) -> None:
    orders = progress.of("orders")
    clock.now += 10
    assert progress.of("orders") is orders
    progress.moved(orders, 5)
    assert (orders.began, orders.ended, orders.rows) == (100.0, 110.0, 5)


def test_the_end_is_told_once(progress: Progress, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    orders = progress.of("orders")
    clock.now += 2
    progress.moved(orders, 5)
    orders.quarantined += [17, 4]
    orders.type_mismatches.update({"a": 1, "b": 12})
    progress.finish()
    progress.finish()
    done, aside, most, least = (record.getMessage() for record in caplog.records)
    assert done.startswith("Done:\nstream")
    assert aside == "orders: rows quarantined, to be retried in the next run: 17, 4"
    assert most == "orders: 12 values of field 'b' did not fit its type"
    assert least == "orders: 1 value of field 'a' did not fit its type"


def test_a_stopped_run_says_where(progress: Progress, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    progress.stop()
    for name, rows in (("carts", 4), ("orders", 1_200)):
        clock.now += 1
        progress.moved(progress.of(name), rows)
    progress.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "Stopped by a signal before anything was read",
        (
            "Stopped by a signal in 'orders', after 1,200 rows of it. The state was written, and the next run resumes "
            "there"
        ),
    ]


def test_a_run_that_did_nothing_has_no_table(progress: Progress, caplog: pytest.LogCaptureFixture) -> None:
    progress.finish()
    assert not caplog.records


def test_a_bar_is_drawn_on_a_terminal_and_never_on_stdout(
    progress: Progress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    orders, items = progress.of("orders"), progress.of("order_items")
    orders.total = 40
    progress.moved(orders, 10)
    logging.getLogger("tests.progress").warning("a line between")
    progress.moved(orders, 30)
    progress.moved(items, 7)
    progress.finish()
    out, err = capsys.readouterr()
    assert out == ""
    assert "orders: 100%" in err
    assert "40/40" in err
    assert "order_items: 7 rows" in err


def test_a_bar_comes_to_its_end_when_the_next_stream_begins(
    progress: Progress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers = list(logging.getLogger().handlers)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress.moved(progress.of("orders"), 1)
    progress.moved(progress.of("websites"), 1)
    progress.finish()
    assert capsys.readouterr().err.count("\n") >= 2
    assert logging.getLogger().handlers == handlers, "the log is as it was"


def test_requests_are_counted_by_several_threads(progress: Progress) -> None:
    orders = progress.of("orders")

    def request() -> None:
        for _ in range(2_000):
            orders.on_response(3)
            orders.on_retry()

    threads = [threading.Thread(target=request) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (orders.requests, orders.retries, orders.received) == (8_000, 8_000, 24_000)
