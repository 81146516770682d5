from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise
from threading import Condition, Event, Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from tap_magento.http.throttle import Throttle, WaitCancelledError
from tests.support.clock import FakeClock


class HeldBackError(Exception):
    """A request may only be sent when another has come back."""


class Alone(FakeClock):
    """The clock of one thread, for which no other will ever make room."""

    @override
    def condition(self) -> Condition:
        condition = super().condition()
        wait = condition.wait

        def wait_alone(timeout: float | None = None) -> bool:
            if timeout is None:
                raise HeldBackError
            return wait(timeout)

        condition.wait = wait_alone  # type: ignore[method-assign]
        return condition


def throttle_of(max_concurrency: int, requests_per_minute: int | None = None) -> tuple[Throttle, FakeClock]:
    clock = Alone()
    return Throttle(max_concurrency, requests_per_minute, clock.monotonic, clock.condition()), clock


def in_flight_at_most(throttle: Throttle) -> int:
    """Send requests until one is held back."""
    sent = 0
    with ExitStack() as stack, suppress(HeldBackError):
        while True:
            stack.enter_context(throttle.acquire())
            sent += 1
    return sent


@pytest.mark.parametrize("max_concurrency", [1, 4, 8])
def test_as_many_requests_are_in_flight_as_allowed(max_concurrency: int) -> None:
    throttle, _ = throttle_of(max_concurrency)
    assert in_flight_at_most(throttle) == max_concurrency
    assert in_flight_at_most(throttle) == max_concurrency, "all came back"


def test_a_request_that_fails_is_no_longer_in_flight() -> None:
    throttle, _ = throttle_of(1)
    with pytest.raises(ConnectionError), throttle.acquire():
        raise ConnectionError
    assert in_flight_at_most(throttle) == 1


def test_requests_that_were_in_flight_together_tell_of_one_overload() -> None:
    throttle, clock = throttle_of(8)
    sent = []
    with ExitStack() as stack:
        for _ in range(8):
            sent.append(stack.enter_context(throttle.acquire()))
            clock.now += 1
        for moment in sent:
            clock.now += 1
            throttle.on_overload(moment)
            assert throttle.allowed == 4
    with throttle.acquire() as moment:
        clock.now += 1
        throttle.on_overload(moment)
    assert throttle.allowed == 2
    assert in_flight_at_most(throttle) == 2


def test_one_request_is_always_allowed() -> None:
    throttle, clock = throttle_of(3)
    for _ in range(5):
        with throttle.acquire() as sent:
            clock.now += 1
            throttle.on_overload(sent)
    assert throttle.allowed == 1
    assert in_flight_at_most(throttle) == 1


def test_recovery_is_slow_and_ends_at_what_the_settings_allow() -> None:
    throttle, clock = throttle_of(4)
    for _ in range(2):
        clock.now += 1
        with throttle.acquire() as sent:
            throttle.on_overload(sent)
    seen = []
    for _ in range(100):
        throttle.on_success()
        seen.append(throttle.allowed)
    assert seen == [1] * 19 + [2] * 20 + [3] * 20 + [4] * 41


def test_an_overload_begins_the_count_of_good_responses_anew() -> None:
    throttle, clock = throttle_of(2)
    throttle.on_overload(clock.now)
    for _ in range(19):
        throttle.on_success()
    throttle.on_overload(clock.now)
    throttle.on_success()
    assert throttle.allowed == 1


def test_everything_is_held_back_as_long_as_the_shop_asks() -> None:
    throttle, clock = throttle_of(4)
    with throttle.acquire() as sent:
        clock.now += 2
        throttle.on_overload(sent, retry_after=30.0)
    with throttle.acquire() as next_sent:
        assert next_sent == sent + 32
    with throttle.acquire() as at_once:
        assert at_once == next_sent


def test_a_shorter_wait_does_not_shorten_a_longer_one() -> None:
    throttle, clock = throttle_of(4)
    throttle.on_overload(clock.now, retry_after=30.0)
    throttle.on_overload(clock.now, retry_after=5.0)
    throttle.on_overload(clock.now)
    with throttle.acquire() as sent:
        assert sent == 1_030


@given(limit=st.integers(1, 10), pauses=st.lists(st.floats(0, 40), max_size=80))
def test_no_minute_has_more_requests_than_the_settings_allow(limit: int, pauses: list[float]) -> None:
    throttle, clock = throttle_of(4, limit)
    sent = []
    for pause in pauses:
        clock.now += pause
        with throttle.acquire() as moment:
            sent.append(moment)
    assert all(later - earlier >= 59.999 for earlier, later in zip(sent, sent[limit:], strict=False))


def test_a_minute_that_ends_between_two_ticks_of_the_clock_is_a_whole_one() -> None:
    throttle, clock = throttle_of(4, 1)
    clock.now += 1.9852461400642865
    sent = []
    for _ in range(3):
        with throttle.acquire() as moment:
            sent.append(moment)
    assert [round(later - earlier) for earlier, later in pairwise(sent)] == [60, 60]


def test_the_first_requests_of_a_minute_are_not_held_back() -> None:
    throttle, clock = throttle_of(4, 3)
    for _ in range(3):
        with throttle.acquire() as sent:
            assert sent == 1_000
    clock.now += 10
    with throttle.acquire() as sent:
        assert sent == 1_060


@given(
    max_concurrency=st.integers(1, 12),
    events=st.lists(st.tuples(st.booleans(), st.floats(0, 5), st.floats(0, 100)), max_size=200),
)
def test_what_is_allowed_stays_between_one_and_the_settings(
    max_concurrency: int, events: list[tuple[bool, float, float]]
) -> None:
    throttle, clock = throttle_of(max_concurrency)
    for good, pause, retry_after in events:
        with throttle.acquire() as sent:
            clock.now += pause
            if good:
                throttle.on_success()
            else:
                throttle.on_overload(sent, retry_after)
        assert 1 <= throttle.allowed <= max_concurrency


def test_threads_keep_to_the_limit() -> None:
    throttle, lock = Throttle(3), Lock()
    in_flight = most = 0

    def request() -> None:
        nonlocal in_flight, most
        with throttle.acquire():
            with lock:
                in_flight += 1
                most = max(most, in_flight)
            with lock:
                in_flight -= 1
        throttle.on_success()

    with ThreadPoolExecutor(12) as threads:
        for done in [threads.submit(request) for _ in range(300)]:
            done.result()
    assert most <= 3
    assert in_flight == 0


def test_threads_keep_to_the_rate() -> None:
    clock, lock = FakeClock(), Lock()
    throttle = Throttle(4, 5, clock.monotonic, clock.condition())
    sent: list[float] = []

    def request() -> None:
        with throttle.acquire() as moment, lock:
            sent.append(moment)

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(request) for _ in range(60)]:
            done.result()
    sent.sort()
    assert all(later - earlier >= 59.999 for earlier, later in zip(sent, sent[5:], strict=False))


def test_a_pause_ends_when_its_time_has_passed() -> None:
    throttle, clock = throttle_of(1)
    throttle.pause(7.5)
    assert clock.now == 1_007.5
    throttle.pause(0)
    assert clock.waits == [7.5]


def test_a_cancelled_request_is_not_sent() -> None:
    throttle, _ = throttle_of(1)
    cancelled = Event()
    cancelled.set()
    with pytest.raises(WaitCancelledError), throttle.acquire(cancelled):
        pytest.fail("it was sent")
    with pytest.raises(WaitCancelledError):
        throttle.pause(5, cancelled)
    assert in_flight_at_most(throttle) == 1, "it is not counted as in flight"


class Signalling(Condition):
    """Tells when a thread waits; the time never passes."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = Event()

    @override
    def wait(self, timeout: float | None = None) -> bool:
        self.waiting.set()
        return super().wait()


@pytest.mark.parametrize("what", ["acquire", "pause"])
def test_cancelling_wakes_what_waits(what: str) -> None:
    changed, cancelled = Signalling(), Event()
    throttle = Throttle(1, None, lambda: 0.0, changed)
    ended: list[str] = []

    def wait() -> None:
        try:
            if what == "pause":
                throttle.pause(3_600, cancelled)
            else:
                with throttle.acquire(cancelled):
                    pass
        except WaitCancelledError:
            ended.append(what)

    with throttle.acquire():
        thread = Thread(target=wait, daemon=True)
        thread.start()
        assert changed.waiting.wait(60)
        cancelled.set()
        throttle.wake()
        thread.join(60)
    assert ended == [what]
