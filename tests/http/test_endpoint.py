"""One list endpoint, against a shop of which each test says what it does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from threading import Event, Thread
from typing import Any

import pytest

from tap_magento.exceptions import MagentoError, MissingAccessError, RequestTooLongError, ShopUnavailableError
from tap_magento.http.endpoint import ListEndpoint, ListRequest
from tap_magento.http.retry import RetryPolicy
from tap_magento.http.throttle import WaitCancelledError
from tap_magento.reading.page_size import PageSize
from tap_magento.reading.search import PAST_THE_END, Filter, SearchCriteria
from tap_magento.reading.types import Cursor, ListSpec, UnreadableRowsError
from tests.support.clients import Query, ScriptedShop
from tests.support.clock import FakeClock

SPEC = ListSpec("entity_id", "entity_id", "updated_at")
FIELDS = "items[entity_id,updated_at,status],total_count"
TIME = "2026-11-21 11:00:00"
INTERNAL = (500, {"message": "Internal Error. Details are available in Magento log file. Report ID: webapi-1"})
NOT_FOUND = (404, {"message": "Requested entity doesn't exist"})
REJECTED = (400, {"message": "Etwas ging schief"})
GATEWAY = (504, {"message": "Gateway Time-out"})
OVERLOADED = (503, {"message": "Service Temporarily Unavailable"})
FORBIDDEN = (
    401,
    {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": "Magento_Sales::actions_view"},
    },
)


@dataclass
class Orders:
    """A shop's list of orders.

    Attributes:
        keys: The orders' ids.
        instead: Gives what is responded in place of a page, given its keys and the query; None for the page.
    """

    keys: list[int] = field(default_factory=lambda: list(range(1, 41)))
    instead: Callable[[list[int], Query], tuple[int, Any] | None] = lambda *_: None

    def __call__(self, path: str, query: Query) -> tuple[int, Any]:
        assert path == "/rest/all/V1/orders"
        after = int(query.get("searchCriteria[filterGroups][0][filters][0][value]", 0))
        keys = [key for key in self.keys if key > after]
        size, page = int(query["searchCriteria[pageSize]"]), int(query["searchCriteria[currentPage]"])
        shown = keys[(page - 1) * size : page * size]
        rows = [{"entity_id": key, "updated_at": TIME, "status": "new"} for key in shown]
        return self.instead(shown, query) or (200, {"items": rows, "total_count": len(keys)})


def failing(keys: set[int], response: tuple[int, Any], times: float = float("inf")) -> Callable[..., Any]:
    """Fail on pages that have certain rows."""
    left = times

    def instead(shown: list[int], _: Query) -> tuple[int, Any] | None:
        nonlocal left
        if keys.isdisjoint(shown) or left <= 0:
            return None
        left -= 1
        return response

    return instead


def endpoint_of(
    shop: ScriptedShop, clock: FakeClock | None = None, fields: str | None = FIELDS, **how: Any
) -> ListEndpoint:
    client = shop.client(clock, retry_timeout=300)
    return ListEndpoint(client, ListRequest("/V1/orders", "orders", SPEC, fields), PageSize(20), **how)


def after(key: int) -> SearchCriteria:
    return SearchCriteria(((Filter("entity_id", "gt", key),),), ("entity_id",))


def sizes(shop: ScriptedShop) -> list[int]:
    """The page sizes requested, counts left out."""
    return [
        int(query["searchCriteria[pageSize]"])
        for query in shop.queries
        if query["searchCriteria[currentPage]"] != str(PAST_THE_END)
    ]


# Pages


def test_a_page_has_the_rows_their_places_and_the_count() -> None:
    shop = ScriptedShop(Orders())
    endpoint = endpoint_of(shop)
    assert not endpoint.is_read
    page = endpoint.fetch(after(30))
    assert page.cursors == [Cursor(TIME, key) for key in range(31, 41)]
    assert [row["entity_id"] for row in page.rows] == list(range(31, 41))
    assert (page.total_count, page.page_size, len(page)) == (10, 20, 10)
    assert shop.queries[0]["fields"] == FIELDS
    assert endpoint.is_read


def test_no_more_rows_are_requested_than_are_wanted() -> None:
    shop = ScriptedShop(Orders())
    endpoint_of(shop).fetch(after(0).limited(7))
    endpoint_of(shop).fetch(after(0).limited(1_000))
    assert sizes(shop) == [7, 20]


def test_the_reading_began_before_the_first_response() -> None:
    endpoint = endpoint_of(ScriptedShop(Orders()))
    with pytest.raises(RuntimeError):
        endpoint.started  # noqa: B018  it raises
    endpoint.fetch(after(0))
    assert endpoint.started < datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


# Page size


def test_a_page_that_did_not_come_is_halved() -> None:
    shop, clock = ScriptedShop(Orders(instead=failing({15}, GATEWAY))), FakeClock()
    endpoint = endpoint_of(shop, clock)
    assert len(endpoint.fetch(after(0))) == 10
    assert sizes(shop) == [20, 10]
    assert 10 <= endpoint.page_size.rows < 20
    assert clock.waits == [1]


def test_a_page_that_magento_failed_on_is_halved_too() -> None:
    shop = ScriptedShop(Orders(instead=lambda shown, _: INTERNAL if len(shown) > 10 else None))
    endpoint = endpoint_of(shop)
    with pytest.raises(UnreadableRowsError):
        endpoint.fetch(after(0))
    assert endpoint.page_size.rows == 10


def test_the_largest_page_that_the_shop_serves_is_kept_to() -> None:
    refusal = (400, {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 5}})
    shop = ScriptedShop(
        Orders(instead=lambda _, query: refusal if int(query["searchCriteria[pageSize]"]) > 5 else None)
    )
    clock = FakeClock()
    endpoint = endpoint_of(shop, clock)
    assert len(endpoint.fetch(after(0))) == 5
    endpoint.fetch(after(5))
    assert sizes(shop) == [20, 5, 5]
    assert clock.waits == []
    assert endpoint.page_size.maximum == 5


def test_slow_pages_become_smaller_and_quick_ones_larger() -> None:
    clock, seconds_per_row = FakeClock(), 1.0

    def take(shown: list[int], _: Query) -> None:
        clock.now += seconds_per_row * len(shown)

    shop = ScriptedShop(Orders(instead=take))
    endpoint = endpoint_of(shop, clock)
    endpoint.fetch(after(0))
    endpoint.fetch(after(0))
    seconds_per_row = 0.1
    endpoint.fetch(after(0))
    endpoint.fetch(after(0))
    assert sizes(shop) == [20, 5, 5, 7]


# Rows that cannot be read


@pytest.mark.parametrize(
    ("response", "requests"), [(INTERNAL, 1), (NOT_FOUND, 1), (GATEWAY, 2), (REJECTED, 3), ((200, b""), 2)]
)
def test_rows_that_are_counted_but_do_not_come_are_unreadable(response: tuple[int, Any], requests: int) -> None:
    shop, clock = ScriptedShop(Orders(instead=failing({3}, response))), FakeClock()
    with pytest.raises(UnreadableRowsError) as told:
        endpoint_of(shop, clock).fetch(after(2).limited(1))
    assert str(told.value).startswith("orders: ")
    assert sizes(shop) == [1] * requests
    assert len(shop.sent) == requests + 1, "and one count"
    assert "fields" in shop.queries[-1]
    assert shop.queries[-1]["fields"] == "total_count"
    assert clock.waits == [1, 2][: requests - 1]


def test_rows_are_unreadable_only_if_the_shop_can_count_them() -> None:
    shop, clock = ScriptedShop(Orders(instead=lambda *_: GATEWAY)), FakeClock()
    with pytest.raises(ShopUnavailableError):
        endpoint_of(shop, clock).fetch(after(0))
    assert sum(clock.waits) > 200, "it is an outage, and waited for"


def test_a_failure_where_nothing_is_counted_is_none_of_a_row() -> None:
    shop = ScriptedShop(Orders(keys=[], instead=lambda _, query: INTERNAL if len(query["fields"]) > 20 else None))
    with pytest.raises(ShopUnavailableError, match="Magento failed"):
        endpoint_of(shop).fetch(after(0))


def test_an_outage_is_no_matter_of_rows() -> None:
    shop, clock = ScriptedShop(Orders(instead=failing({1}, OVERLOADED, times=6))), FakeClock()
    assert len(endpoint_of(shop, clock).fetch(after(0)))
    assert len(clock.waits) == 6
    assert all(query["fields"] == FIELDS for query in shop.queries), "nothing was counted"


def test_a_missing_permission_is_no_matter_of_rows() -> None:
    shop = ScriptedShop(Orders(instead=failing({3}, FORBIDDEN)))
    with pytest.raises(MissingAccessError):
        endpoint_of(shop).fetch(after(0))
    assert len(shop.sent) == 1


@pytest.mark.parametrize("response", [INTERNAL, NOT_FOUND, GATEWAY, REJECTED, (200, b"")])
def test_a_quarantined_row_costs_one_request(response: tuple[int, Any]) -> None:
    shop, clock = ScriptedShop(Orders(instead=failing({3}, response))), FakeClock()
    endpoint = endpoint_of(shop, clock)
    with pytest.raises(UnreadableRowsError):
        endpoint.fetch_quarantined(after(2).limited(1))
    assert len(shop.sent) == 1
    assert clock.waits == []
    assert endpoint.page_size.rows == 20, "one row says nothing of pages"


def test_a_quarantined_row_that_can_be_read_again() -> None:
    shop = ScriptedShop(Orders(instead=failing({3}, OVERLOADED, times=1)))
    assert endpoint_of(shop).fetch_quarantined(after(2).limited(1)).cursors == [Cursor(TIME, 3)]
    assert len(shop.sent) == 2, "an outage is waited for"


# Counts and ranks


def test_a_count_asks_for_the_count_alone() -> None:
    shop = ScriptedShop(Orders())
    endpoint = endpoint_of(shop)
    assert endpoint.count(after(30).counting()) == 10
    assert shop.queries[0]["fields"] == "total_count"
    assert shop.queries[0]["searchCriteria[pageSize]"] == "1"


def test_a_shop_that_does_not_count_is_none() -> None:
    shop = ScriptedShop(Orders(instead=lambda *_: (200, {"items": []})))
    assert endpoint_of(shop).count(after(0).counting()) is None


def test_a_row_is_located_by_its_rank_with_its_key_and_time_alone() -> None:
    shop = ScriptedShop(Orders())
    endpoint = endpoint_of(shop)
    assert endpoint.locate(after(10), 7) == Cursor(TIME, 17)
    assert shop.queries[0]["fields"] == "items[entity_id,updated_at],total_count"
    assert shop.queries[0]["searchCriteria[pageSize]"] == "1"
    assert endpoint.locate(after(30), 11) is None


@pytest.mark.parametrize("response", [INTERNAL, NOT_FOUND, GATEWAY, REJECTED, (200, b"")])
def test_a_row_that_does_not_come_cannot_be_located(response: tuple[int, Any]) -> None:
    shop, clock = ScriptedShop(Orders(instead=failing({17}, response))), FakeClock()
    with pytest.raises(UnreadableRowsError):
        endpoint_of(shop, clock).locate(after(10), 7)
    assert sum(clock.waits) <= 3


def test_a_row_that_is_hidden_after_it_was_counted_cannot_be_located() -> None:
    shop = ScriptedShop(Orders(instead=lambda *_: (200, {"items": [], "total_count": 40})))
    with pytest.raises(UnreadableRowsError, match="counted, but does not come"):
        endpoint_of(shop).locate(after(0), 7)


def test_an_outage_is_waited_for_when_a_row_is_located() -> None:
    shop = ScriptedShop(Orders(instead=failing({17}, OVERLOADED, times=3)))
    assert endpoint_of(shop).locate(after(10), 7) == Cursor(TIME, 17)


# The `fields` parameter


def too_long(_: list[int], query: Query) -> tuple[int, Any] | None:
    return (414, {"message": "Request-URI Too Large"}) if len(query.get("fields", "")) > len(FIELDS) - 1 else None


def test_a_request_that_is_too_long_is_sent_without_fields_from_then_on(caplog: pytest.LogCaptureFixture) -> None:
    shop, clock = ScriptedShop(Orders(instead=too_long)), FakeClock()
    endpoint = endpoint_of(shop, clock)
    assert len(endpoint.fetch(after(0))) == 20
    assert len(endpoint.fetch(after(20))) == 20
    assert ["fields" in query for query in shop.queries] == [True, False, False]
    assert clock.waits == []
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.startswith("orders: the request is longer than the web server takes (414)")
    assert line.endswith("Requesting whole rows instead of the selected fields")


def test_a_request_that_is_too_long_without_fields_is_told() -> None:
    shop = ScriptedShop(Orders(instead=lambda *_: (414, {"message": "Request-URI Too Large"})))
    with pytest.raises(RequestTooLongError):
        endpoint_of(shop, fields=None).fetch(after(0))
    assert len(shop.sent) == 1


def test_fields_that_the_shop_does_not_understand_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    shop = ScriptedShop(
        Orders(instead=lambda _, query: (200, {"items": None, "total_count": 40}) if "fields" in query else None)
    )
    endpoint = endpoint_of(shop)
    assert len(endpoint.fetch(after(0))) == 20
    assert len(endpoint.fetch(after(20))) == 20
    assert ["fields" in query for query in shop.queries] == [True, False, False]
    assert [record.getMessage() for record in caplog.records] == [
        "orders: the shop sends no rows when some fields are selected. Requesting whole rows"
    ]


def test_rows_that_are_hidden_are_no_reason_to_leave_out_the_fields(caplog: pytest.LogCaptureFixture) -> None:
    hidden = (200, {"items": [], "total_count": 40})
    shop = ScriptedShop(Orders(instead=lambda shown, _: hidden if 3 in shown else None))
    endpoint = endpoint_of(shop)
    assert len(endpoint.fetch(after(0))) == 0
    endpoint.fetch(after(20))
    assert ["fields" in query for query in shop.queries] == [True, False, True]
    assert not caplog.records


# Retries


def test_a_probe_is_not_retried() -> None:
    shop, clock = ScriptedShop(Orders(instead=lambda *_: OVERLOADED)), FakeClock()
    with pytest.raises(ShopUnavailableError):
        endpoint_of(shop, clock).probe(after(0).limited(1))
    assert len(shop.sent) == 1


def test_a_policy_of_its_own_bounds_pages_counts_and_ranks() -> None:
    clock = FakeClock()
    endpoint = endpoint_of(ScriptedShop(Orders(instead=lambda *_: OVERLOADED)), clock, policy=RetryPolicy(10))
    requests: list[Callable[[], object]] = [
        lambda: endpoint.fetch(after(0)),
        lambda: endpoint.count(after(0).counting()),
        lambda: endpoint.locate(after(0), 1),
    ]
    for request in requests:
        before = sum(clock.waits)
        with pytest.raises(ShopUnavailableError):
            request()
        assert sum(clock.waits) - before <= 10


def test_cancelling_ends_all_waits() -> None:
    shop = ScriptedShop(Orders(instead=lambda *_: OVERLOADED))
    endpoint, begun = endpoint_of(shop), Event()

    def cancel(*_: Any) -> tuple[int, Any]:
        begun.set()
        endpoint.cancel()
        return OVERLOADED

    shop.respond = Orders(instead=cancel)
    with pytest.raises(WaitCancelledError):
        endpoint.fetch(after(0))
    with pytest.raises(WaitCancelledError):
        endpoint.count(after(0).counting())
    assert len(shop.sent) == 1


def test_cancelling_wakes_a_request_that_waits_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ScriptedShop(Orders()).client(max_concurrency=1)
    endpoint = ListEndpoint(client, ListRequest("/V1/orders", "orders", SPEC), PageSize(20))
    changed, waiting, ended = client.throttle._changed, Event(), Event()
    wait = changed.wait

    def noting(timeout: float | None = None) -> bool:
        waiting.set()
        return wait(timeout)

    def count() -> None:
        with pytest.raises(WaitCancelledError):
            endpoint.count(after(0).counting())
        ended.set()

    monkeypatch.setattr(changed, "wait", noting)
    thread = Thread(target=count, daemon=True)
    with client.throttle.acquire():
        thread.start()
        assert waiting.wait(20)
        endpoint.cancel()
        assert ended.wait(20)
    thread.join()


def test_what_a_person_must_fix_is_not_retried() -> None:
    shop, clock = ScriptedShop(Orders(instead=lambda *_: (403, {"message": "Forbidden"}))), FakeClock()
    with pytest.raises(MagentoError):
        endpoint_of(shop, clock).fetch(after(0))
    assert len(shop.sent) == 1
    assert clock.waits == []
