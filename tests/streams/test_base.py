from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tap_magento.http.errors import MagentoError, ShopUnavailableError, UnverifiedHostError
from tap_magento.reading.search import Filter, SearchCriteria
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.schema.discovery import Discovery
from tap_magento.streams.orders import Orders
from tap_magento.tap import TapMagento
from tests.support.live_shop import LiveShop, Messages, one_stream_tap

CONFIG = {"store_url": "https://shop.example.com", "access_token": "made-up", "schema_source": "bundled"}

Send = Callable[[requests.PreparedRequest], requests.Response]


def answering(body: str = '{"items": [], "total_count": 0}', status: int = 200) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode()
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.url = "https://shop.example.com/rest/all/V1/orders"
    return response


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[requests.PreparedRequest, dict[str, Any]]]:
    """What was sent; each gets an empty list."""
    seen: list[tuple[requests.PreparedRequest, dict[str, Any]]] = []

    def send(_: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        seen.append((request, how))
        response = answering()
        response.request = request
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    return seen


def orders(**config: Any) -> Orders:
    tap = TapMagento(config=CONFIG | config)
    return Orders(tap, tap.connection, Discovery(tap.connection, live=False))


def answer_with(monkeypatch: pytest.MonkeyPatch, *answers: requests.Response | Exception) -> None:
    """Give answers one after the other; nobody waits in between."""
    following = iter(answers)

    def send(*_: Any, **__: Any) -> requests.Response:
        answer = next(following)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(requests.Session, "send", send)
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_a_request_is_spelled_as_magento_reads_it(
    sent: list[tuple[requests.PreparedRequest, dict[str, Any]]],
) -> None:
    stream = orders(store_code="german", request_timeout=77)
    stream.ask(SearchCriteria(groups=((Filter("updated_at", "gteq", "2026-11-21 12:00:00"),),), page_size=5))
    ((request, how),) = sent
    assert request.url is not None
    assert request.url.startswith("https://shop.example.com/rest/german/V1/orders?searchCriteria")
    assert "2026-11-21%2012%3A00%3A00" in request.url
    assert "+" not in request.url
    assert request.headers["Authorization"] == "Bearer made-up"
    assert how["timeout"] == 77
    assert how["allow_redirects"] is False, "credentials must not follow a redirect"


def test_the_shop_is_known_once_it_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = orders()
    answer_with(monkeypatch, requests.ConnectionError("refused"), answering())
    with pytest.raises(UnverifiedHostError):
        stream.ask(SearchCriteria())
    assert not stream.connection.is_known
    stream.ask(SearchCriteria())
    assert stream.connection.is_known


def test_what_waiting_may_mend_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stream = orders()
    answer_with(monkeypatch, requests.ConnectionError("reset"), answering(status=503, body="{}"), answering())
    assert stream.retrying(stream.ask)(SearchCriteria()).status_code == 200
    again = [record.getMessage() for record in caplog.records if "asking again in" in record.getMessage()]
    assert len(again) == 2
    assert not any("made-up" in line for line in again)


def test_what_a_person_must_mend_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = orders()
    answer_with(monkeypatch, answering(status=400, body='{"message": "no"}'))
    with pytest.raises(MagentoError):
        stream.retrying(stream.ask)(SearchCriteria())


def test_an_outage_that_outlasts_patience_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = orders(retry_timeout=0)
    answer_with(monkeypatch, answering(status=503, body="{}"))
    with pytest.raises(ShopUnavailableError):
        stream.retrying(stream.ask)(SearchCriteria())


@pytest.mark.parametrize("request_number", [1, 2, 5])
def test_a_run_that_is_told_to_end_writes_its_state(monkeypatch: pytest.MonkeyPatch, request_number: int) -> None:
    shop = LiveShop(Orders, "increment_id", dict.fromkeys(range(1, 101), "2026-03-15 03:00:00"))
    messages = Messages()
    tap = one_stream_tap(shop, {"page_size": 10, "max_concurrency": 1}, message_writer=messages)
    answer = shop.answer

    def interrupted(criteria: SearchCriteria) -> requests.Response:
        if shop.asked + 1 == request_number:
            tap._handle_termination(signal.SIGTERM, None)
        return answer(criteria)

    monkeypatch.setattr(shop, "answer", interrupted)
    with pytest.raises(ShutdownError) as raised:
        tap.sync_all()
    assert raised.value.code == 128 + signal.SIGTERM
    assert messages.lines[-1]["type"] == "STATE"
    state = messages.lines[-1]["value"]["bookmarks"]["orders"]
    assert shop.asked == request_number - 1, "it asked on"
    written = [line["record"]["entity_id"] for line in messages.lines if line["type"] == "RECORD"]
    assert written == list(range(1, 10 * (request_number - 1) + 1))
    assert state.get("backfill", {}).get("after") == (written[-1] if written else None)


def test_a_run_can_be_told_to_end_while_it_only_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = LiveShop(Orders, "increment_id", dict.fromkeys(range(1, 9), "2026-03-15 03:00:00"))
    tap = one_stream_tap(shop, {"start_date": "2026-11-01"}, message_writer=Messages())

    def interrupted(_: SearchCriteria) -> requests.Response:
        tap._handle_termination(signal.SIGTERM, None)
        pytest.fail("it asked on")

    monkeypatch.setattr(shop, "answer", interrupted)
    with pytest.raises(ShutdownError):
        tap.sync_all()


def test_a_right_that_is_taken_away_in_the_middle_is_no_reason_to_leave_the_stream_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [{"entity_id": key, "updated_at": "2026-11-01 00:00:00"} for key in (1, 2)]
    first = answering(json.dumps({"items": rows, "total_count": 4}))
    message = "The consumer isn't authorized to access %resources."
    resources = {"resources": "Magento_Sales::actions_view"}
    unauthorized_error = answering(json.dumps({"message": message, "parameters": resources}), 401)
    answer_with(monkeypatch, first, unauthorized_error)
    stream = orders(on_missing_access="skip", max_concurrency=1, page_size=2)
    with pytest.raises(MagentoError, match="It could be read until now"):
        list(stream.get_records(None))
