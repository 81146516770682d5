"""Rows that are read again though no time of theirs, and no other row, tells that they changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from singer_sdk.exceptions import ConfigurationError

from sample_store import sales
from sample_store.sale import Sale
from tap_magento.runtime.cadence import StateCadence
from tests.support.hourly import HourlyRuns, hourly_runs
from tests.support.in_process import selecting, sync
from tests.support.messages import Messages

pytestmark = pytest.mark.usefixtures("nobody_waits")


@pytest.fixture
def store() -> Iterator[HourlyRuns]:
    with hourly_runs(audit="off") as runs:
        yield runs


def comment_on_a_young_order(store: HourlyRuns) -> int:
    """Place an order, and comment on it two days later."""
    store.let_pass(timedelta(hours=1))
    before = set(store.shop.keys("orders"))
    store.shop.live(seed=3)
    key = int(max(set(store.shop.keys("orders")) - before))
    store.run("orders")
    store.let_pass(timedelta(days=2))
    order = store.shop.row("orders", key)
    assert order is not None
    sale = Sale.of(order)
    sales.comment(sale, "Rang twice", store.shop.now())
    store.shop.put("orders", sale.document())
    return key


def comments(lines: Messages, key: int) -> list[Any]:
    return [
        comment["comment"]
        for record in lines.records("orders")
        if record["entity_id"] == key
        for comment in record["status_histories"]
    ]


def test_a_comment_on_a_two_days_old_order_comes_with_recent_days(store: HourlyRuns) -> None:
    store.run("orders")
    key = comment_on_a_young_order(store)
    assert "Rang twice" not in comments(store.run("orders"), key)
    assert "Rang twice" not in comments(store.run("orders", reread={"orders": {"recent_days": 1}}), key)
    lines = store.run("orders", reread={"orders": {"recent_days": 3}})
    assert "Rang twice" in comments(lines, key)
    assert len(lines.records("orders")) < len(store.shop.rows("orders")) / 2


@pytest.mark.parametrize("stream", ["cms_pages", "cms_blocks", "customers", "products", "categories", "transactions"])
def test_every_dated_list_can_be_asked_for_its_young_rows(store: HourlyRuns, stream: str) -> None:
    store.run(stream)
    rows = len(store.shop.rows(stream))
    assert len(store.run(stream, reread={stream: {"recent_days": 3_000}}).keys(stream)) >= rows


def test_all_rows_are_read_again_when_the_last_complete_read_is_old(store: HourlyRuns) -> None:
    monthly: dict[str, Any] = {"reread": {"orders": {"every_days": 30}}}
    rows = len(store.shop.rows("orders"))
    assert len(store.run("orders", **monthly).records("orders")) == rows
    assert len(store.run("orders", **monthly).records("orders")) < 5
    store.let_pass(timedelta(days=30))
    assert len(store.run("orders", **monthly).records("orders")) >= rows
    assert len(store.run("orders", **monthly).records("orders")) < 5


def test_a_complete_read_is_resumed_and_bookmarks_go_on(store: HourlyRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StateCadence, "is_due", lambda *_: True)
    weekly: dict[str, Any] = {"reread": {"orders": {"every_days": 7}}, "page_size": 10}
    store.run("orders")
    store.let_pass(timedelta(days=7))
    seen: list[int] = []

    def dies(line: Any) -> bool:
        if line["type"] == "RECORD":
            seen.append(line["record"]["entity_id"])
        return len(seen) > 35

    killed = sync(store.config | weekly, selecting(store.catalog, ["orders"]), store.state, dies)
    store.state = killed.state
    assert store.part("orders")["reread"]["after"] >= 20
    resumed = [key for (key,) in store.run("orders", **weekly).keys("orders", "entity_id")]
    assert {*seen, *resumed} >= {row["entity_id"] for row in store.shop.rows("orders")}
    assert len(resumed) < 50
    assert len(store.run("orders", **weekly).records("orders")) < 5


def test_another_start_date_begins_a_complete_read_anew(store: HourlyRuns) -> None:
    store.run("orders")
    part = store.part("orders")
    part["reread"] = {"began": "2026-11-21T12:00:00+00:00", "since": "2026-01-01T00:00:00+00:00", "after": 50}
    part["complete_at"] = "2026-01-01T00:00:00+00:00"
    lines = store.run("orders", reread={"orders": {"every_days": 7}})
    assert len(lines.records("orders")) >= len(store.shop.rows("orders"))


def test_a_stream_that_there_is_not_is_no_silent_mistake(store: HourlyRuns) -> None:
    with pytest.raises(ConfigurationError, match="`reread` names 'order': there is no such list"):
        store.run("orders", reread={"order": {"recent_days": 3}})
