"""`requests_per_minute` holds for a whole run, whatever it requests: counted where the requests arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sample_store import Fault, Server, Shop, serve
from sample_store.faults import Faults
from sample_store.wire import Call
from tap_magento.tap import TapMagento
from tests.support.clock import FakeClock
from tests.support.in_process import FakeClockTap, make_tap, settings
from tests.support.messages import Messages

LIMIT = 30


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with serve(Shop.generate(orders=60)) as server:
        yield server


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr(FakeClockTap, "clock", lambda: clock)
    return clock


@pytest.fixture
def arrivals(shop: Server, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[float, str]]]:
    """When each request reached the shop, and its path."""
    shop.clear()
    found: list[tuple[float, str]] = []
    before = Faults.before

    def noting(faults: Faults, call: Call, *more: Any) -> Any:
        found.append((clock.now, call.path))
        return before(faults, call, *more)

    monkeypatch.setattr(Faults, "before", noting)
    yield found
    shop.faults.clear()


def most_in_a_minute(arrivals: list[tuple[float, str]]) -> int:
    times = [time for time, _ in arrivals]
    return max(sum(1 for other in times[first:] if other < time + 59.999) for first, time in enumerate(times))


def tap_of(shop: Server, **more: Any) -> TapMagento:
    config = settings(shop, requests_per_minute=LIMIT, retry_timeout=900, max_concurrency=1, page_size=5, **more)
    return make_tap(config, message_writer=Messages())


def test_a_whole_run_keeps_to_the_rate(
    shop: Server, arrivals: list[tuple[float, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tokens are renewed, requests fail and are retried meanwhile.
    monkeypatch.setattr(shop.shop.accounts, "lifetime", timedelta(seconds=60))
    shop.faults.add(
        Fault("token_expired", path="V1/orders", skip=2),
        Fault("server_error", path="V1/orders", skip=4),
        Fault("unavailable", path="V1/invoices", times=2),
    )
    tap_of(shop, store_views=["deutsch"], option_labels=True).run()
    paths = [path for _, path in arrivals]
    for part in ("/admin/token", "/schema", "/products/attributes", "/store/storeViews", "/store/websites", "/orders"):
        assert any(path.endswith(part) for path in paths), part
    assert sum(path.endswith("/admin/token") for path in paths) > 3
    assert len(paths) > 3 * LIMIT
    assert most_in_a_minute(arrivals) == LIMIT


def test_a_test_of_the_streams_keeps_to_the_rate(shop: Server, arrivals: list[tuple[float, str]]) -> None:
    tap = tap_of(shop)
    for _ in range(4):
        tap.probe()
    assert len(arrivals) > LIMIT
    assert most_in_a_minute(arrivals) == LIMIT
