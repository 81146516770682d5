"""How a run ends that is told to."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tap_magento.reading.search import SearchCriteria
from tap_magento.runtime.shutdown import ShutdownError
from tap_magento.streams.orders import Orders
from tests.support.live_shop import LiveShop, one_stream_tap
from tests.support.messages import Messages


@pytest.mark.parametrize("request_number", [1, 2, 5])
def test_a_run_that_is_told_to_end_writes_its_state(monkeypatch: pytest.MonkeyPatch, request_number: int) -> None:
    shop = LiveShop(Orders, "increment_id", dict.fromkeys(range(1, 101), "2026-03-15 03:00:00"))
    messages = Messages()
    tap = one_stream_tap(shop, {"page_size": 10, "max_concurrency": 1}, message_writer=messages)
    answer = shop.answer

    def interrupted(criteria: SearchCriteria) -> Any:
        if shop.asked + 1 == request_number:
            tap._handle_termination(signal.SIGTERM, None)
        return answer(criteria)

    monkeypatch.setattr(shop, "answer", interrupted)
    with pytest.raises(ShutdownError) as raised:
        tap.run()
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

    def interrupted(_: SearchCriteria) -> Any:
        tap._handle_termination(signal.SIGTERM, None)
        pytest.fail("it asked on")

    monkeypatch.setattr(shop, "answer", interrupted)
    with pytest.raises(ShutdownError):
        tap.run()
