"""Every fault, in either order of reading, by one worker and by several: no row is lost, none comes twice."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from typing import Any, Literal
from unittest import mock
from urllib.parse import unquote

import pytest

from sample_store import Fault, Request, Server, ServerOptions, Shop, serve
from sample_store.faults import AnyKind
from tap_magento.streams.list import ListStream
from tap_magento.tap import TapMagento
from tests.faults.support import Clock, Events, Tables, run, settings, shop_of

Order = Literal["key order", "time order"]
STREAMS = ("orders", "products")
CHANGED = {"orders": "base_grand_total", "products": "weight"}

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
NOW = datetime.now(timezone.utc)


@dataclass(frozen=True)
class Case:
    """A fault, and what is known of its end.

    Attributes:
        faults: What strikes the requests, once the tap is at work.
        options: How the server behaves all the time.
        config: Settings of the tap.
        clock: The shop's time.
        timeout: Seconds to wait for an answer.
        error: Words of the error that ends the run; None if the run is to be complete.
    """

    faults: Sequence[Fault] = ()
    options: ServerOptions = field(default_factory=ServerOptions)
    config: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: NOON
    timeout: float | None = None
    error: str | None = None


def struck(kind: Any, times: int | None = 1, **more: Any) -> tuple[Fault, ...]:
    """Strike orders after two good answers, when requests are under way on all connections."""
    return (Fault(kind, entity="orders", skip=2, times=times, **more),)


def lasting(kind: Any, error: str, **more: Any) -> Case:
    """Strike for ever, so that the run has to give up."""
    return Case(struck(kind, None, **more), config={"retry_timeout": 10}, error=error)


IN_A_WHILE = format_datetime(NOON + timedelta(seconds=42), usegmt=True)
CASES = {
    "429": Case(struck("too_many_requests", 3)),
    "429, Retry-After in seconds": Case(struck("too_many_requests", 3, retry_after="42")),
    "429, Retry-After as a date": Case(struck("too_many_requests", 3, retry_after=IN_A_WHILE)),
    "429 for ever": lasting("too_many_requests", "429"),
    "500 once": Case(struck("server_error")),
    "502": Case(struck("bad_gateway", 3)),
    "503": Case(struck("unavailable", 3)),
    "503 for ever": lasting("unavailable", "503"),
    "504": Case(struck("gateway_timeout", 3)),
    "504 for ever": lasting("gateway_timeout", "504"),
    "maintenance for a while": Case(struck("maintenance", 12)),
    "maintenance for ever": lasting("maintenance", "503|maintenance"),
    "reset before the answer": Case(struck("reset", 3)),
    "reset in the body": Case(struck("reset_in_body", 3)),
    "reset for ever": lasting("reset", "cannot be reached|broke off"),
    "truncated chunks": Case(struck("truncated", 3)),
    "truncated chunks for ever": lasting("truncated", "broke off"),
    "invalid JSON": Case(struck("invalid_json", 3)),
    "invalid JSON for ever": lasting("invalid_json", "broken JSON"),
    "a firewall's page": Case(struck("firewall", 3)),
    "a firewall's page for ever": lasting("firewall", "firewall"),
    "time-out": Case(struck("timeout", 2, seconds=2), timeout=0.15),
    "time-out for ever": Case(
        struck("timeout", None, seconds=2), config={"retry_timeout": 3}, timeout=0.1, error="did not respond in time"
    ),
    "token expired": Case(struck("token_expired")),
    "token expired twice": Case((*struck("token_expired"), Fault("token_expired", entity="orders", skip=6))),
    "page size cap": Case(options=ServerOptions(max_page_size=2)),
    "out of memory above 2 rows": Case(options=ServerOptions(memory_rows=2)),
    "out of memory once": Case(struck("memory")),
    "two 401s in a row": Case(struck("unauthorized", 2)),
    "400 once": Case(struck("bad_request")),
    "408 once": Case(struck("request_timeout")),
    "count too small": Case(struck("total_count_low", None)),
    "count of the page": Case(struck("total_count_page", None)),
    "count too large": Case(struck("total_count_high", None)),
    "count that varies": Case(struck("total_count_varying", None)),
    "count as text": Case(struck("total_count_text", None)),
    "count missing": Case(struck("total_count_missing", None)),
    "list with gaps": Case(struck("items_object", None)),
    "times in another format": Case(struck("time_format", None)),
    "notices of PHP": Case(struck("php_notice", None)),
    "another charset": Case(struck("latin1", None)),
    "translated messages": Case(
        (*struck("translated", None), *struck("token_expired"), *struck("too_many_requests", 3))
    ),
    "translated page size cap": Case(struck("translated", None), ServerOptions(max_page_size=2)),
    "drip once": Case(struck("drip", seconds=1), timeout=0.15),
    "drip for ever": Case(
        struck("drip", None, seconds=1), config={"retry_timeout": 3}, timeout=0.1, error="did not respond in time"
    ),
    "dripping headers": Case(struck("drip_headers", seconds=1), timeout=0.15),
    "endless body": Case(
        struck("endless", None),
        config={"max_response_bytes": 2**20, "retry_timeout": 10},
        error="max_response_bytes",
    ),
    "gzip bomb": Case(
        struck("gzip_bomb", None),
        config={"max_response_bytes": 2**20, "retry_timeout": 10},
        error="max_response_bytes",
    ),
    "Retry-After 600 s": lasting("too_many_requests", "429", retry_after="600"),
    "Retry-After a year": Case(struck("too_many_requests", 3, retry_after="31536000")),
    "clock 3 h ahead": Case(clock=lambda: NOW + timedelta(hours=3)),
    "clock 3 h behind": Case(clock=lambda: NOW - timedelta(hours=3)),
}

in_both_orders = pytest.mark.parametrize("order", ["key order", "time order"])
by_workers = pytest.mark.parametrize("workers", [1, 4])


@dataclass
class Trial:
    """A shop, its server, and the tables read from it so far."""

    server: Server
    clock: Clock
    config: dict[str, Any]
    tables: Tables

    @property
    def shop(self) -> Shop:
        return self.server.shop

    def read_on(self, *, events: Events | None = None, timeout: float | None = None) -> list[str]:
        """Run the tap once; give the texts of the errors that ended it: none or one."""
        done = run(self.config, self.tables, events, timeout)
        came = self.tables.load(done.lines)
        doubled = [row for row, times in came.items() if times > 1]
        assert not doubled or events
        return [] if done.error is None else [str(done.error)]

    def read_quietly(self) -> None:
        """Take the faults away and run once more."""
        self.server.faults.clear()
        self.clock.tick(3600)
        assert self.read_on() == []


def by_conditions(server: Server, *conditions: str) -> list[Request]:
    """Find the requests for orders with just these conditions: a row by its key has one, by key and time two."""
    pattern = re.compile(r"conditionType\]=(\w+)")
    orders = [request for request in server.requests if request.entity == "orders"]
    return [request for request in orders if tuple(pattern.findall(unquote(request.query))) == conditions]


@contextmanager
def full_table() -> Iterator[None]:
    """Read all lists completely, as a catalog may say."""
    with mock.patch.object(ListStream, "is_incremental", new=False):
        yield


@contextmanager
def trial(order: Order, workers: int, case: Case = Case()) -> Iterator[Trial]:
    """Prepare a first complete read, or a big increment."""
    image = image_of(order, case.clock())
    clock = Clock(image.moment)
    shop = Shop.empty(clock)
    for name, rows in image.rows.items():
        shop.put_all(name, rows)
    loaded = {name: dict(rows) for name, rows in image.read.rows.items()}
    tables = Tables(STREAMS, defaultdict(dict, loaded), image.read.state)
    with serve(shop, options=case.options) as server:
        server.faults.add(*case.faults)
        yield Trial(server, clock, settings(server, max_concurrency=workers, **case.config), tables)


@dataclass(frozen=True)
class Image:
    """A shop at a moment, and what has been read of it before."""

    moment: datetime
    rows: Mapping[str, Sequence[dict[str, Any]]]
    read: Tables


@cache
def image_of(order: Order, moment: datetime) -> Image:
    """Make a shop that has not been read yet, or one that has changed much since."""
    clock, tables = Clock(moment), Tables(STREAMS)
    shop = shop_of(orders=30, seed=5, clock=clock)
    if order == "time order":
        with serve(shop) as server:
            done = run(settings(server), tables)
        assert done.error is None
        tables.load(done.lines)
        change(shop, clock)
    rows = {name: shop.rows(name) for name in STREAMS}
    return Image(clock(), {**rows, "orders": [of_one_item(order) for order in rows["orders"]]}, tables)


def of_one_item(order: dict[str, Any]) -> dict[str, Any]:
    """Leave an order one item: it is read in a fraction of the time."""
    extension = order["extension_attributes"]
    shipped = [{**each, "items": each["items"][:1]} for each in extension["shipping_assignments"]]
    return {
        **order,
        "items": order["items"][:1],
        "extension_attributes": {**extension, "shipping_assignments": shipped},
    }


def change(shop: Shop, clock: Clock) -> None:
    """Touch all orders and products: half of them in one second, the others over an hour."""
    for name in STREAMS:
        rows = shop.rows(name)
        for row in rows[::2]:
            shop.put(name, {**row, "updated_at": shop.now()})
        for row in rows[1::2]:
            clock.tick(60)
            shop.put(name, {**row, "updated_at": shop.now()})
    clock.tick(60)
    shop.live(seed=2)
    clock.tick(600)


@by_workers
@in_both_orders
@pytest.mark.parametrize("name", CASES)
def test_a_fault_costs_no_row(name: str, order: Order, workers: int) -> None:
    case = CASES[name]
    with trial(order, workers, case) as tried:
        errors = tried.read_on(timeout=case.timeout)
        assert not any(fault.times for fault in tried.server.faults._faults), "not all have struck"
        if case.error is None:
            assert errors == []
            assert tried.tables.problems(tried.shop) == []
        else:
            assert_clear(errors, case.error)
        if errors or tried.tables.state != state_without_faults(order, workers, case.clock()):
            tried.read_quietly()
            assert tried.tables.problems(tried.shop) == []


@cache
def state_without_faults(order: Order, workers: int, moment: datetime) -> dict[str, Any]:
    """Give the state after an undisturbed run, from which the next run was seen to go on."""
    with trial(order, workers, Case(clock=lambda: moment)) as tried:
        assert tried.read_on() == []
        state = tried.tables.state
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []
    return state


def assert_clear(errors: Sequence[str], words: str) -> None:
    """A person sees one line, and finds in it what has happened."""
    (error,) = errors
    assert "\n" not in error
    assert any(word in error for word in words.split("|")), error


@by_workers
@in_both_orders
def test_a_row_the_shop_fails_on_is_quarantined_and_read_when_it_has_been_repaired(order: Order, workers: int) -> None:
    with trial(order, workers, Case([Fault("bad_row", entity="orders", key=20, times=None)])) as tried:
        before = tried.tables.rows["orders"].get(20)
        assert tried.read_on() == []
        assert tried.tables.rows["orders"].get(20) == before
        assert tried.tables.state["bookmarks"]["orders"]["quarantined"] == [20]
        assert [problem.split(":")[0] for problem in tried.tables.problems(tried.shop)] == ["orders 20"]
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []
        assert tried.tables.state["bookmarks"]["orders"]["quarantined"] == []


@by_workers
@in_both_orders
@pytest.mark.parametrize("language", ["English", "translated"])
@pytest.mark.parametrize("kind", ["not_found", "bad_request", "bad_gateway", "gateway_timeout", "empty"])
def test_a_row_that_fails_steadily_costs_no_other(kind: AnyKind, language: str, order: Order, workers: int) -> None:
    faults = [Fault(kind, entity="orders", key=20, times=None)]
    faults += struck("translated", None) if language == "translated" else ()
    with trial(order, workers, Case(faults)) as tried:
        assert tried.read_on() == []
        assert tried.tables.state["bookmarks"]["orders"]["quarantined"] == [20]
        assert [problem.split(":")[0] for problem in tried.tables.problems(tried.shop)] == ["orders 20"]
        tried.server.clear()
        assert tried.read_on() == []
        assert len(by_conditions(tried.server, "eq")) == 1
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@by_workers
@in_both_orders
def test_rows_hidden_after_they_were_counted_cost_no_other(
    order: Order, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    with trial(order, workers, Case(struck("hidden_rows", None))) as tried:
        done = run(tried.config, tried.tables)
        assert done.error is None
        tried.tables.load(done.lines)
        missing = {int(problem.split(":")[0].split()[1]) for problem in tried.tables.problems(tried.shop)}
    assert all(key % 3 == 0 for key in missing)
    assert sum("counts and its rows disagree" in message for message in caplog.messages) == 1


@by_workers
@pytest.mark.parametrize("hours", [2, 1, -5])
def test_times_in_another_zone_are_refused(hours: int, workers: int) -> None:
    with trial("time order", workers, Case([Fault("time_zone", entity="orders", times=None, amount=hours)])) as tried:
        state = tried.tables.state["bookmarks"]["orders"]["replication_key_value"]
        assert_clear(tried.read_on(), "another zone")
        assert tried.tables.state["bookmarks"]["orders"]["replication_key_value"] == state
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@by_workers
def test_the_zone_costs_one_request_a_read(workers: int) -> None:
    with trial("time order", workers) as tried:
        tried.server.clear()
        assert tried.read_on() == []
        assert len(by_conditions(tried.server, "eq", "eq")) == 1


@in_both_orders
@pytest.mark.parametrize("hours", [-1, 1])
def test_what_begins_in_the_future_is_warned_of_once(
    hours: int, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    with trial(order, 1) as tried:
        tried.config["start_date"] = (tried.clock() + timedelta(hours=hours)).isoformat()
        assert tried.read_on() == []
    warned = [message for message in caplog.messages if "the shop's time is" in message]
    assert len(warned) == (len(STREAMS) if hours > 0 else 0)
    assert all("`start_date`" in message for message in warned)


def test_full_table_leaves_out_what_changed_before_start_date() -> None:
    with trial("time order", 1) as tried:
        tried.config["start_date"] = "2026-11-21T12:10:00+00:00"
        with full_table():
            done = run(tried.config, Tables(STREAMS))
        assert done.error is None
        read = Tables(STREAMS)
        read.load(done.lines)
        newer = {row["entity_id"] for row in tried.shop.rows("orders") if row["updated_at"] >= "2026-11-21 12:10:00"}
        assert 0 < len(newer) < len(tried.shop.rows("orders"))
        assert read.rows["orders"].keys() == newer


@by_workers
@in_both_orders
def test_a_row_the_shop_fails_on_ends_the_run_where_that_is_wanted(order: Order, workers: int) -> None:
    bad = Fault("bad_row", entity="orders", key=20, times=None)
    with trial(order, workers, Case([bad], config={"on_bad_row": "fail"})) as tried:
        assert_clear(tried.read_on(), "row 20")
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@by_workers
@in_both_orders
@pytest.mark.parametrize("same_path", [True, False])
def test_credentials_do_not_follow_a_redirect(order: Order, workers: int, *, same_path: bool) -> None:
    with trial(order, workers) as tried, serve(Shop.empty()) as other:
        location = f"{other.url}/rest/all/V1/orders" if same_path else f"{other.url}/login"
        tried.server.faults.add(*struck("redirect", None, location=location))
        assert_clear(tried.read_on(), other.url)
        assert other.requests == []
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@by_workers
@in_both_orders
def test_a_token_that_cannot_be_renewed_ends_the_run(order: Order, workers: int) -> None:
    with trial(order, workers) as tried:
        del tried.config["username"], tried.config["password"]
        tried.config["access_token"] = tried.shop.accounts.issue("admin", timedelta(minutes=10))
        assert_clear(tried.read_on(events={7: lambda _: tried.clock.tick(1200)}), "token has expired")
        tried.config["access_token"] = tried.shop.token()
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@by_workers
@in_both_orders
def test_a_token_that_is_taken_away_ends_the_run(order: Order, workers: int) -> None:
    with trial(order, workers) as tried:
        del tried.config["username"], tried.config["password"]
        tried.config["access_token"] = tried.shop.token()
        tried.server.faults.add(*struck("token_expired"))
        assert_clear(tried.read_on(), "token")
        tried.config["access_token"] = tried.shop.token()
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@by_workers
@in_both_orders
def test_rows_that_change_while_they_are_read_are_read_in_their_last_version(order: Order, workers: int) -> None:
    with trial(order, workers) as tried:
        chance = random.Random(f"{order} {workers}")

        def change_some(_: TapMagento) -> None:
            tried.clock.tick(7)
            for name in STREAMS:
                for row in chance.sample(tried.shop.rows(name), 5):
                    tried.shop.put(name, {**row, "updated_at": tried.shop.now(), CHANGED[name]: chance.random()})

        assert tried.read_on(events=dict.fromkeys(range(10, 90, 5), change_some)) == []
        tried.read_quietly()
        assert tried.tables.problems(tried.shop) == []


@in_both_orders
def test_the_shop_is_given_the_time_it_asks_for(order: Order) -> None:
    with trial(order, 1, CASES["429, Retry-After in seconds"]) as tried:
        done = run(tried.config, tried.tables)
    assert done.error is None
    assert [round(wait) for wait in done.waits] == [42] * 3
